// The winners: chosen, kept as a draft, published all at once or by category, taken back, printed.
import { allEntries, attempt, captionOf, desk, nameOf } from './desk.js';
import { byId, element, say } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

/** The most entries in one list, besides the chosen one: nobody looks through more. */
const maxOptions = 200;

const selects = () => Array.from(byId('places').querySelectorAll('select'));

function optionOf(entry) {
  return element('option', { value: entry.id }, `${captionOf(entry)} – ${entry.name || text('entries.no-name')}`);
}

function showOptions(select, chosen) {
  const entries = (desk.submissions[select.dataset.category] ?? []).filter(({ status }) => status !== 'rejected');
  const listed = entries.slice(0, maxOptions);
  // The winner of an award across categories stands in another.
  const other = allEntries().find(({ id }) => id === chosen);
  if (other && !listed.some(({ id }) => id === chosen)) listed.push(other);
  select.replaceChildren(element('option', { value: '' }, text('winners.nobody')), ...listed.map(optionOf));
  select.value = other ? chosen : '';
}

/** New entries to choose from; what is chosen stays. */
export function refreshPlaces() {
  for (const select of selects()) showOptions(select, select.value);
}

function placeField(category, place, chosen) {
  const id = `place-${category.id}-${place}`;
  const select = element('select', { id, 'data-category': category.id });
  showOptions(select, chosen ?? '');
  return element('div', { class: 'field' }, element('label', { for: id }, text('winners.place', { n: place + 1 })), select);
}

/** Shows the draft if there is one, else what is published; `keepsChoice` keeps what is chosen instead. */
export function showPlaces(keepsChoice = false) {
  const edited = keepsChoice ? chosenWinners() : {};
  byId('places').replaceChildren(...desk.categories.map((category) => {
    const chosen = edited[category.id] ?? desk.winners.draft[category.id] ?? desk.winners.published[category.id] ?? [];
    const places = Array.from({ length: desk.placesPerCategory }, (_, place) => placeField(category, place, chosen[place]));
    const publish = element('button', { type: 'button', class: 'publish' }, text('winners.publish-one', { name: category.name }));
    publish.addEventListener('click', () => publishOne(category));
    return element('fieldset', {}, element('legend', {}, category.name), ...places, publish);
  }));
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

/** Puts an entry in the first free place of its category. */
export function pick(entry) {
  const places = selects().filter(({ dataset }) => dataset.category === entry.category);
  const index = places.findIndex(({ value }) => value === entry.id || value === '');
  const values = { caption: captionOf(entry), n: index + 1, category: nameOf(entry.category) };
  if (index >= 0) showOptions(places[index], entry.id);
  say(byId('problem'), index < 0 ? text('winners.full', values) : '');
  say(byId('success'), index < 0 ? '' : text('winners.picked', values));
}

async function load() {
  desk.winners = await request('/api/winners-draft');
  byId('undo-winners').disabled = Object.keys(desk.winners.before).length === 0;
}

const post = (path, body) => request(path, { method: 'POST', body });

function publishOne(category) {
  attempt(text('winners.published-one', { name: category.name }), async () => {
    const chosen = chosenWinners()[category.id] ?? [];
    await post('/api/winners-draft', { winners: { [category.id]: chosen } });
    await post('/api/publish-winners', { categories: [category.id] });
    await load();
  });
}

function showPrintList() {
  const rows = Object.entries(desk.winners.published).flatMap(([category, ids]) => {
    const entries = ids.map((id) => (desk.submissions[category] ?? []).find((entry) => entry.id === id)).filter(Boolean);
    return entries.map((entry, place) => element('tr', {},
      ...[nameOf(category), String(place + 1), captionOf(entry), entry.name ?? '', entry.phone ?? '']
        .map((value) => element('td', { dir: 'auto' }, value))));
  });
  const heads = ['entries.category', 'winners.heading', 'form.caption', 'entries.name', 'entries.phone'];
  byId('print-list').replaceChildren(element('h2', {}, text('winners.heading')),
    element('table', {}, element('thead', {}, element('tr', {}, ...heads.map((key) => element('th', { scope: 'col' }, text(key))))),
      element('tbody', {}, ...rows)));
}

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
