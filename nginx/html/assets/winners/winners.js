// The winners, by category and place.
import { showEvent } from '../shared/event.js';
import { listen, watch } from '../shared/live.js';
import { byId, element } from '../shared/elements.js';
import { frame } from '../shared/pictures.js';
import { text } from '../text/text.js';

let categories = [];
let winners = {};
/** The audience's award: places with their entries, once it is published. */
let audience = [];

const placeName = (place) => (place <= 3 ? text(`winners.place-${place}`) : text('winners.place-n', { n: place }));

/** Artist and studio, where the organizers reveal them. */
function makerOf({ artist, studio }) {
  const names = [artist, studio].filter(Boolean);
  return names.length > 0 ? [element('span', { class: 'meta', dir: 'auto' }, names.join(', '))] : [];
}

/** Entries with the places that they have; those that tie share one. */
const inOrder = (entries) => entries.map((entry, index) => ({ entry, place: index + 1 }));
const awarded = () => audience.flatMap(({ place, entries }) => entries.map((entry) => ({ entry, place })));

function podium(name, placed) {
  return element('section', { class: 'podium', 'aria-label': name },
    element('h2', { dir: 'auto' }, name),
    element('ol', {}, ...placed.map(({ entry, place }) => element('li', {},
      element('figure', { class: place === 1 ? 'card first' : 'card', 'data-id': entry.id },
        frame(entry, name, '(min-width: 48rem) 34rem, 100vw'),
        element('figcaption', {},
          element('span', { class: 'place' }, placeName(place)),
          ...(entry.number ? [element('span', { class: 'number' }, String(entry.number))] : []),
          ...(entry.caption ? [element('span', { class: 'text', dir: 'auto' }, entry.caption)] : []),
          ...makerOf(entry)))))));
}

function show() {
  const listed = categories.filter(({ id }) => winners[id]?.length > 0);
  const people = awarded();
  byId('winners').replaceChildren(...listed.map(({ id, name }) => podium(name, inOrder(winners[id]))),
    ...(people.length > 0 ? [podium(text('winners.audience'), people)] : []));
  byId('empty').hidden = listed.length > 0 || people.length > 0;
}

const showConnection = (state) => { byId('connection').textContent = state; };

watch('/categories.json', (list) => { categories = list; show(); });
const look = watch('/api/winners', (answer) => { winners = answer.winners; audience = answer.audience ?? []; show(); }, showConnection);
listen({
  winnersUpdated: look,
  votingUpdated: look,
  submissionRemoved: look,
  entryApproved: look,
  photoMoved: look,
  submissionChanged: look,
  eventUpdated: ({ event }) => showEvent(event),
  categoriesUpdated: ({ categories: list }) => { categories = list; show(); },
}, showConnection);
