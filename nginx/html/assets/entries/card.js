// An entry as organizers see it: a row of the table, or a card.
import { captionOf, nameOf, stateOfEntry } from '../desk/desk.js';
import { timeOf } from '../shared/clock.js';
import { element } from '../shared/elements.js';
import { frame, picture } from '../shared/pictures.js';
import { text } from '../text/text.js';
import { menuButton } from './menu.js';
import { isLeaving } from './removal.js';

/** The entry with the photo that organizers may see: that of a pending one is for them alone, and has no other widths. */
export function shownTo(entry) {
  const name = entry.imageUrl?.startsWith('/uploads/') ? entry.imageUrl.slice('/uploads/'.length) : null;
  return stateOfEntry(entry) === 'pending' && name !== null ? { ...entry, imageUrl: `/api/photos/${name}` } : entry;
}

/** What is known of an entry, as terms and their meanings. */
export function factsOf(entry) {
  const rows = [
    ...[['entries.number', entry.number], ['entries.artist', entry.artist], ['entries.studio', entry.studio]].filter(([, value]) => value),
    ['entries.name', entry.name], ['entries.phone', entry.phone], ['entries.receipt', entry.submissionId],
  ];
  return rows.flatMap(([key, value]) => [element('dt', {}, text(key)), element('dd', { dir: 'auto' }, value || '–')]);
}

function closerButton(entry, actions, ...children) {
  const made = element('button', { type: 'button', class: 'closer', 'aria-label': text('entries.closer', { caption: captionOf(entry) }) }, ...children);
  made.addEventListener('click', () => actions.closer(entry));
  return made;
}

const hasPicture = (entry) => Boolean(entry.imageUrl) && !['rejected', 'withdrawn'].includes(stateOfEntry(entry));

function stateLabel(entry) {
  const state = isLeaving(entry) ? 'leaving-state' : stateOfEntry(entry);
  return state === 'shown' ? [] : [element('span', { class: 'state' }, text(`entries.${state}`))];
}

/** What is waiting is decided with one press; all else is in the menu. */
function actionsOf(entry, actions) {
  const decisions = stateOfEntry(entry) === 'pending' && !isLeaving(entry) ? ['approve', 'reject'] : [];
  const buttons = decisions.map((name) => {
    const made = element('button', { type: 'button', 'data-action': name }, text(`entries.${name}`));
    made.addEventListener('click', () => actions[name](entry));
    return made;
  });
  return element('div', { class: 'actions' }, ...buttons, menuButton(entry, actions));
}

const caption = (entry) => element('span', { class: 'text', dir: 'auto' }, captionOf(entry));
const lines = (values) => values.filter(Boolean).map((value) => element('span', { class: 'line', dir: 'auto' }, value));
const classOf = (entry) => `entry ${isLeaving(entry) || stateOfEntry(entry) === 'withdrawn' ? 'rejected' : stateOfEntry(entry)}`;

/** The columns of the table, by the key of their heads. */
export const columns = [
  'entries.no', 'entries.photo', 'entries.caption', 'entries.category', 'entries.who', 'entries.maker', 'entries.actions',
];

/** An entry as a row of the table. */
export function rowOf(entry, actions) {
  const thumb = hasPicture(entry) ? [closerButton(entry, actions, picture(shownTo(entry), '', '4rem'))] : [];
  const cells = [
    ['numbered', entry.number ? [element('span', { class: 'number' }, String(entry.number))] : []],
    ['thumb', thumb],
    ['said', [caption(entry), ...stateLabel(entry)]],
    ['in', [...lines([nameOf(entry.category)]), element('span', { class: 'line time' }, timeOf(entry.createdAt ?? 0))]],
    ['who', lines([entry.name, entry.phone])],
    ['maker', lines([entry.artist, entry.studio])],
    ['do', [actionsOf(entry, actions)]],
  ];
  return element('tr', { class: classOf(entry), 'data-id': entry.id, tabindex: '0' },
    ...cells.map(([name, children]) => element('td', { class: name }, ...children)));
}

function cardPicture(entry, actions) {
  if (hasPicture(entry)) return closerButton(entry, actions, frame(shownTo(entry), nameOf(entry.category), '(min-width: 36rem) 18rem, 100vw'));
  return element('div', { class: 'frame' }, element('div', { class: 'words' }, text(entry.imageUrl ? 'entries.hidden' : 'wall.no-photo')));
}

/** An entry as a card with a large picture. */
export function cardOf(entry, actions) {
  return element('figure', { class: `card ${classOf(entry)}`, 'data-id': entry.id, tabindex: '0' },
    cardPicture(entry, actions),
    element('figcaption', {}, caption(entry), ...stateLabel(entry), element('dl', {}, ...factsOf(entry)),
      element('span', { class: 'meta' }, element('span', { class: 'tag' }, nameOf(entry.category)), timeOf(entry.createdAt ?? 0)),
      actionsOf(entry, actions)));
}
