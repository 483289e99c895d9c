// The stage: who is called, who is next, who was absent; with the buttons for it where an organizer is logged in.
import { byId, element, say } from '../shared/elements.js';
import '../shared/event.js';
import { labelOf } from '../shared/label.js';
import { listen, watch } from '../shared/live.js';
import { picture } from '../shared/pictures.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

/** The round on the stage: when it is another one, it is also the one to call from. */
let shownRound;


function show({ round, entry, next, absent, called, of }) {
  byId('round').textContent = round ? `${round.name} · ${text('call.of', { called, of })}` : '';
  byId('called').replaceChildren(...(entry
    ? [element('p', { class: 'number' }, labelOf(entry)),
      ...(entry.imageUrl ? [picture(entry, entry.caption?.trim() || text('show.tattoo'), '90vw', 'eager')] : []),
      element('p', { class: 'said', dir: 'auto' }, entry.caption ?? '')]
    : [element('p', { class: 'said' }, text('call.nobody'))]));
  byId('next').textContent = next ? text('call.next', { number: labelOf(next) }) : '';
  byId('absent').textContent = absent.length > 0 ? text('call.absent', { numbers: absent.join(', ') }) : '';
  byId('missing').disabled = !entry;
  if (round && round.id !== shownRound && [...byId('which').options].some(({ value }) => value === round.id)) byId('which').value = round.id;
  shownRound = round?.id;
}

async function call(body) {
  say(byId('problem'), '');
  try {
    show(await request(`/api/rounds/${encodeURIComponent(byId('which').value)}/call`, { method: 'POST', body }));
  } catch (error) {
    say(byId('problem'), error.message);
  }
}

async function offerControls() {
  const { loggedIn } = await request('/api/session');
  if (!loggedIn) return;
  const { rounds } = await request('/api/rounds');
  const running = rounds.filter(({ state }) => state !== 'setup');
  byId('which').replaceChildren(...running.map(({ id, name }) => element('option', { value: id }, name)));
  byId('controls').hidden = running.length === 0;
}

byId('controls').addEventListener('submit', (event) => {
  event.preventDefault();
  call({ next: true });
});
byId('missing').addEventListener('click', () => call({ absent: true }));
offerControls().catch(() => {});
const showConnection = (state) => { byId('connection').textContent = state; };
watch('/api/call', show, showConnection);
listen({ called: show }, showConnection);
