// What goes on paper: judges' cards with their links, blank sheets, results, and every revision of every card.
import { desk } from '../desk/desk.js';
import { element } from '../shared/elements.js';
import { labelOf } from '../shared/label.js';
import { qrPicture } from '../shared/qr.js';
import { text } from '../text/text.js';

/** The event's name, if there is an event: paper is carried away from the page that says it. */
const eventLine = () => (desk.event ? [element('p', { class: 'print-event', dir: 'auto' }, desk.event.name)] : []);

function table(heads, rows) {
  return element('table', {},
    element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))),
    element('tbody', {}, ...rows));
}

/** A judge's card: name, code and address. */
export function cardOfJudge(name, address) {
  const code = qrPicture(address, text('jury.code', { name }));
  return element('div', { class: 'judge-card' }, ...eventLine(), element('h3', {}, name), ...(code ? [code] : []), element('p', { class: 'address' }, address),
    element('p', {}, text('jury.card-hint')));
}

/** A blank sheet for each judge. */
export function blankSheets({ name, entries, judges }, { criteria }) {
  const heads = [text('jury.entry'), ...criteria.map(({ name: each, min, max }) => `${each} (${min}–${max})`)];
  const rows = () => entries.map((entry) => element('tr', {}, element('th', { scope: 'row' }, labelOf(entry)), ...criteria.map(() => element('td'))));
  return judges.map((judge) => element('section', { class: 'blank-sheet' }, ...eventLine(),
    element('h3', {}, `${name} – ${judge.name}`), table(heads, rows())));
}

/** The places, with the steps that led to each. */
export function resultTable({ round, places }) {
  const rows = places.map(({ place, entries, words }) => element('tr', {},
    element('th', { scope: 'row' }, text('winners.place', { n: place })),
    element('td', {}, entries.map((entry) => `${labelOf(entry)} ${entry.caption ?? ''}`).join(', ')),
    element('td', {}, words.join(' '))));
  return element('section', {}, ...eventLine(), element('h3', {}, round.name), element('table', {}, element('tbody', {}, ...rows)));
}

// MARK: The audit

/** What of the audit goes on paper: identifiers are for machines. */
const unprinted = new Set(['judge', 'entry', 'clientAt', 'transactionId']);

/** The rows of a CSV text (RFC 4180). */
function rowsOf(csv) {
  const rows = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  return rows.filter(({ length }) => length > 1);
}

/** Every revision of every card, from the server's table. */
export function auditTable({ name }, csv) {
  const [heads, ...rows] = rowsOf(csv.replace(/^\ufeff/, ''));
  const shown = heads.map((head, column) => column).filter((column) => !unprinted.has(heads[column]));
  const cells = (row) => shown.map((column) => element('td', { dir: 'auto' }, row[column] ?? ''));
  return element('section', { class: 'audit' }, ...eventLine(), element('h3', {}, name),
    table(shown.map((column) => heads[column]), rows.map((row) => element('tr', {}, ...cells(row)))));
}
