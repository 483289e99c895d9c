// The rounds: their states, who has marked what, the result, and the decision.
import { askFirst, attempt } from '../desk/desk.js';
import { button } from '../desk/desk-fields.js';
import { printOut } from '../desk/desk-print.js';
import { showDecided } from '../places/places.js';
import { jury } from './jury.js';
import { auditTable, blankSheets, resultTable } from './jury-print.js';
import { wirePaper, writePaper } from './jury-paper.js';
import { hourText } from '../shared/clock.js';
import { byId, element } from '../shared/elements.js';
import { labelElement, labelOf } from '../shared/label.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

const roundOf = (id) => jury.rounds.find((round) => round.id === id);
const path = (round, action) => `/api/rounds/${encodeURIComponent(round)}/${action}`;

let reload = async () => {};
/** The round's progress and result as last read. */
let seen = { progress: null, result: null };

function act(round, action, { body = {}, done = text(`jury.did-${action}`) } = {}) {
  return attempt(done, async () => {
    await request(path(round.id, action), { method: 'POST', body });
    await reload();
    if (action === 'decide') await showDecided(round.award ?? round.from.category);
  });
}

// MARK: The list

function roundRow(round) {
  const made = element('button', { type: 'button', 'aria-pressed': String(round.id === jury.round) },
    element('bdi', {}, round.name), ` · ${text(`jury.state-${round.state}`)}`);
  made.addEventListener('click', () => {
    jury.round = round.id;
    showRounds();
    showMatrix().catch(() => {});
  });
  return made;
}

export function showRounds() {
  byId('round-list').replaceChildren(...jury.rounds.map(roundRow));
  byId('no-round').hidden = jury.rounds.length > 0;
  byId('round').hidden = jury.rounds.length === 0;
}

// MARK: The matrix

const signs = { empty: '', draft: '…', final: '✓', recused: '–', absent: '∅' };

function cell(judge, entry, round) {
  const state = judge.cards[entry.id];
  const marks = judge.scores?.[entry.id];
  const label = text('jury.cell', { judge: judge.name, number: labelOf(entry), state: text(`judge.state-${state}`) });
  const total = marks ? round.total(marks) : signs[state];
  const made = element('button', { type: 'button', class: `cell ${state}`, 'aria-label': label, title: label }, String(total));
  made.addEventListener('click', () => writePaper({ round: round.id, judge, entry, state }));
  return element('td', {}, made);
}

function judgeHead({ name, seenAt, pending }) {
  const facts = [
    seenAt ? text('jury.seen', { time: hourText(seenAt) }) : text('jury.unseen'),
    pending > 0 ? text('jury.on-phone', { count: pending }) : '',
  ].filter(Boolean).join(' · ');
  return element('th', { scope: 'col' }, element('bdi', {}, name), element('small', { class: pending > 0 ? 'warning' : '' }, facts));
}

function matrix({ judges, entries }, round) {
  const rows = entries.map((entry) => element('tr', {},
    element('th', { scope: 'row' }, labelElement(entry), ' ',
      element('bdi', { class: 'hint' }, entry.caption?.trim() ?? '')),
    ...judges.map((judge) => cell(judge, entry, round))));
  return element('table', { class: 'matrix' }, element('caption', { class: 'visually-hidden' }, text('jury.matrix')),
    element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, text('jury.entry')), ...judges.map(judgeHead))),
    element('tbody', {}, ...rows));
}

/** Adds up marks as the sheet weighs them. */
function totaling(round) {
  const criteria = jury.sheets.find(({ id }) => id === round.sheet)?.criteria ?? [];
  return (marks) => criteria.reduce((sum, { id, weight }) => sum + (marks[id] ?? 0) * (weight ?? 1), 0);
}

// MARK: What can be done

function lock(round) {
  const waiting = seen.progress?.judges.filter(({ pending }) => pending > 0) ?? [];
  if (waiting.length === 0) return act(round, 'lock');
  const names = waiting.map(({ name, pending }) => `${name} (${pending})`).join(', ');
  return askFirst({
    title: text('jury.lock-title'), words: text('jury.lock-text', { names }), keep: text('jury.lock-not'), go: text('jury.lock-anyway'),
  }, () => act(round, 'lock'));
}

function reopen(round) {
  const reason = byId('reopen-reason').value.trim();
  byId('reopen-reason').value = '';
  return act(round, 'reopen', { body: { reason } });
}

function printAudit(round) {
  return attempt('', async () => {
    const response = await fetch(path(round.id, 'audit.csv'));
    if (!response.ok) throw new Error(text('request.failed', { status: response.status }));
    printOut([auditTable(round, await response.text())], 'jury');
  });
}

function actions(round) {
  const print = [
    button('jury.print-sheets', () => printOut(blankSheets(seen.progress, jury.sheets.find(({ id }) => id === round.sheet)), 'jury')),
    ...(seen.result ? [button('jury.print-result', () => printOut([resultTable(seen.result)], 'jury')),
      button('jury.print-audit', () => printAudit(round)),
      element('a', { href: path(round.id, 'audit.csv'), class: 'tag', download: '' }, text('jury.audit'))] : []),
  ];
  const steps = {
    setup: () => [button('jury.open', () => act(round, 'open'), { class: 'primary' })],
    open: () => [button('jury.lock', () => lock(round), { class: 'primary' })],
    locked: () => [button('jury.decide', () => decide(round), { class: 'primary' }), button('jury.reopen', () => reopen(round))],
    decided: () => [button('jury.reopen', () => reopen(round))],
  }[round.state]();
  return [...steps, ...(round.state === 'setup' ? [] : print)];
}

