// The winners, by category and place.
import { showEvent } from '../shared/event.js';
import { listen, watch } from '../shared/live.js';
import { byId, element } from '../shared/elements.js';
import { frame } from '../shared/pictures.js';
import { text } from '../text/text.js';

let categories = [];
let winners = {};

const placeName = (place) => (place <= 3 ? text(`winners.place-${place}`) : text('winners.place-n', { n: place }));

/** Artist and studio, where the organizers reveal them. */
function makerOf({ artist, studio }) {
  const names = [artist, studio].filter(Boolean);
  return names.length > 0 ? [element('span', { class: 'meta', dir: 'auto' }, names.join(', '))] : [];
}

function podium(name, entries) {
  return element('section', { class: 'podium', 'aria-label': name },
    element('h2', { dir: 'auto' }, name),
    element('ol', {}, ...entries.map((entry, index) => element('li', {},
      element('figure', { class: index === 0 ? 'card first' : 'card', 'data-id': entry.id },
        frame(entry, name, '(min-width: 48rem) 34rem, 100vw'),
        element('figcaption', {},
          element('span', { class: 'place' }, placeName(index + 1)),
          ...(entry.number ? [element('span', { class: 'number' }, String(entry.number))] : []),
          ...(entry.caption ? [element('span', { class: 'text', dir: 'auto' }, entry.caption)] : []),
          ...makerOf(entry)))))));
}

function show() {
  const listed = categories.filter(({ id }) => winners[id]?.length > 0);
  byId('winners').replaceChildren(...listed.map(({ id, name }) => podium(name, winners[id])));
  byId('empty').hidden = listed.length > 0;
}

const showConnection = (state) => { byId('connection').textContent = state; };

watch('/categories.json', (list) => { categories = list; show(); });
const look = watch('/api/winners', (answer) => { winners = answer.winners; show(); }, showConnection);
listen({
  winnersUpdated: look,
  submissionRemoved: look,
  entryApproved: look,
  photoMoved: look,
  submissionChanged: look,
  eventUpdated: ({ event }) => showEvent(event),
  categoriesUpdated: ({ categories: list }) => { categories = list; show(); },
}, showConnection);
