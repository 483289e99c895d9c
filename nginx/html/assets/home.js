// The wall and the entry form.
import { byId, element, frame, listen, timeOf, watch } from './page.js';
import { wireForm } from './entry-form.js';

let categories = [];
let feed = {};
let shown = null;
const known = new Set();
let isFirst = true;

const nameOf = (id) => categories.find((category) => category.id === id)?.name ?? id;

function card(entry, category) {
  const isNew = !isFirst && !known.has(entry.id);
  known.add(entry.id);
  const text = entry.caption ? [element('span', { class: 'text' }, entry.caption)] : [];
  const made = element('figure', { class: isNew ? 'card fresh' : 'card', 'data-id': entry.id },
    frame(entry, nameOf(category)),
    element('figcaption', {}, ...text,
      element('span', { class: 'meta' },
        element('span', { class: 'tag' }, nameOf(category)),
        element('span', {}, entry.artist), timeOf(entry.createdAt))));
  return made;
}

function showFeed() {
  const lists = Object.entries(feed).filter(([category]) => shown === null || category === shown);
  const entries = lists.flatMap(([category, list]) => list.map((entry) => ({ entry, category })));
  entries.sort((one, other) => other.entry.createdAt - one.entry.createdAt);
  byId('entries').replaceChildren(...entries.map(({ entry, category }) => card(entry, category)));
  byId('empty').hidden = entries.length > 0;
  isFirst = false;
}

function showFilters() {
  const choices = [{ id: null, name: 'All' }, ...categories];
  if (!choices.some(({ id }) => id === shown)) shown = null;
  byId('filters').replaceChildren(...choices.map(({ id, name }) => {
    const button = element('button', { type: 'button', 'aria-pressed': String(id === shown) }, name);
    button.addEventListener('click', () => { shown = id; showFilters(); showFeed(); });
    return button;
  }));
}

function showCategories(list) {
  categories = list;
  const select = byId('category');
  const chosen = select.value || new URLSearchParams(location.search).get('category');
  select.replaceChildren(...list.map(({ id, name }) => element('option', { value: id }, name)));
  if (list.some(({ id }) => id === chosen)) select.value = chosen;
  showFilters();
  showFeed();
}

function add({ category, ...entry }) {
  const list = feed[category] ??= [];
  if (list.some(({ id }) => id === entry.id)) return;
  list.unshift(entry);
  showFeed();
}

function remove({ id }) {
  for (const [category, list] of Object.entries(feed)) feed[category] = list.filter((entry) => entry.id !== id);
  showFeed();
}

const showConnection = (state) => { byId('connection').textContent = state; };

watch('/categories.json', showCategories);
const look = watch('/api/feed', (answer) => { feed = answer.feed; showFeed(); }, showConnection);
listen({
  newSubmission: add,
  submissionRemoved: remove,
  categoriesUpdated: ({ categories: list }) => showCategories(list),
}, showConnection);
wireForm(byId('entry'), look);
