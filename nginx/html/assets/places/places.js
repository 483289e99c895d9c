// The winners: chosen place by place, kept as a draft, published all at once or by category, taken back.
import { attempt, captionOf, desk, entryOf, nameOf } from '../desk/desk.js';
import { byId, element, say } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';
import * as choice from './choice.js';
import { showPrintList } from './places-print.js';
import { draggedEntry, isDrag, thumbOf } from './thumb.js';
import { makeStrip, refreshStrip } from './strip.js';

/** The most entries in one list, besides the chosen one: nobody looks through more. */
const maxOptions = 200;
/** By category: the lists of its places. */
const selects = new Map();

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

function fill(select, listed, id) {
  // The winner of an award across categories stands in another.
  const other = entryOf(id);
  const offers = other && !listed.includes(other) ? [...listed, other] : listed;
  if (!isSame(offers, offered.get(select))) {
    select.replaceChildren(element('option', { value: '' }, text('winners.nobody')), ...offers.map(optionOf));
    offered.set(select, offers);
  }
  select.value = other ? id : '';
}

/** The entry that each slot shows: its picture stays while it does. */
const pictured = new WeakMap();

function showThumb(slot, entry) {
  if (pictured.get(slot) === entry && slot.querySelector('.chosen').firstChild) return;
  pictured.set(slot, entry);
  slot.querySelector('.chosen').replaceChildren(...(entry ? [thumbOf(entry)] : []));
}

function slotOf(category, place) {
  const id = `place-${category}-${place}`;
  const select = element('select', { id, 'data-category': category });
  const slot = element('div', { class: 'slot field' },
    element('label', { for: id }, text('winners.place', { n: place + 1 })), element('div', { class: 'chosen' }), select);
  select.addEventListener('change', () => choose(category, place, select.value));
  // What is being looked through is not changed under the hand.
  select.addEventListener('blur', () => showCategory(category));
  slot.addEventListener('dragover', (event) => { if (isDrag(event)) event.preventDefault(); });
  slot.addEventListener('drop', (event) => {
    event.preventDefault();
    const entry = entryOf(draggedEntry(event));
    if (entry && mayWin(category, entry)) choose(category, place, entry.id);
  });
  return slot;
}

// MARK: A category

const mayWin = (category, entry) => candidates(category).includes(entry) || choice.chosenOf(category).includes(entry.id);

/** Shows who is chosen for a place, and who may be. */
function showPlace(category, place, select) {
  if (!select.isConnected) return;
  const id = choice.chosenOf(category)[place];
  if (select !== document.activeElement || select.value !== id) fill(select, candidates(category), id);
  showThumb(select.closest('.slot'), entryOf(id));
}

/** The steps that show a category. */
const stepsOf = (category) => [
  ...(selects.get(category) ?? []).map((select, place) => () => showPlace(category, place, select)), () => refreshStrip(category),
];

/** Shows what is chosen in a category, and who may be. */
function showCategory(category) { for (const step of stepsOf(category)) step(); }

const millisecondsOfSlice = 16;
let steps = [];
let nextSlice;

/** Takes a few steps: with hundreds of places the page answers keys in between. */
function takeSteps() {
  const end = performance.now() + millisecondsOfSlice;
  while (steps.length > 0 && performance.now() < end) steps.shift()();
  nextSlice = steps.length > 0 ? setTimeout(takeSteps) : undefined;
}

function showAll() {
  clearTimeout(nextSlice);
  steps = desk.categories.flatMap(({ id }) => stepsOf(id));
  takeSteps();
}

function choose(category, place, id) {
  choice.setPlace(category, place, id);
  showCategory(category);
}

/** Gives an entry a place of its category, and says which; without a free one, says so. */
function pickFor(category, entry, place = choice.freePlace(category)) {
  const values = { caption: captionOf(entry), n: place + 1, count: desk.placesPerCategory, category: nameOf(category) };
  const isThere = place >= 0 && place < desk.placesPerCategory;
  if (isThere) choose(category, place, entry.id);
  say(byId('success'), isThere ? text('winners.picked', values) : '');
  say(byId('problem'), isThere ? '' : text(place < 0 ? 'winners.full' : 'winners.no-place', values));
}

