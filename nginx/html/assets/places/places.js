// The winners: chosen place by place, kept as a draft, published all at once or by category, taken back.
import { attempt, captionOf, desk, entryOf, nameOf } from '../desk/desk.js';
import { byId, element, say } from '../shared/elements.js';
import { labelOf } from '../shared/label.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';
import { draggedEntry, isDrag, thumbOf } from './thumb.js';
import { makeStrip, refreshStrip } from './strip.js';

/** The most entries in one list, besides the chosen one: nobody looks through more. */
const maxOptions = 200;

const selects = () => Array.from(byId('places').querySelectorAll('select'));
const selectsOf = (category) => selects().filter(({ dataset }) => dataset.category === category);
const placeName = (index) => text('winners.place', { n: index + 1 });

/** Who may win in a category, newest first. */
const candidates = (category) => (desk.submissions[category] ?? []).filter(({ status }) => status !== 'rejected').slice(0, maxOptions);

// MARK: One place

/** An option begins with the number: typing it finds the entry. */
function optionOf(entry) {
  const label = entry.number ? `${entry.number} · ${captionOf(entry)}` : captionOf(entry);
  return element('option', { value: entry.id }, `${label} – ${entry.name || text('entries.no-name')}`);
}

/** What each list offers; filling one anew costs. */
const offered = new WeakMap();
const isSame = (one, other = []) => one.length === other.length && one.every((entry, index) => entry === other[index]);

function fill(select, chosen) {
  const listed = candidates(select.dataset.category);
  // The winner of an award across categories stands in another.
  const other = entryOf(chosen);
  if (other && !listed.includes(other)) listed.push(other);
  if (!isSame(listed, offered.get(select))) {
    select.replaceChildren(element('option', { value: '' }, text('winners.nobody')), ...listed.map(optionOf));
    offered.set(select, listed);
  }
  select.value = other ? chosen : '';
}

function showThumb(select) {
  const entry = entryOf(select.value);
  select.closest('.slot').querySelector('.chosen').replaceChildren(...(entry ? [thumbOf(entry)] : []));
}

function slotOf(category, index, chosen) {
  const id = `place-${category.id}-${index}`;
  const select = element('select', { id, 'data-category': category.id });
  fill(select, chosen ?? '');
  const slot = element('div', { class: 'slot field' },
    element('label', { for: id }, placeName(index)), element('div', { class: 'chosen' }), select);
  select.addEventListener('change', () => setPlace(category.id, index, select.value));
  slot.addEventListener('dragover', (event) => { if (isDrag(event)) event.preventDefault(); });
  slot.addEventListener('drop', (event) => {
    event.preventDefault();
    setPlace(category.id, index, draggedEntry(event));
  });
  showThumb(select);
  return slot;
}

// MARK: A category

/** Which place of a category an entry has; -1 for none. */
export const placeOf = (category, id) => selectsOf(category).findIndex(({ value }) => value === id);

/** What each place of a category had before the change that is being made. */
const held = new WeakMap();

function settle(category) {
  for (const select of selectsOf(category)) {
    held.set(select, select.value);
    showThumb(select);
  }
  refreshStrip(category);
}

/** Gives a place to an entry, or to nobody; if it had another place, the two change places. */
function setPlace(category, index, id) {
  const places = selectsOf(category);
  const former = places.findIndex((select, place) => place !== index && select.value === id);
  const replaced = held.get(places[index]) ?? '';
  fill(places[index], id);
  if (id && former >= 0) fill(places[former], replaced);
  settle(category);
}

/** Gives an entry a place of its category, the first free one unless one is named; without a free one, says so. */
export function pickFor(category, entry, index = selectsOf(category).findIndex(({ value }) => value === entry.id || value === '')) {
  if (index >= selectsOf(category).length) return;
  const values = { caption: captionOf(entry), n: index + 1, category: nameOf(category) };
  if (index >= 0) setPlace(category, index, entry.id);
  say(byId('problem'), index < 0 ? text('winners.full', values) : '');
  say(byId('success'), index < 0 ? '' : text('winners.picked', values));
}

