// The entries of a category as a strip of thumbnails: press, drag or type a place.
import { captionOf, entryOf } from '../desk/desk.js';
import { element } from '../shared/elements.js';
import { labelOf } from '../shared/label.js';
import { text } from '../text/text.js';
import { carries, draggedEntry, isDrag, thumbContents } from './thumb.js';

/** By category: the strip, and what it asks of the places. */
const strips = new Map();

/** How a thumbnail is told apart: entries change, and so do their places. */
function labelFor(entry, place) {
  const values = { number: labelOf(entry), caption: captionOf(entry), n: place + 1 };
  return place < 0 ? text('winners.thumbnail', values) : text('winners.thumbnail-placed', values);
}

function thumbnail(entry, category, { placeOf, pickFor, unpick }) {
  const made = carries(element('button', { type: 'button', class: 'thumbnail', 'data-entry': entry.id, tabindex: '-1' }, ...thumbContents(entry)), entry);
  made.addEventListener('click', () => {
    if (placeOf(category, entry.id) >= 0) unpick(category, entry);
    else pickFor(category, entry);
  });
  made.addEventListener('keydown', (event) => {
    const keys = { ArrowRight: () => move(made, 'next'), ArrowLeft: () => move(made, 'previous'), Delete: () => unpick(category, entry), Backspace: () => unpick(category, entry) };
    const action = /^[1-9]$/.test(event.key) ? () => pickFor(category, entry, Number(event.key) - 1) : keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
  return made;
}

/** One tab stop for the strip; the arrows do the rest. */
function move(from, where) {
  const to = from[`${where}ElementSibling`];
  if (!to) return;
  [from.tabIndex, to.tabIndex] = [-1, 0];
  to.focus();
}

/** Marks who has which place. */
function mark(strip, category, placeOf) {
  for (const made of strip.children) {
    const place = placeOf(category, made.dataset.entry);
    const entry = entryOf(made.dataset.entry);
    made.setAttribute('aria-pressed', String(place >= 0));
    if (entry) made.setAttribute('aria-label', labelFor(entry, place));
    if (place >= 0) made.dataset.place = String(place + 1);
    else delete made.dataset.place;
  }
}

/** Fills a strip that is in sight: two dozen categories of two hundred entries are more than a page needs at once. */
function fill(category) {
  const { strip, places, isSeen, shown } = strips.get(category);
  if (!isSeen) return;
  const entries = places.candidates();
  // The thumbnails that are there stay, with the focus.
  if (entries.length !== shown.length || entries.some((entry, index) => entry !== shown[index])) {
    const focused = strip.contains(document.activeElement) ? document.activeElement.dataset.entry : null;
    strip.replaceChildren(...entries.map((entry) => thumbnail(entry, category, places)));
    const current = focused && strip.querySelector(`[data-entry="${CSS.escape(focused)}"]`);
    if (current) current.focus();
    if (current ?? strip.firstElementChild) (current ?? strip.firstElementChild).tabIndex = 0;
    strips.get(category).shown = entries;
  }
  mark(strip, category, places.placeOf);
}

const seeing = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) {
    const found = strips.get(target.dataset.category);
    if (found?.strip !== target || !isIntersecting) continue;
    found.isSeen = true;
    fill(target.dataset.category);
  }
}, { rootMargin: '50%' });

/** Makes the strip of a category; `places` says who may win, who has which place, and changes it. */
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