function unpick(category, entry) {
  const place = choice.chosenOf(category).indexOf(entry.id);
  if (place >= 0) choose(category, place, '');
}

/** Puts an entry in the first free place of its category. */
export function pick(entry) {
  if (!selects.has(entry.category)) {
    say(byId('problem'), text('winners.unlisted', { category: entry.category }));
  } else if (!choice.chosenOf(entry.category).includes(entry.id)) {
    pickFor(entry.category, entry);
  }
}

function fieldsOf({ id, name }) {
  const slots = Array.from({ length: desk.placesPerCategory }, (_, place) => slotOf(id, place));
  selects.set(id, slots.map((slot) => slot.querySelector('select')));
  const publish = element('button', { type: 'button', class: 'publish' }, text('winners.publish-one', { name }));
  publish.addEventListener('click', () => publishOne(id, name));
  const strip = makeStrip({ id, name }, { candidates: () => candidates(id), chosen: () => choice.chosenOf(id), pickFor, unpick });
  return element('fieldset', { 'data-category': id },
    element('legend', { dir: 'auto' }, name), element('div', { class: 'slots' }, ...slots), strip, publish);
}

// MARK: All

/** Shows what other desks have saved, where nothing was chosen here, and new entries to choose from. */
export function refreshPlaces() {
  choice.takeRead();
  showAll();
  showUndo();
}

/** Makes the places of all categories; `keepsChoice` keeps what was chosen here. */
export function showPlaces(keepsChoice = false) {
  selects.clear();
  byId('places').replaceChildren(...desk.categories.map(fieldsOf));
  choice.takeRead({ isAfresh: !keepsChoice });
  showAll();
  showUndo();
}

/** Shows what a round has decided for a category: its winners are in the draft. */
export async function showDecided(category) {
  await load([category]);
}

function showUndo() {
  byId('undo-winners').disabled = Object.keys(desk.winners.before).length === 0;
}

// MARK: Saving

const post = (path, body) => request(path, { method: 'POST', body });

async function load(saved = []) {
  desk.winners = await request('/api/winners-draft');
  for (const category of saved) choice.takeSaved(category);
  refreshPlaces();
}

/** Sends the winners of some categories, unless a place is left out or another desk was quicker. */
async function send(path, categories) {
  const gap = categories.find(choice.hasGap);
  if (gap !== undefined) throw new Error(text('winners.gap', { category: nameOf(gap) }));
  desk.winners = await request('/api/winners-draft');
  const changed = categories.filter(choice.wasChangedElsewhere);
  if (changed.length > 0) {
    changed.forEach(choice.acceptOther);
    throw new Error(text('winners.changed', { categories: changed.map(nameOf).join(', ') }));
  }
  await post(path, { winners: Object.fromEntries(categories.map((id) => [id, choice.winnersOf(id)])) });
  await load(categories);
}

const publishOne = (id, name) => attempt(text('winners.published-one', { name }), () => send('/api/save-winners', [id]));

/** The categories that a test is true of; all of them if it is of none: then what is there is confirmed. */
function categoriesThat(test) {
  const all = desk.categories.map(({ id }) => id);
  const found = all.filter(test);
  return found.length > 0 ? found : all;
}

/** Wires the buttons below the places. */
export function wireWinners() {
  byId('save-winners').addEventListener('click', () => attempt(text('winners.saved'), () => send('/api/save-winners', categoriesThat(choice.differsFromPublished))));
  byId('save-draft').addEventListener('click', () => attempt(text('winners.drafted'), () => send('/api/winners-draft', categoriesThat(choice.isTouched))));
  byId('undo-winners').addEventListener('click', () => attempt(text('winners.undone'), async () => {
    await post('/api/undo-winners', {});
    await load(desk.categories.map(({ id }) => id));
  }));
  byId('print-winners').addEventListener('click', () => window.print());
  // Another part of the desk may be printing.
  window.addEventListener('beforeprint', () => { if (!document.body.dataset.prints) showPrintList(); });
}
