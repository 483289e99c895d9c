// What a judge wrote on paper, keyed in by one and confirmed by another; and recusals.
import { attempt } from '../desk/desk.js';
import { jury } from './jury.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

let card = null;
let whenDone = async () => {};

const sheet = () => {
  const round = jury.rounds.find(({ id }) => id === card.round);
  return jury.sheets.find(({ id }) => id === round?.sheet);
};

/** Opens the dialog for a judge's card of an entry. */
export function writePaper(chosen) {
  card = chosen;
  const { judge, entry, state } = chosen;
  byId('paper-title').textContent = text('jury.cell', { judge: judge.name, number: entry.number ?? entry.caption ?? '', state: text(`judge.state-${state}`) });
  byId('paper-marks').replaceChildren(...(sheet()?.criteria ?? []).map(({ id, name, min, max }) => {
    const field = `paper-${id}`;
    return element('div', { class: 'field' }, element('label', { for: field }, name),
      element('input', { id: field, type: 'number', step: 1, min, max, 'data-criterion': id }));
  }));
  byId('paper-reason').value = '';
  byId('paper-recuse').textContent = text(state === 'recused' ? 'jury.lift' : 'jury.recuse');
  byId('paper').showModal();
}

function scores() {
  return Object.fromEntries(Array.from(byId('paper-marks').querySelectorAll('input'), (input) => [input.dataset.criterion, input.valueAsNumber])
    .filter(([, mark]) => Number.isFinite(mark)));
}

function send(done, method, path, body) {
  byId('paper').close();
  attempt(done, async () => {
    await request(path, { method, body });
    await whenDone();
  });
}

function sendCard(state, done) {
  const path = `/api/rounds/${encodeURIComponent(card.round)}/scorecards/${encodeURIComponent(card.judge.id)}/${encodeURIComponent(card.entry.id)}`;
  send(done, 'PUT', path, { scores: scores(), state });
}

export function wirePaper(load) {
  whenDone = load;
  byId('paper-draft').addEventListener('click', () => sendCard('draft', text('jury.keyed-in')));
  byId('paper-final').addEventListener('click', () => sendCard('final', text('jury.confirmed')));
  byId('paper-recuse').addEventListener('click', () => {
    const body = { judge: card.judge.id, entry: card.entry.id, reason: byId('paper-reason').value.trim(), lift: card.state === 'recused' };
    send(text(body.lift ? 'jury.lifted' : 'jury.recused'), 'POST', `/api/rounds/${encodeURIComponent(card.round)}/recuse`, body);
  });
}
