// The published winners on paper.
import { captionOf, desk, entryOf, nameOf } from '../desk/desk.js';
import { byId, element } from '../shared/elements.js';
import { labelOf } from '../shared/label.js';
import { text } from '../text/text.js';

const heads = ['entries.category', 'winners.heading', 'entries.number', 'form.caption', 'entries.name', 'entries.phone'];

function rowOf(category, entry, place) {
  const values = [nameOf(category), String(place + 1), labelOf(entry), captionOf(entry), entry.name ?? '', entry.phone ?? ''];
  return element('tr', {}, ...values.map((value) => element('td', { dir: 'auto' }, value)));
}

/** Fills the list that is printed. */
export function showPrintList() {
  const rows = Object.entries(desk.winners.published).flatMap(([category, ids]) =>
    ids.map(entryOf).filter(Boolean).map((entry, place) => rowOf(category, entry, place)));
  byId('print-list').replaceChildren(element('h2', {}, text('winners.heading')),
    element('table', {}, element('thead', {}, element('tr', {}, ...heads.map((key) => element('th', { scope: 'col' }, text(key))))),
      element('tbody', {}, ...rows)));
}
