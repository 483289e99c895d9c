// The seal of the ballots: a key that is made and printed before the vote opens, and typed in after it has closed.
import { attempt, desk } from '../desk/desk.js';
import { button, field } from '../desk/desk-fields.js';
import { printOut } from '../desk/desk-print.js';
import { plainCode } from '../shared/code.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

/** The key that was made here, until ballots are sealed with it: `{ key, name, replaces, isHidden }`. */
let made = null;
let shown = '';

/** Whether a key was made that seals nothing yet. */
export const hasUnusedKey = () => made !== null;

/** Forgets the key that was made here: whoever sits down next must not find it. */
export function forgetKey() {
  made = null;
  shown = '';
  byId('seal-parts').replaceChildren();
}

const post = (action, body) => request(`/api/voting/${action}`, { method: 'POST', body });

function print({ key, name }) {
  printOut([element('p', { class: 'print-event' }, desk.event?.name ?? ''), element('h2', {}, text('voting.seal-print', { name })),
    element('p', { class: 'seal-key' }, key), element('p', {}, text('voting.seal-keep'))], 'key');
}

/** A form for a key. */
function keyForm({ label, go, action }) {
  const input = field('voting.seal-key', { name: 'typed', autocomplete: 'off', maxlength: 100 });
  input.querySelector('label').textContent = label;
  const form = element('form', { class: 'line', novalidate: true }, input, element('button', { type: 'submit', class: 'primary' }, text(go)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    action(form.elements.typed.value);
  });
  return form;
}

/** The key to print. It is hidden before it is typed in: only from paper can it come then. */
function madeParts(seen, reload) {
  const key = made;
  const turn = (isHidden) => {
    made.isHidden = isHidden;
    showSeal(seen, reload);
  };
  if (!key.isHidden) {
    return [element('p', {}, text('voting.seal-keep')), element('p', { class: 'seal-key' }, key.key),
      element('div', { class: 'buttons' }, button('voting.print', () => print(key)), button('voting.seal-kept', () => turn(true), { class: 'primary' }))];
  }
  const isOver = seen.voting.state === 'closed';
  const seal = (typed) => attempt(text('voting.seal-did', { name: key.name }), async () => {
    if (plainCode(typed) !== plainCode(key.key)) throw new Error(text('voting.seal-differs'));
    await (isOver ? post('reopen', { key: typed, reason: byId('voting-reason').value.trim() }) : post('seal', { key: typed, replaces: key.replaces }));
    // From now on the key is on paper only.
    made = null;
    await reload();
  });
  return [keyForm({ label: text('voting.seal-typed', { name: key.name }), go: isOver ? 'voting.reopen' : 'voting.seal-go', action: seal }),
    element('div', { class: 'buttons' }, button('voting.seal-again', () => turn(false)))];
}

function makeButton(seen, reload) {
  return element('div', { class: 'buttons' }, button('voting.seal-make', () => attempt('', async () => {
    // It replaces what was there when it was made: another desk's key that came later stays.
    made = { ...await post('seal-key', {}), replaces: seen.seal };
    await reload();
  })));
}

const unsealForm = (name, reload) => keyForm({ label: text('voting.seal-key', { name }), go: 'voting.unseal', action: (key) => attempt(text('voting.unsealed'), async () => {
  await post('unseal', { key });
  await reload();
}) });

/** Whether ballots may get a seal now: before the vote opens, or where it is opened again. */
const maySeal = ({ voting: { state }, seal, wasSealed, mustBeSealed }) => state === 'setup' || (state === 'closed' && !seal && (wasSealed || mustBeSealed));

function parts(seen, reload) {
  const { voting: { state }, seal, mustBeSealed } = seen;
  const why = state === 'closed' ? 'voting.seal-anew' : mustBeSealed ? 'voting.seal-must' : 'voting.seal-why';
  const words = element('p', { class: 'hint' }, seal ? text('voting.seal-is', { name: seal }) : text(why));
  if (maySeal(seen)) return [words, ...(made ? madeParts(seen, reload) : [makeButton(seen, reload)])];
  return [words, ...(state === 'closed' ? [unsealForm(seal, reload)] : [])];
}

/** Shows how the ballots are sealed; what is being typed stays while that is the same. */
export function showSeal(seen, reload) {
  const { voting: { state }, seal } = seen;
  if (!maySeal(seen)) made = null;
  byId('seal').hidden = !seal && !maySeal(seen);
  const wanted = JSON.stringify([state, seal, maySeal(seen), made]);
  if (wanted === shown || byId('seal').hidden) return;
  shown = wanted;
  byId('seal-parts').replaceChildren(...parts(seen, reload));
}