// MARK: The result

function placeRow({ place, tied, entries, words }) {
  const who = entries.map((entry) => element('span', {}, labelElement(entry), ' ',
    element('bdi', {}, entry.caption?.trim() ?? '')));
  return element('li', { class: tied ? 'tied' : '' }, element('strong', {}, text('winners.place', { n: place })), ...who,
    element('details', {}, element('summary', {}, text('jury.steps')), ...words.map((sentence) => element('p', {}, sentence))));
}

function blockerField({ id, sentence, kind, entries }) {
  const made = element('div', { class: 'field blocker', 'data-blocker': id });
  const name = `blocker-${id}`;
  made.append(element('label', { for: name }, sentence), element('input', { id: name, dir: 'auto', maxlength: 200, placeholder: text('jury.why') }));
  if (kind === 'tie') {
    const order = element('input', { class: 'order', inputmode: 'numeric', 'aria-label': text('jury.order'), placeholder: text('jury.order'), 'data-entries': JSON.stringify(entries) });
    made.append(order);
  }
  return made;
}

function showResult(round) {
  const box = byId('result');
  byId('reopen').hidden = !['locked', 'decided'].includes(round.state);
  if (!seen.result) {
    box.replaceChildren();
    delete box.dataset.shown;
    return;
  }
  // While nothing has changed, what is being typed and opened stays.
  const shown = JSON.stringify([round.id, round.state, seen.result]);
  if (box.dataset.shown === shown) return;
  const keyOf = (input) => `${input.closest('.blocker').dataset.blocker} ${input.className}`;
  const typed = box.dataset.round === round.id ? new Map(Array.from(box.querySelectorAll('.blocker input'), (input) => [keyOf(input), input.value])) : new Map();
  Object.assign(box.dataset, { shown, round: round.id });
  const { places, unmarked, blocked, late } = seen.result;
  box.replaceChildren(
    element('h3', {}, text('jury.result')), element('ol', { class: 'places' }, ...places.map(placeRow)),
    ...(unmarked.length > 0 ? [element('p', { class: 'hint' }, text('jury.unmarked', { numbers: unmarked.map(labelOf).join(', ') }))] : []),
    ...(late > 0 ? [element('p', { class: 'warning' }, text('jury.late', { count: late }))] : []),
    ...(round.state === 'locked' && blocked.length > 0 ? [element('h3', {}, text('jury.blocked')), ...blocked.map(blockerField), ...tieRounds(round, blocked)] : []));
  for (const input of box.querySelectorAll('.blocker input')) input.value = typed.get(keyOf(input)) ?? '';
}

/** A tie can be broken by a round of its own. */
function tieRounds(round, blocked) {
  return blocked.filter(({ kind }) => kind === 'tie').map(({ place, entries }) => button('jury.tie-round', () => attempt(text('jury.round-made'), async () => {
    const body = { name: text('jury.tie-name', { name: round.name, n: place }), sheet: round.sheet, from: round.from, entries, tieOf: round.id, minJudges: round.minJudges };
    const { ids } = await request('/api/rounds', { method: 'POST', body });
    jury.round = ids.at(-1);
    await reload();
  })));
}

/** The numbers that somebody typed, as entries: `21, 17`. */
function orderOf(input) {
  const entries = seen.progress.entries.filter(({ id }) => JSON.parse(input.dataset.entries).includes(id));
  const numbers = input.value.split(/[^0-9]+/).filter(Boolean);
  return numbers.map((number) => entries.find((entry) => String(entry.number) === number)?.id).filter(Boolean);
}

function decide(round) {
  const reasons = {};
  for (const blocker of byId('result').querySelectorAll('.blocker')) {
    const reason = blocker.querySelector('input').value.trim();
    if (reason) reasons[blocker.dataset.blocker] = reason;
  }
  const order = Array.from(byId('result').querySelectorAll('.order'), orderOf).flat();
  return act(round, 'decide', { body: { reasons, order } });
}

// MARK: The round that is chosen

/** Reads who has marked what, and the result where there is one. */
export async function showMatrix() {
  const round = roundOf(jury.round);
  if (!round) return;
  const isOver = ['locked', 'decided'].includes(round.state);
  const [progress, result] = await Promise.all([
    request(path(round.id, 'progress')), isOver ? request(path(round.id, 'result')) : null]);
  if (round.id !== jury.round) return;
  seen = { progress, result };
  byId('round-name').textContent = `${round.name} · ${text(`jury.state-${round.state}`)}`;
  byId('round-actions').replaceChildren(...actions(round));
  byId('matrix').replaceChildren(...(progress.judges.length > 0 && progress.entries.length > 0
    ? [matrix(progress, { id: round.id, total: totaling(round) })] : [element('p', { class: 'hint' }, text(round.state === 'setup' ? 'jury.not-open' : 'jury.no-judges'))]));
  showResult(round);
}

export function wireRounds(load) {
  reload = load;
  wirePaper(() => showMatrix());
  // When each phone was last heard of changes without an event.
  setInterval(() => { if (document.visibilityState === 'visible' && !byId('judging').hidden && !byId('desk').hidden) showMatrix().catch(() => {}); }, 10_000);
}
