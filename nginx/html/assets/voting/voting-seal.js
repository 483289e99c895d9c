// The seal of the ballots: a key that is made and printed before the vote opens, and typed in after it has closed.
import { attempt, desk } from '../desk/desk.js';
import { button, field } from '../desk/desk-fields.js';
import { printOut } from '../desk/desk-print.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

/** The key that was made here, until the ballots are sealed with it. */
let made = null;
let shown = '';

const send = (action, key) => request(`/api/voting/${action}`, { method: 'POST', body: { key } });

function print({ key, name }) {
  printOut([element('p', { class: 'print-event' }, desk.event?.name ?? ''), element('h2', {}, text('voting.seal-print', { name })),
    element('p', { class: 'seal-key' }, key), element('p', {}, text('voting.seal-keep'))], 'key');
}

/** A form of one field. */
function lineForm(key, values, attributes, go, action) {
  const input = field(key, { name: 'typed', autocomplete: 'off', ...attributes });
  input.querySelector('label').textContent = text(key, values);
  const form = element('form', { class: 'line', novalidate: true }, input, element('button', { type: 'submit', class: 'primary' }, text(go)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    action(form.elements.typed.value);
  });
  return form;
}

/** Shows the key. Whoever types its end from the paper has printed it. */
function madeParts(key, reload) {
  const end = key.key.slice(-4);
  const seal = (typed) => attempt(text('voting.seal-did', { name: key.name }), async () => {
    if (typed.trim().toUpperCase() !== end) throw new Error(text('voting.seal-differs'));
    await send('seal', key.key);
    // From now on the key is on paper only.
    made = null;
    byId('print-list').replaceChildren();
    await reload();
  });
  return [element('p', {}, text('voting.seal-keep')), element('p', { class: 'seal-key' }, key.key),
    element('div', { class: 'buttons' }, button('voting.print', () => print(key))),
    lineForm('voting.seal-typed', {}, { maxlength: 4 }, 'voting.seal-go', seal)];
}

function makeButton(reload) {
  return element('div', { class: 'buttons' }, button('voting.seal-make', () => attempt('', async () => {
    made = await request('/api/voting/seal-key', { method: 'POST', body: {} });
    await reload();
  })));
}

function parts({ voting, seal, mustBeSealed }, reload) {
  const isOver = voting.state === 'closed';
  const maySeal = voting.state === 'setup' || (isOver && !seal);
  if (made && maySeal) return madeParts(made, reload);
  const words = seal ? text('voting.seal-is', { name: seal }) : text(mustBeSealed ? 'voting.seal-must' : 'voting.seal-why');
  return [element('p', { class: 'hint' }, words), ...(maySeal ? [makeButton(reload)] : []),
    ...(isOver && seal ? [lineForm('voting.seal-key', { name: seal }, { maxlength: 80 }, 'voting.unseal', (key) => attempt(text('voting.unsealed'), async () => {
      await send('unseal', key);
      await reload();
    }))] : [])];
}

/** Shows how the ballots are sealed; what is being typed stays while that is the same. */
export function showSeal(seen, reload) {
  const { voting: { state }, seal, mustBeSealed } = seen;
  byId('seal').hidden = !seal && !['setup', 'closed'].includes(state);
  const wanted = JSON.stringify([state, seal, mustBeSealed, made]);
  if (wanted === shown) return;
  shown = wanted;
  byId('seal-parts').replaceChildren(...parts(seen, reload));
}
