// The wall and the entry form.
import { siteNow, stateOf, timeOf, timeText } from '../shared/clock.js';
import { byId, element } from '../shared/elements.js';
import { isOver } from '../shared/event.js';
import { allCategories, keepFeed, nameOf, newestFirst } from '../shared/feed.js';
import { frame, standClose } from '../shared/pictures.js';
import { text } from '../text/text.js';
import { wireForm } from './entry-form.js';

/** The category that is shown; `null` for all. */
let shown = null;
/** How many are shown at first, and how many more with each scroll to the end. */
const entriesOfPage = 60;
let wanted = entriesOfPage;
/** The cards made so far, by what they show: a picture that is loaded is not loaded again. */
const cards = new Map();
let isFirst = true;

function makeCard(entry) {
  const caption = entry.caption ? [element('span', { class: 'text', dir: 'auto' }, entry.caption)] : [];
  return element('figure', { class: isFirst ? 'card' : 'card fresh', 'data-id': entry.id },
    frame(entry, nameOf(entry.category)),
    element('figcaption', {}, ...caption,
      element('span', { class: 'meta' },
        ...(entry.number ? [element('span', { class: 'number' }, String(entry.number))] : []),
        element('span', { class: 'tag', dir: 'auto' }, nameOf(entry.category)),
        element('span', {}, text('wall.artist')), timeOf(entry.createdAt))));
}

function card(entry) {
  const key = JSON.stringify([entry.id, nameOf(entry.category), entry.imageUrl, entry.caption, entry.number, timeText(entry.createdAt)]);
  if (!cards.has(key)) cards.set(key, makeCard(entry));
  return cards.get(key);
}

function showFeed() {
  const entries = newestFirst(shown);
  byId('entries').replaceChildren(...entries.slice(0, wanted).map(card));
  byId('loading').hidden = true;
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
  const choices = [{ id: null, name: text('wall.all') }, ...allCategories()];
  if (!choices.some(({ id }) => id === shown)) shown = null;
  byId('filters').replaceChildren(...choices.map(({ id, name }) => {
    const button = element('button', { type: 'button', dir: 'auto', 'aria-pressed': String(id === shown) }, name);
    button.addEventListener('click', () => { shown = id; wanted = entriesOfPage; isFirst = true; showFilters(); showFeed(); });
    return button;
  }));
}

/** A category to choose, disabled unless it takes entries. */
function optionOf(category) {
  const state = stateOf(category);
  const name = {
    open: category.name,
    closed: text('form.closed', { name: category.name }),
    upcoming: text('form.upcoming', { name: category.name, time: timeText(category.opensAt ?? 0) }),
  }[state];
  return element('option', { value: category.id, disabled: state !== 'open' }, name);
}

let clock;
/** What was chosen last, also while it is closed. */
let chosen = null;

/** Shows what can be chosen, and again when one of them opens or closes. */
function showChoices() {
  clearTimeout(clock);
  const categories = allCategories();
  const select = byId('category');
  chosen = select.value || chosen || byId('entry').dataset.category || new URLSearchParams(location.search).get('category');
  select.replaceChildren(...categories.map(optionOf));
  const open = categories.filter((category) => stateOf(category) === 'open');
  // Nothing replaces a choice that has just closed: the entry would end up where nobody meant it to.
  const isKnown = categories.some(({ id }) => id === chosen);
  select.value = open.find(({ id }) => id === chosen)?.id ?? (isKnown ? '' : open[0]?.id ?? '');
  const isClosed = open.length === 0 || isOver();
  byId('closed').textContent = text(isOver() ? 'form.over' : 'form.all-closed');
  const isSending = byId('caption').disabled;
  if (isClosed === byId('closed').hidden && !isSending) {
    byId('closed').hidden = !isClosed;
    byId('entry').querySelector('[type="submit"]').disabled = isClosed;
  }
  const next = categories.flatMap(({ opensAt, closesAt }) => [opensAt, closesAt]).filter((time) => time > siteNow());
  // A timer cannot wait for more than 24 days.
  if (next.length > 0) clock = setTimeout(showChoices, Math.min(Math.min(...next) - siteNow() + 50, 1e9));
}

function showCategories() {
  showChoices();
  showFilters();
}

const showConnection = (state) => { byId('connection').textContent = state; };

standClose(byId('entries'));
const look = keepFeed({ onCategories: showCategories, onChange: showFeed }, showConnection);
wireForm(byId('entry'), look);
document.addEventListener('eventshown', showChoices);
byId('more').addEventListener('click', showMore);
new IntersectionObserver((seen) => { if (seen.some(({ isIntersecting }) => isIntersecting)) showMore(); },
  { rootMargin: '600px' }).observe(byId('more'));
