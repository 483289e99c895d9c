// The wall and the entry form.
import { byId, element, frame, listen, timeOf, watch } from './page.js';
import { wireForm } from './entry-form.js';

let categories = [];
let feed = {};
let shown = null;
/** How many are shown at first, and how many more as one scrolls. */
const entriesOfPage = 60;
let wanted = entriesOfPage;
/** The cards there are, by the entry's identifier: a picture that is there is not loaded again. */
const cards = new Map();
let isFirst = true;

const nameOf = (id) => categories.find((category) => category.id === id)?.name ?? id;

function makeCard(entry, category) {
  const text = entry.caption ? [element('span', { class: 'text' }, entry.caption)] : [];
  return element('figure', { class: isFirst ? 'card' : 'card fresh', 'data-id': entry.id },
    frame(entry, nameOf(category)),
    element('figcaption', {}, ...text,
      element('span', { class: 'meta' },
        element('span', { class: 'tag' }, nameOf(category)),
        element('span', {}, entry.artist), timeOf(entry.createdAt))));
}

function card(entry, category) {
  const key = `${entry.id} ${nameOf(category)}`;
  if (!cards.has(key)) cards.set(key, makeCard(entry, category));
  return cards.get(key);
}

function newestFirst() {
  const lists = Object.entries(feed).filter(([category]) => shown === null || category === shown);
  const entries = lists.flatMap(([category, list]) => list.map((entry) => ({ entry, category })));
  return entries.sort((one, other) => other.entry.createdAt - one.entry.createdAt);
}

function showFeed() {
  const entries = newestFirst();
  byId('entries').replaceChildren(
    ...entries.slice(0, wanted).map(({ entry, category }) => card(entry, category)));
  byId('empty').hidden = entries.length > 0;
  byId('more').hidden = entries.length <= wanted;
  // Those that come in from now on are new; older ones that are scrolled to are not.
  isFirst = false;
}

function showMore() {
  isFirst = true;
  wanted += entriesOfPage;
  showFeed();
}

function showFilters() {
  const choices = [{ id: null, name: 'All' }, ...categories];
  if (!choices.some(({ id }) => id === shown)) shown = null;
  byId('filters').replaceChildren(...choices.map(({ id, name }) => {
    const button = element('button', { type: 'button', 'aria-pressed': String(id === shown) }, name);
    button.addEventListener('click', () => { shown = id; wanted = entriesOfPage; isFirst = true; showFilters(); showFeed(); });
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
byId('more').addEventListener('click', showMore);
new IntersectionObserver((seen) => { if (seen.some(({ isIntersecting }) => isIntersecting)) showMore(); },
  { rootMargin: '600px' }).observe(byId('more'));
