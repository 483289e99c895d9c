// Removing an entry: out of everybody's sight at once, gone after ten seconds, and until then to be had back.
import { attempt, captionOf, removeEntry, stateOfEntry } from '../desk/desk.js';
import { byId, element, say } from '../shared/elements.js';
import { labelOf } from '../shared/label.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

const secondsToUndo = 10;
/** By identifier: what is being removed, whether everybody saw it, when it goes, and until when it is being hidden. */
const leaving = new Map();
/** Reads everything anew; shows the list anew. */
let [reload, refresh] = [async () => {}, () => {}];

const pathOf = (id) => `/api/submissions/${encodeURIComponent(id)}`;
const decide = (decision, id) => request('/api/moderation', { method: 'POST', body: { [decision]: [id] } });

/** Whether an entry is being removed. */
export const isLeaving = ({ id }) => leaving.has(id);

function show() {
  const rows = [...leaving.values()].map(({ entry }) => {
    const back = element('button', { type: 'button', class: 'undo' }, text('entries.undo'));
    back.addEventListener('click', () => undo(entry));
    return element('p', {}, element('span', {}, text('entries.leaving', { caption: labelOf(entry) })), ' ', back);
  });
  byId('leaving').replaceChildren(...rows);
  byId('leaving').hidden = rows.length === 0;
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
  const found = { entry, wasShown: false, timer: setTimeout(() => finish(entry.id), 1000 * secondsToUndo) };
  leaving.set(entry.id, found);
  show();
  refresh();
  found.hiding = hide(found);
  try {
    await found.hiding;
  } catch (error) {
    // On a full disk the removal itself may succeed all the same.
    if (error.status !== 507) take(entry.id);
    say(byId('problem'), error.message);
  }
  await reload();
}

/** Takes an entry out of everybody's sight, if it is seen: another desk may have decided a moment ago. */
async function hide(found) {
  const { id } = found.entry;
  const { submissions } = await request(`/api/submissions?ids=${encodeURIComponent(id)}`);
  const current = Object.values(submissions).flat().find((entry) => entry.id === id);
  if (!current || stateOfEntry(current) !== 'shown' || !leaving.has(id)) return;
  found.wasShown = true;
  await decide('reject', id);
}

function undo({ id, caption }) {
  const found = take(id);
  if (!found) return undefined;
  refresh();
  return attempt(text('entries.is-back', { caption: captionOf({ caption }) }), async () => {
    await found.hiding.catch(() => {});
    if (found.wasShown) await decide('approve', id);
    await reload();
  });
}

async function finish(id) {
  if (!take(id)) return;
  try {
    await request(pathOf(id), { method: 'DELETE' });
  } catch (error) {
    if (error.status !== 404) {
      say(byId('problem'), error.message);
      refresh();
      return;
    }
  }
  removeEntry(id);
  refresh();
}

/** Removes at once what is leaving: somebody logs out. */
export async function finishRemovals() {
  await Promise.all([...leaving.keys()].map(finish));
}

/** Wires the page's end; `load` reads everything anew, and `showAgain` shows the list anew. */
export function wireRemovals(load, showAgain) {
  [reload, refresh] = [load, showAgain];
  // If this request does not get through, the entry stays out of sight, and can be removed later.
  window.addEventListener('pagehide', () => {
    for (const id of [...leaving.keys()]) {
      take(id);
      fetch(pathOf(id), { method: 'DELETE', keepalive: true, headers: { Accept: 'application/json' } }).catch(() => {});
    }
  });
}
