// The entries: searched, filtered, paged, looked at closely, decided on, removed; by mouse, finger
// or keyboard.
import { allEntries, askFirst, attempt, captionOf, desk, nameOf, stateOfEntry } from './desk.js';
import { heardCode, receiptCode } from './receipt-code.js';
import { pick } from './desk-winners.js';
import { timeOf } from '../shared/clock.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { frame, picture, standClose } from '../shared/pictures.js';
import { text } from '../text/text.js';

const entriesOfPage = 48;
const charactersOfReceipt = 6;
let first = 0;
let found = [];
let reload = async () => {};

const pageOf = () => found.slice(first, first + entriesOfPage);

function matches(entry, words, category, state) {
  if (category && entry.category !== category) return false;
  if (state && stateOfEntry(entry) !== state) return false;
  const said = [entry.caption, entry.name, entry.phone, entry.artist, entry.studio].join('\n').toLowerCase();
  // A few digits are in every receipt.
  const receipt = `${entry.submissionId}\n${entry.id}`.toLowerCase();
  const code = receiptCode(entry);
  return words.every((word) => word.replace('#', '') === String(entry.number) || heardCode(word) === code || said.includes(word) || (word.length >= charactersOfReceipt && receipt.includes(word)));
}

function search() {
  const words = byId('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  const [category, state] = [byId('in-category').value, byId('in-state').value];
  found = allEntries().filter((entry) => matches(entry, words, category, state));
  if (first >= found.length) first = Math.max(0, Math.floor((found.length - 1) / entriesOfPage) * entriesOfPage);
}

// Decisions

async function decide(decision, entries) {
  const ids = entries.map(({ id }) => id);
  await attempt(text(decision === 'approve' ? 'entries.approved' : 'entries.rejected-done'), async () => {
    await request('/api/moderation', { method: 'POST', body: { [decision]: ids } });
    await reload();
  });
}

function remove(entry) {
  const words = text('confirm.text', { caption: captionOf(entry), name: entry.name || text('entries.somebody') });
  askFirst({ title: text('confirm.title'), words, keep: text('confirm.keep'), go: text('confirm.remove') }, () =>
    attempt(text('entries.removed'), async () => {
      await request(`/api/submissions/${encodeURIComponent(entry.id)}`, { method: 'DELETE' });
      await reload();
    }));
}

// What is shown

function facts(entry) {
  const rows = [
    ...[['entries.number', entry.number], ['entries.artist', entry.artist], ['entries.studio', entry.studio]].filter(([, value]) => value),
    ['entries.name', entry.name], ['entries.phone', entry.phone], ['entries.receipt', entry.submissionId],
  ];
  return rows.flatMap(([key, value]) => [element('dt', {}, text(key)), element('dd', { dir: 'auto' }, value || '–')]);
}

/** The entry as organizers see it: the photo of a pending one is for them alone, and has no other widths. */
function shownTo(entry) {
  const name = entry.imageUrl?.startsWith('/uploads/') ? entry.imageUrl.slice('/uploads/'.length) : null;
  return stateOfEntry(entry) === 'pending' && name !== null ? { ...entry, imageUrl: `/api/photos/${name}` } : entry;
}

// Corrections

/** Sends what was corrected: words first, then the category. */
async function correct(entry, fields) {
  const path = `/api/submissions/${encodeURIComponent(entry.id)}`;
  const changed = Object.entries(fields.words).filter(([name, value]) => value !== (entry[name] ?? ''));
  if (changed.length > 0) await request(path, { method: 'PATCH', body: Object.fromEntries(changed) });
  if (fields.category !== entry.category) {
    await request(`${path}/category`, { method: 'POST', body: { category: fields.category } });
  }
  await reload();
}

function showCorrections(entry, dialog) {
  const names = ['caption', 'artist', 'studio'];
  byId('corrections').open = false;
  for (const name of names) byId(`correct-${name}`).value = entry[name] ?? '';
  const isListed = desk.categories.some(({ id }) => id === entry.category);
  byId('correct-category').replaceChildren(...(isListed ? [] : [element('option', { value: entry.category }, entry.category)]),
    ...desk.categories.map(({ id, name }) => element('option', { value: id }, name)));
  byId('correct-category').value = entry.category;
  byId('correct').onclick = () => {
    const words = Object.fromEntries(names.map((name) => [name, byId(`correct-${name}`).value.trim()]));
    dialog.close();
    attempt(text('entries.corrected'), () => correct(entry, { words, category: byId('correct-category').value }));
  };
}

function lookCloser(entry) {
  const dialog = byId('closer');
  byId('closer-picture').replaceChildren(...(entry.imageUrl && stateOfEntry(entry) !== 'rejected'
    ? [picture(shownTo(entry), captionOf(entry), '72rem', 'eager')] : []));
  byId('closer-title').textContent = captionOf(entry);
  byId('closer-facts').replaceChildren(...facts(entry));
  showCorrections(entry, dialog);
  const actions = { approve: () => decide('approve', [entry]), reject: () => decide('reject', [entry]), pick: () => pick(entry) };
  for (const [name, action] of Object.entries(actions)) {
    byId(`closer-${name}`).onclick = () => { dialog.close(); action(); };
  }
  byId('closer-approve').hidden = stateOfEntry(entry) === 'shown';
  byId('closer-reject').hidden = stateOfEntry(entry) === 'rejected';
  dialog.showModal();
}

function button(key, action) {
  const made = element('button', { type: 'button' }, text(key));
  made.addEventListener('click', action);
  return made;
}

function pictureOf(entry) {
  if (!entry.imageUrl || stateOfEntry(entry) === 'rejected') {
    return element('div', { class: 'frame' },
      element('div', { class: 'words' }, text(entry.imageUrl ? 'entries.hidden' : 'wall.no-photo')));
  }
  const open = element('button', { type: 'button', class: 'closer', 'aria-label': text('entries.closer', { caption: captionOf(entry) }) },
    frame(shownTo(entry), nameOf(entry.category), '(min-width: 36rem) 18rem, 100vw'));
  open.addEventListener('click', () => lookCloser(entry));
  return open;
}

function card(entry) {
  const state = stateOfEntry(entry);
  const made = element('figure', { class: `card ${state}`, 'data-id': entry.id, tabindex: '0' },
    pictureOf(entry),
    element('figcaption', {},
      element('span', { class: 'text', dir: 'auto' }, captionOf(entry)),
      ...(state === 'shown' ? [] : [element('span', { class: 'state' }, text(`entries.${state}`))]),
      element('dl', {}, ...facts(entry)),
      element('span', { class: 'meta' }, element('span', { class: 'tag' }, nameOf(entry.category)), timeOf(entry.createdAt ?? 0)),
      element('div', { class: 'actions' },
        ...(state === 'shown' ? [] : [button('entries.approve', () => decide('approve', [entry]))]),
        ...(state === 'rejected' ? [] : [button('entries.reject', () => decide('reject', [entry]))]),
        ...(state === 'rejected' ? [] : [button('entries.pick', () => pick(entry))]),
        button('entries.remove', () => remove(entry)))));
  made.addEventListener('keydown', (event) => press(event, entry, made));
  return made;
}

function showFilters() {
  const select = byId('in-category');
  const chosen = select.value;
  const ids = [...new Set([...desk.categories.map(({ id }) => id), ...Object.keys(desk.submissions)])];
  select.replaceChildren(element('option', { value: '' }, text('entries.every-category')),
    ...ids.map((id) => element('option', { value: id }, nameOf(id))));
  select.value = ids.includes(chosen) ? chosen : '';
}

/** Shows the current page anew; the keyboard focus stays. */
export function showEntries() {
  showFilters();
  search();
  const focused = document.activeElement?.closest?.('.card')?.dataset.id;
  const page = pageOf();
  byId('entries').replaceChildren(...page.map(card));
  byId('empty').hidden = found.length > 0;
  byId('count').textContent = found.length === 0 ? ''
    : text('entries.count', { from: first + 1, to: first + page.length, count: found.length });
  byId('newer').disabled = first === 0;
  byId('older').disabled = first + entriesOfPage >= found.length;
  byId('bulk').hidden = !page.some((entry) => stateOfEntry(entry) === 'pending');
  if (focused) byId('entries').querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
}

// The keyboard

function press(event, entry, made) {
  if (event.target !== made || event.ctrlKey || event.metaKey || event.altKey) return;
  const actions = {
    ArrowRight: () => made.nextElementSibling?.focus(),
    ArrowLeft: () => made.previousElementSibling?.focus(),
    Enter: () => lookCloser(entry),
    a: () => decide('approve', [entry]),
    r: () => decide('reject', [entry]),
    p: () => pick(entry),
  };
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function turn(pages) {
  first = Math.max(0, first + pages * entriesOfPage);
  showEntries();
  byId('entries-title').scrollIntoView();
}

/** Wires the controls; `load` reads everything anew. */
export function wireEntries(load) {
  reload = load;
  standClose(byId('entries'));
  for (const [id, event] of [['search', 'input'], ['in-category', 'change'], ['in-state', 'change']]) {
    byId(id).addEventListener(event, () => { first = 0; showEntries(); });
  }
  byId('newer').addEventListener('click', () => turn(-1));
  byId('older').addEventListener('click', () => turn(1));
  for (const decision of ['approve', 'reject']) {
    byId(`${decision}-all`).addEventListener('click', () =>
      decide(decision, pageOf().filter((entry) => stateOfEntry(entry) === 'pending')));
  }
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target.closest('input, textarea, select');
    if (event.key !== '/' || isTyping || byId('desk').hidden) return;
    event.preventDefault();
    byId('search').focus();
  });
}
