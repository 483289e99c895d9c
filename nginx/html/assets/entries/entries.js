// The entries: as a table or as cards, paged, decided on, by mouse, finger or keyboard.
import { allEntries, attempt, desk, nameOf, stateOfEntry } from '../desk/desk.js';
import { pick } from '../places/places.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { standClose } from '../shared/pictures.js';
import { text } from '../text/text.js';
import { cardOf, columns, rowOf } from './card.js';
import { lookCloser } from './closer.js';
import { allowed, wireMenu } from './menu.js';
import { isLeaving, remove, undoLast, wireRemovals } from './removal.js';
import { searched } from './search.js';

const entriesOfPage = 48;
let first = 0;
let found = [];
let reload = async () => {};

const pageOf = () => found.slice(first, first + entriesOfPage);

// MARK: What can be done

function decide(decision, entries) {
  const ids = entries.filter((entry) => !isLeaving(entry)).map(({ id }) => id);
  if (ids.length === 0) return undefined;
  return attempt(text(decision === 'approve' ? 'entries.approved' : 'entries.rejected-done'), async () => {
    await request('/api/moderation', { method: 'POST', body: { [decision]: ids } });
    await reload();
  });
}

const look = (entry, corrects) => lookCloser(entry, { actions, reload: () => reload(), corrects });
const actions = {
  closer: (entry) => look(entry, false),
  correct: (entry) => look(entry, true),
  approve: (entry) => decide('approve', [entry]),
  reject: (entry) => decide('reject', [entry]),
  pick,
  remove,
};

// MARK: Table or cards

const views = { table: { make: rowOf, into: () => byId('entry-rows') }, cards: { make: cardOf, into: () => byId('entry-cards') } };
let view = 'table';
try { view = localStorage.getItem('entries') === 'cards' ? 'cards' : 'table'; } catch { /* Then the table. */ }

/** Shows the entries as a table or as cards, also the next time. */
function choose(name) {
  views[view].into().replaceChildren();
  view = name;
  try { localStorage.setItem('entries', name); } catch { /* Without storage it holds for this page. */ }
  showEntries();
}

function showView() {
  byId('entry-table').hidden = view !== 'table' || found.length === 0;
  byId('entry-cards').hidden = view !== 'cards';
  for (const name of Object.keys(views)) byId(`as-${name}`).setAttribute('aria-pressed', String(name === view));
}

// MARK: The page

/** What is shown of each entry: made anew only when something about it has changed. */
let made = new Map();

function elementOf(entry) {
  const key = `${view} ${isLeaving(entry)} ${nameOf(entry.category)}`;
  const known = made.get(entry);
  if (known?.key === key) return known;
  const shown = views[view].make(entry, actions);
  shown.addEventListener('keydown', (event) => press(event, entry, shown));
  return { key, shown };
}

/** What has the focus, so that it can be found again when its entry is made anew. */
function focusIn(container) {
  const active = document.activeElement;
  const entry = container.contains(active) ? active.closest('.entry') : null;
  if (!entry) return null;
  const part = ['.more-of', '.closer', '[data-action="approve"]', '[data-action="reject"]'].find((selector) => active.matches(selector));
  return { active, id: entry.dataset.id, part };
}

function focusAgain(container, focus) {
  if (!focus || document.activeElement === focus.active) return;
  const entry = container.querySelector(`[data-id="${CSS.escape(focus.id)}"]`);
  ((focus.part ? entry?.querySelector(focus.part) : null) ?? entry)?.focus();
}

/** Puts the page's entries in place; what has not changed stays as it is, with its focus. */
function place(entries) {
  const container = views[view].into();
  const focus = focusIn(container);
  made = new Map(entries.map((entry) => [entry, elementOf(entry)]));
  const wanted = entries.map((entry) => made.get(entry).shown);
  const staying = new Set(wanted);
  for (const shown of [...container.children]) if (!staying.has(shown)) shown.remove();
  for (const [index, shown] of wanted.entries()) {
    if (container.children[index] !== shown) container.insertBefore(shown, container.children[index] ?? null);
  }
  focusAgain(container, focus);
}

