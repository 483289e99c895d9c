// The entries of a category as a strip of thumbnails: press one, drag it, or type a place on it.
import { captionOf, entryOf } from '../desk/desk.js';
import { element } from '../shared/elements.js';
import { text } from '../text/text.js';
import { carries, draggedEntry, isDrag, thumbContents } from './thumb.js';

/** By category: the strip, the places that it fills, and which entries it shows. */
const strips = new Map();

function labelFor(entry, place) {
  const values = { number: entry.number ?? '', caption: captionOf(entry), n: place + 1 };
  const key = entry.number ? 'winners.thumbnail' : 'winners.unnumbered';
  return place < 0 ? text(key, values) : text('winners.placed', { what: text(key, values), n: place + 1 });
}

// MARK: One thumbnail

/** 1 to 9, and 0 for the tenth. */
const placeOfKey = (key) => (key === '0' ? 9 : Number(key) - 1);

function toggle(category, entry, { chosen, pickFor, unpick }) {
  if (chosen().includes(entry.id)) unpick(category, entry);
  else pickFor(category, entry);
}

function press(event, made, category, entry) {
  const { places } = strips.get(category);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {
    'ArrowRight': () => move(made, 'next'), 'ArrowLeft': () => move(made, 'previous'),
    'Delete': () => places.unpick(category, entry), 'Backspace': () => places.unpick(category, entry),
    'Enter': () => toggle(category, entry, places), ' ': () => toggle(category, entry, places),
  };
  const action = /^\d$/.test(event.key) ? () => places.pickFor(category, entry, placeOfKey(event.key)) : keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

/** A toggle that can be dragged; a `button` cannot be, in Firefox. */
function thumbnail(entry, category) {
  const made = carries(element('div', { role: 'button', class: 'thumbnail', 'data-entry': entry.id, tabindex: '-1' }, ...thumbContents(entry)), entry);
  made.addEventListener('click', () => toggle(category, entry, strips.get(category).places));
  made.addEventListener('keydown', (event) => press(event, made, category, entry));
  return made;
}

/** One tab stop for the strip; the arrows do the rest. */
function move(from, where) {
  const to = from[`${where}ElementSibling`];
  if (!to) return;
  [from.tabIndex, to.tabIndex] = [-1, 0];
  to.focus();
}

// MARK: The strip

/** Shows who has which place. */
function mark(strip, chosen) {
  const places = new Map(chosen.map((id, place) => [id, place]));
  for (const made of strip.children) {
    const entry = entryOf(made.dataset.entry);
    const place = places.get(made.dataset.entry) ?? -1;
    const label = entry ? labelFor(entry, place) : '';
    if (made.getAttribute('aria-label') === label) continue;
    made.setAttribute('aria-label', label);
    made.setAttribute('aria-pressed', String(place >= 0));
    if (place >= 0) made.dataset.place = String(place + 1);
    else delete made.dataset.place;
  }
}

/** Fills a strip that has been in sight: two dozen categories of two hundred entries are more than a page needs at once. */
function fill(category) {
  const found = strips.get(category);
  const { strip, places, isSeen, shown } = found;
  if (!isSeen) return;
  const entries = places.candidates();
  if (entries.length !== shown.length || entries.some((entry, index) => entry !== shown[index])) {
    const focused = strip.contains(document.activeElement) ? document.activeElement.dataset.entry : null;
    strip.replaceChildren(...entries.map((entry) => thumbnail(entry, category)));
    const current = focused ? strip.querySelector(`[data-entry="${CSS.escape(focused)}"]`) : null;
    current?.focus();
    const stop = current ?? strip.firstElementChild;
    if (stop) stop.tabIndex = 0;
    found.shown = entries;
  }
  mark(strip, places.chosen());
}

const seeing = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) {
    const found = strips.get(target.dataset.category);
    if (found?.strip !== target || !isIntersecting) continue;
    found.isSeen = true;
    fill(target.dataset.category);
  }
}, { rootMargin: '50%' });

/** Makes the strip of a category; `places` says who may win, who is chosen, and changes that. */
export function makeStrip({ id, name }, places) {
  const strip = element('div', { class: 'strip', role: 'group', 'aria-label': text('winners.strip', { name }), 'data-category': id });
  const former = strips.get(id)?.strip;
  if (former) seeing.unobserve(former);
  strips.set(id, { strip, places, isSeen: false, shown: [] });
  // Whoever is dragged back loses the place.
  strip.addEventListener('dragover', (event) => { if (isDrag(event)) event.preventDefault(); });
  strip.addEventListener('drop', (event) => {
    event.preventDefault();
    const entry = entryOf(draggedEntry(event));
    if (entry) places.unpick(id, entry);
  });
  seeing.observe(strip);
  return strip;
}

/** Shows who has which place now, and who has come. */
export function refreshStrip(category) {
  if (strips.has(category)) fill(category);
}