/** Takes an entry off its place. */
export function unpick(category, entry) {
  const index = placeOf(category, entry.id);
  if (index >= 0) setPlace(category, index, '');
}

/** Puts an entry in the first free place of its category. */
export const pick = (entry) => pickFor(entry.category, entry);

function fieldsOf(category, chosen) {
  const slots = Array.from({ length: desk.placesPerCategory }, (_, index) => slotOf(category, index, chosen[index]));
  const publish = element('button', { type: 'button', class: 'publish' }, text('winners.publish-one', { name: category.name }));
  publish.addEventListener('click', () => publishOne(category));
  const strip = makeStrip(category, { candidates: () => candidates(category.id), placeOf, pickFor, unpick });
  return element('fieldset', { 'data-category': category.id },
    element('legend', { dir: 'auto' }, category.name), element('div', { class: 'slots' }, ...slots), strip, publish);
}

// MARK: All

/** New entries to choose from; what is chosen stays. */
export function refreshPlaces() {
  for (const select of selects()) fill(select, select.value);
  for (const { id } of desk.categories) settle(id);
}

/** Shows the draft if there is one, else what is published; `keepsChoice` keeps what is chosen instead. */
export function showPlaces(keepsChoice = false) {
  const edited = keepsChoice ? chosenWinners() : {};
  byId('places').replaceChildren(...desk.categories.map((category) =>
    fieldsOf(category, edited[category.id] ?? desk.winners.draft[category.id] ?? desk.winners.published[category.id] ?? [])));
  for (const { id } of desk.categories) settle(id);
  showUndo();
}

function showUndo() {
  byId('undo-winners').disabled = Object.keys(desk.winners.before).length === 0;
}

function chosenWinners() {
  const winners = {};
  for (const select of selects()) {
    const list = winners[select.dataset.category] ??= [];
    if (select.value && !list.includes(select.value)) list.push(select.value);
  }
  return winners;
}

async function load() {
  desk.winners = await request('/api/winners-draft');
  showUndo();
}

const post = (path, body) => request(path, { method: 'POST', body });

function publishOne({ id, name }) {
  return attempt(text('winners.published-one', { name }), async () => {
    await post('/api/save-winners', { winners: { [id]: chosenWinners()[id] ?? [] } });
    await load();
  });
}

// MARK: On paper

function showPrintList() {
  const rows = Object.entries(desk.winners.published).flatMap(([category, ids]) => {
    const entries = ids.map(entryOf).filter(Boolean);
    return entries.map((entry, place) => element('tr', {},
      ...[nameOf(category), String(place + 1), labelOf(entry), captionOf(entry), entry.name ?? '', entry.phone ?? '']
        .map((value) => element('td', { dir: 'auto' }, value))));
  });
  const heads = ['entries.category', 'winners.heading', 'entries.number', 'form.caption', 'entries.name', 'entries.phone'];
  byId('print-list').replaceChildren(element('h2', {}, text('winners.heading')),
    element('table', {}, element('thead', {}, element('tr', {}, ...heads.map((key) => element('th', { scope: 'col' }, text(key))))),
      element('tbody', {}, ...rows)));
}

// MARK: Wiring

/** Wires the buttons below the places. */
export function wireWinners() {
  byId('save-winners').addEventListener('click', () => attempt(text('winners.saved'), async () => {
    await post('/api/save-winners', { winners: chosenWinners() });
    await load();
  }));
  byId('save-draft').addEventListener('click', () => attempt(text('winners.drafted'), async () => {
    await post('/api/winners-draft', { winners: chosenWinners() });
    await load();
  }));
  byId('undo-winners').addEventListener('click', () => attempt(text('winners.undone'), async () => {
    await post('/api/undo-winners', {});
    await load();
    showPlaces();
  }));
  byId('print-winners').addEventListener('click', () => window.print());
  // Another part of the desk may be printing.
  window.addEventListener('beforeprint', () => { if (!document.body.dataset.prints) showPrintList(); });
}
