// Removing an entry: out of everybody's sight at once, gone after ten seconds, and until then to be had back.
import { attempt, complain, removeEntry, stateOfEntry, titleOf } from '../desk/desk.js';
import { byId, element, say } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

const secondsToUndo = 10;
const storageKey = 'leaving';
/** By identifier: what is being removed, and when. */
const leaving = new Map();
/** Reads everything anew; shows the list anew. */
let [reload, refresh] = [async () => {}, () => {}];

/** Whether the page is being left. */
let isPageGone = false;

const pathOf = (id) => `/api/submissions/${encodeURIComponent(id)}`;
const decide = (decision, id) => request('/api/moderation', { method: 'POST', body: { [decision]: [id] } });

/** Whether an entry is being removed. */
export const isLeaving = ({ id }) => leaving.has(id);

// MARK: What is shown

/** By identifier: the row that offers an entry back; it stays while others come and go, with the focus. */
const rows = new Map();

function rowOf(id, title) {
  const back = element('button', { type: 'button', class: 'undo', 'aria-label': text('entries.undo-one', { title }) }, text('entries.undo'));
  back.addEventListener('click', () => undo(id));
  return element('p', {}, element('span', { dir: 'auto' }, text('entries.leaving', { title })), ' ', back);
}

function show() {
  for (const [id, row] of rows) {
    if (leaving.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  for (const [id, { title }] of leaving) {
    if (rows.has(id)) continue;
    rows.set(id, rowOf(id, title));
    byId('leaving').append(rows.get(id));
  }
  byId('leaving').hidden = rows.size === 0;
  if (!byId('leaving').contains(document.activeElement)) goOn();
  keep();
  refresh();
}

// MARK: A reload

/** Keeps what is leaving for this tab: after a reload it goes on. */
function keep() {
  const kept = [...leaving].map(([id, { title, wasShown, isForced, at }]) => ({ id, title, wasShown, isForced, at }));
  try { sessionStorage.setItem(storageKey, JSON.stringify(kept)); } catch { /* Then what is hidden stays hidden. */ }
}

function kept() {
  try { return JSON.parse(sessionStorage.getItem(storageKey)) ?? []; } catch { return []; }
}

/** Goes on with what was leaving when the page was left. */
export function resumeRemovals() {
  for (const { id, ...found } of kept()) {
    if (!leaving.has(id)) start(id, found, Math.max(0, found.at - Date.now()));
  }
  show();
}

// MARK: Removing

function start(id, found, milliseconds = 1000 * secondsToUndo) {
  clearTimeout(found.timer);
  Object.assign(found, { isPaused: false, at: Date.now() + milliseconds, timer: setTimeout(() => finish(id), milliseconds) });
  leaving.set(id, found);
}

/** Takes an entry from those that are leaving; `undefined` if it is not one of them. */
function take(id) {
  const found = leaving.get(id);
  clearTimeout(found?.timer);
  leaving.delete(id);
  show();
  return found;
}

/** Takes an entry out of sight, and removes it unless somebody wants it back. */
export async function remove(entry) {
  if (isLeaving(entry)) return;
  const found = { title: titleOf(entry), wasShown: false, isForced: false };
  start(entry.id, found);
  show();
  found.hiding = hide(entry.id, found);
  try {
    await found.hiding;
    await reload();
  } catch (error) {
    // The request ended with the page: the next one goes on.
    if (isPageGone) return;
    // A full disk takes no decision, and may take the removal all the same.
    if (error.status === 507) found.isForced = true;
    else take(entry.id);
    complain(error);
  }
}

/** An entry as the site has it now; another desk may have decided a moment ago. */
async function current(id) {
  const { submissions } = await request(`/api/submissions?ids=${encodeURIComponent(id)}`);
  return Object.values(submissions).flat().find((entry) => entry.id === id);
}

/** Takes an entry out of everybody's sight, if it is seen. */
async function hide(id, found) {
  const entry = await current(id);
  if (!entry || stateOfEntry(entry) !== 'shown' || !leaving.has(id)) return;
  found.wasShown = true;
  keep();
  await decide('reject', id);
}

/** Brings an entry back to where it was. */
function undo(id) {
  const found = take(id);
  if (!found) return undefined;
  return attempt(text('entries.is-back', { title: found.title }), async () => {
    await found.hiding?.catch(() => {});
    if (found.wasShown) await decide('approve', id);
    await reload();
  });
}

/** Brings back what was removed last. */
export function undoLast() {
  const last = [...leaving.keys()].at(-1);
  if (last !== undefined) undo(last);
}

async function finish(id) {
  const found = leaving.get(id);
  if (!found) return;
  try {
    await found.hiding?.catch(() => {});
    const entry = await current(id);
    // Another desk has brought it back meanwhile.
    if (entry && stateOfEntry(entry) === 'shown' && !found.isForced) {
      take(id);
      say(byId('problem'), text('entries.kept', { title: found.title }));
      return;
    }
    if (entry) await request(pathOf(id), { method: 'DELETE' });
    removeEntry(id);
  } catch (error) {
    if (error.status !== 404) complain(new Error(text('entries.not-removed', { title: found.title, why: error.message }), { cause: error }));
  }
  take(id);
}

/** Removes at once what is leaving: somebody logs out. */
export async function finishRemovals() {
  await Promise.all([...leaving.keys()].map(finish));
}

/** Nobody is hurried who is on the way to a button. */
function pause() {
  for (const found of leaving.values()) {
    clearTimeout(found.timer);
    found.isPaused = true;
  }
}

function goOn() {
  for (const [id, found] of leaving) if (found.isPaused) start(id, found);
}

/** Wires the offers to undo; `load` reads everything anew, and `showAgain` shows the list anew. */
export function wireRemovals(load, showAgain) {
  [reload, refresh] = [load, showAgain];
  for (const [event, isGone] of [['beforeunload', true], ['pagehide', true], ['pageshow', false]]) {
    window.addEventListener(event, () => { isPageGone = isGone; });
  }
  byId('leaving').addEventListener('focusin', pause);
  byId('leaving').addEventListener('focusout', goOn);
}