/** The categories that the filter offers, as last made. */
let filters = '';

function showFilters() {
  const select = byId('in-category');
  const chosen = select.value;
  const ids = [...new Set([...desk.categories.map(({ id }) => id), ...Object.keys(desk.submissions)])];
  const wanted = JSON.stringify(ids.map((id) => [id, nameOf(id)]));
  // What is being looked through is not changed under the hand.
  if (wanted === filters || select === document.activeElement) return;
  filters = wanted;
  select.replaceChildren(element('option', { value: '' }, text('entries.every-category')),
    ...ids.map((id) => element('option', { value: id }, nameOf(id))));
  select.value = ids.includes(chosen) ? chosen : '';
}

function showCount(page) {
  byId('empty').hidden = found.length > 0;
  byId('count').textContent = found.length === 0 ? ''
    : text('entries.count', { from: first + 1, to: first + page.length, count: found.length });
  byId('newer').disabled = first === 0;
  byId('older').disabled = first + entriesOfPage >= found.length;
  byId('bulk').hidden = !page.some((entry) => stateOfEntry(entry) === 'pending');
}

/** Shows the current page anew. */
export function showEntries() {
  showFilters();
  showFound();
}

function showFound() {
  found = searched();
  if (first >= found.length) first = Math.max(0, Math.floor((found.length - 1) / entriesOfPage) * entriesOfPage);
  const page = pageOf();
  showView();
  place(page);
  showCount(page);
}

function turn(pages) {
  first = Math.max(0, first + pages * entriesOfPage);
  showFound();
  byId('entries-title').scrollIntoView();
}

/** Shows the entries of a state alone. */
export function showState(state) {
  [byId('search').value, byId('in-category').value, byId('in-state').value] = ['', '', state];
  first = 0;
  showFound();
}

/** How many entries wait for a decision. */
export const pendingCount = () => allEntries().filter((entry) => stateOfEntry(entry) === 'pending' && !isLeaving(entry)).length;

// MARK: The keyboard

function press(event, entry, shown) {
  if (event.target !== shown || event.ctrlKey || event.metaKey || event.altKey) return;
  const [onward, back] = [() => shown.nextElementSibling?.focus(), () => shown.previousElementSibling?.focus()];
  const keys = {
    ArrowRight: onward, ArrowLeft: back, ArrowDown: onward, ArrowUp: back,
  };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const name = { Enter: 'closer', a: 'approve', r: 'reject', p: 'pick', Delete: 'remove' }[key];
  const action = keys[key] ?? (allowed(entry).includes(name) ? () => actions[name](entry) : null);
  if (!action) return;
  event.preventDefault();
  action();
}

/** The keys that the whole desk has: `/` searches, Z brings back what was removed last. */
function pressAnywhere(event) {
  const isTyping = event.target.closest('input, textarea, select, dialog');
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.toLowerCase() === 'z') undoLast();
  if (event.key !== '/' || byId('search').offsetParent === null) return;
  event.preventDefault();
  byId('search').focus();
}

// MARK: Wiring

/** Wires the controls; `load` reads everything anew, and `showWaiting` shows anew what waits. */
export function wireEntries(load, showWaiting) {
  reload = load;
  wireRemovals(load, () => { showFound(); showWaiting(); });
  wireMenu();
  standClose(byId('entry-cards'));
  byId('entry-heads').replaceChildren(...columns.map((key) => element('th', { scope: 'col' }, text(key))));
  for (const [id, event] of [['search', 'input'], ['in-category', 'change'], ['in-state', 'change']]) {
    byId(id).addEventListener(event, () => { first = 0; showFound(); });
  }
  for (const name of Object.keys(views)) byId(`as-${name}`).addEventListener('click', () => choose(name));
  byId('newer').addEventListener('click', () => turn(-1));
  byId('older').addEventListener('click', () => turn(1));
  for (const decision of ['approve', 'reject']) {
    byId(`${decision}-all`).addEventListener('click', () =>
      decide(decision, pageOf().filter((entry) => stateOfEntry(entry) === 'pending')));
  }
  document.addEventListener('keydown', pressAnywhere);
}
