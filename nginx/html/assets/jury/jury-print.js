// What goes on paper: judges' cards with their links, blank sheets, results.
import { element } from '../shared/elements.js';
import { labelOf } from '../shared/label.js';
import { qrPicture } from '../shared/qr.js';
import { text } from '../text/text.js';

/** A judge's card: name, code and address. */
export function cardOfJudge(name, address) {
  const code = qrPicture(address, text('jury.code', { name }));
  return element('div', { class: 'judge-card' }, element('h3', {}, name), ...(code ? [code] : []), element('p', { class: 'address' }, address),
    element('p', {}, text('jury.card-hint')));
}

/** A blank sheet for each judge. */
export function blankSheets({ name, entries, judges }, { criteria }) {
  return judges.map((judge) => element('section', { class: 'blank-sheet' },
    element('h3', {}, `${name} – ${judge.name}`),
    element('table', {}, element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, text('jury.entry')),
      ...criteria.map(({ name: each, min, max }) => element('th', { scope: 'col' }, `${each} (${min}–${max})`)))),
    element('tbody', {}, ...entries.map((entry) => element('tr', {}, element('th', { scope: 'row' }, labelOf(entry)),
      ...criteria.map(() => element('td'))))))));
}

/** The places, with the steps that led to each. */
export function resultTable({ round, places }) {
  return element('section', {}, element('h3', {}, round.name), element('table', {},
    element('tbody', {}, ...places.map(({ place, entries, words }) => element('tr', {},
      element('th', { scope: 'row' }, text('winners.place', { n: place })),
      element('td', {}, entries.map((entry) => `${labelOf(entry)} ${entry.caption ?? ''}`).join(', ')),
      element('td', {}, words.join(' ')))))));
}

/** Prints some parts alone. */
export function printOut(parts) {
  const list = document.getElementById('print-list');
  document.body.dataset.prints = 'jury';
  list.replaceChildren(...parts);
  window.print();
  delete document.body.dataset.prints;
}
