// The bar that is always there: the event and its state, and what waits.
import { pendingCount, showState } from '../entries/entries.js';
import { desk } from './desk.js';
import { byId, element } from '../shared/elements.js';
import { text } from '../text/text.js';

/** What other parts of the desk have told the bar. */
const told = { cards: 0, warnings: 0 };

/** What the links tell: they stay as they are, with the focus, while that is the same. */
let shown = '';

function waits() {
  const pending = pendingCount();
  return [
    [pending, 'entries', 'bar.pending', { count: pending }],
    [told.cards, 'judging', 'bar.cards', { count: told.cards }],
    [told.warnings, 'storage', 'bar.storage', {}],
  ].filter(([count]) => count > 0);
}

function waitLink([, section, key, values]) {
  const link = element('a', { href: `#${section}`, class: 'wait' }, text(key, values));
  if (section === 'entries') link.addEventListener('click', () => showState('pending'));
  return link;
}

/** Shows the bar; what is named has changed. */
export function showBar(changes = {}) {
  Object.assign(told, changes);
  const { event } = desk;
  byId('bar-event').textContent = event?.name ?? text('page.home');
  byId('bar-state').textContent = event ? text(`bar.${event.state}`) : '';
  const links = waits();
  const wanted = JSON.stringify(links);
  if (wanted === shown) return;
  shown = wanted;
  byId('bar-waits').replaceChildren(...(links.length > 0 ? links.map(waitLink) : [element('span', { class: 'hint' }, text('bar.nothing'))]));
}
