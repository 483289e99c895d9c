// The winners, by category and place.
import { byId, element, frame, listen, watch } from './page.js';

const places = ['1st place', '2nd place', '3rd place'];
let categories = [];
let winners = {};

function podium(name, entries) {
  return element('section', { class: 'podium', 'aria-label': name },
    element('h2', {}, name),
    element('ol', {}, ...entries.map((entry, index) => element('li', {},
      element('figure', { class: index === 0 ? 'card first' : 'card', 'data-id': entry.id },
        frame(entry, name, '(min-width: 48rem) 34rem, 100vw'),
        element('figcaption', {},
          element('span', { class: 'place' }, places[index] ?? `${index + 1}th place`),
          ...(entry.caption ? [element('span', { class: 'text' }, entry.caption)] : [])))))));
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
  categoriesUpdated: ({ categories: list }) => { categories = list; show(); },
}, showConnection);
