// A judge's phone: one entry a screen. Works without a network for the whole round.
import { cardOf, cards, change, isPending, keepCards, pendingCount, phone, readCards, settle, stateFor, take, undo } from './judge-cards.js';
import { isClosed, lastJudge, openLink, startSending } from './judge-sending.js';
import { byId, element, say } from '../shared/elements.js';
import { showEvent } from '../shared/event.js';
import { labelElement, labelOf } from '../shared/label.js';
import { sourceAt } from '../shared/pictures.js';
import { text } from '../text/text.js';

const photoWidth = 800;
const secondsToNextTry = 10;
let known = { rounds: [], judge: null };
let round = null;
let position = 0;
let isOverview = false;

const entries = () => round?.entries ?? [];
const entry = () => entries()[position];
const card = () => cardOf(round.id, entry().id);
const sheetOf = (id) => known.rounds.find((each) => each.id === id)?.sheet;
const totalOf = ({ scores }) => round.sheet.criteria.reduce((sum, { id, weight }) => sum + (scores[id] ?? 0) * (weight ?? 1), 0);

// MARK: What is shown

function wordsOf(each) {
  if (each.problem) return each.problem;
  if (each.question) return text('judge.asks');
  if (isPending(each)) return text(each.isOnItsWay ? 'judge.on-way' : 'judge.on-phone');
  if (each.base === 0) return '';
  return text(each.late ? 'judge.late' : 'judge.at-contest');
}

function showSending() {
  const pending = pendingCount();
  const words = pending > 0 ? text('judge.pending', { count: pending }) : cards.size > 0 ? text('judge.all-sent') : '';
  byId('sending').textContent = phone.isLasting ? words : text('judge.not-kept');
}

function markButton(criterion, mark) {
  const label = Array.isArray(criterion.labels) ? criterion.labels[mark - criterion.min] : criterion.labels?.[mark];
  const button = element('button', { type: 'button', 'data-mark': mark, 'aria-pressed': 'false', title: label, 'aria-label': label ? `${mark}, ${label}` : String(mark) }, String(mark));
  button.addEventListener('click', () => setMark(criterion.id, mark));
  return button;
}

const maxButtons = 20;

function markField(criterion) {
  const field = element('input', { type: 'number', inputmode: 'numeric', min: criterion.min, max: criterion.max, step: 1, 'aria-label': criterion.name });
  field.addEventListener('input', () => {
    const mark = field.valueAsNumber;
    if (Number.isInteger(mark) && mark >= criterion.min && mark <= criterion.max) setMark(criterion.id, mark);
  });
  return field;
}

function criterionRow(criterion) {
  const { min, max } = criterion;
  const marks = max - min < maxButtons
    ? Array.from({ length: max - min + 1 }, (_, step) => markButton(criterion, min + step)) : [markField(criterion)];
  const weight = criterion.weight > 1 ? [' ', element('small', {}, text('judge.weight', { weight: criterion.weight }))] : [];
  return element('fieldset', { class: 'criterion', 'data-criterion': criterion.id },
    element('legend', {}, element('bdi', {}, criterion.name), ...weight), element('div', { class: 'marks' }, ...marks));
}

function showMarks() {
  const { scores, state, past } = card();
  for (const row of byId('criteria').children) {
    const mark = scores[row.dataset.criterion];
    for (const button of row.querySelectorAll('button')) button.setAttribute('aria-pressed', String(Number(button.dataset.mark) === mark));
    const field = row.querySelector('input');
    if (field && document.activeElement !== field) field.value = mark ?? '';
    row.disabled = state === 'recused';
  }
  byId('absent').setAttribute('aria-pressed', String(state === 'absent'));
  byId('recuse').disabled = byId('absent').disabled = state === 'recused';
  byId('undo').disabled = past.length === 0 || state === 'recused';
}

/** Where the judge has this entry among those that are marked: `you have 17 before 21`. */
function showOrder() {
  const marked = entries().filter(({ id }) => cards.get(`${round.id} ${id}`)?.state === 'final')
    .map((each) => ({ label: labelOf(each), id: each.id, total: totalOf(cardOf(round.id, each.id)) }))
    .sort((one, other) => other.total - one.total);
  const place = marked.findIndex(({ id }) => id === entry().id);
  const [before, own, after] = [marked[place - 1], marked[place], marked[place + 1]];
  const words = [];
  if (own && after) words.push(text(own.total === after.total ? 'judge.level' : 'judge.ahead', { one: own.label, other: after.label }));
  if (own && before) words.push(text(own.total === before.total ? 'judge.level' : 'judge.ahead', { one: before.label, other: own.label }));
  byId('order').textContent = words.join(' ');
}

function showCard() {
  if (!round || !entry()) return;
  const each = card();
  showMarks();
  showOrder();
  const words = { recused: text('judge.is-recused'), absent: text('judge.is-absent') }[each.state];
  byId('card-state').textContent = [words, wordsOf(each)].filter(Boolean).join(' · ');
  byId('card-state').dataset.state = isPending(each) ? 'phone' : each.base > 0 ? 'contest' : '';
  byId('question').hidden = !each.question;
  if (each.question) {
    const marks = ({ scores }) => round.sheet.criteria.map(({ id, name }) => `${name} ${scores[id] ?? '–'}`).join(', ');
    byId('question-text').textContent = text('judge.question', { here: marks(each), there: marks(each.question) });
  }
}

function showEntry() {
  const each = entry();
  byId('entry-title').replaceChildren(labelElement(each),
    element('small', {}, text('judge.position', { position: position + 1, count: entries().length })));
  byId('caption').textContent = each.caption?.trim() ?? '';
  const photo = each.imageUrl
    ? element('img', { src: sourceAt(each.imageUrl, photoWidth), alt: each.caption?.trim() || text('show.tattoo'), decoding: 'async' })
    : element('p', { class: 'hint' }, text('wall.no-photo'));
  photo.addEventListener('error', () => photo.replaceWith(element('p', { class: 'hint' }, text('judge.no-picture'))));
  byId('photo').replaceChildren(photo);
  byId('before').disabled = position === 0;
  byId('next').disabled = position === entries().length - 1;
  showCard();
}

function showOverview() {
  const rows = entries().map((each, index) => ({ each, index, card: cardOf(round.id, each.id) }));
  const rank = { final: 0, draft: 1, absent: 2, recused: 3 };
  rows.sort((one, other) => rank[one.card.state] - rank[other.card.state]
    || (one.card.state === 'final' ? totalOf(other.card) - totalOf(one.card) : 0) || one.index - other.index);
  byId('list').replaceChildren(...rows.map(({ each, index, card: made }) => {
    const total = made.state === 'final' ? String(totalOf(made)) : text(`judge.state-${Object.keys(made.scores).length === 0 && made.state === 'draft' ? 'empty' : made.state}`);
    const button = element('button', { type: 'button' }, labelElement(each),
      element('span', { class: 'hint' }, wordsOf(made)), element('span', { class: 'total' }, total));
    button.addEventListener('click', () => go(index));
    return element('li', {}, button);
  }));
}

function showRounds() {
  const tabs = known.rounds.map((each) => {
    const tab = element('button', { type: 'button', 'aria-pressed': String(each.id === round?.id) }, element('bdi', {}, each.name));
    tab.addEventListener('click', () => choose(each.id));
    return tab;
  });
  byId('rounds').replaceChildren(...tabs);
  byId('rounds').hidden = tabs.length < 2;
}

function show() {
  byId('title').textContent = known.judge ? text('judge.hello', { name: known.judge.name, round: round?.name ?? text('judge.title') }) : text('judge.title');
  byId('waiting').hidden = Boolean(round);
  if (!round) byId('waiting').textContent = text(known.judge ? 'judge.no-round' : 'judge.opening');
  byId('sheet').hidden = !round || isOverview;
  byId('overview').hidden = !round || !isOverview;
  byId('steps').hidden = !round;
  byId('show-overview').setAttribute('aria-pressed', String(isOverview));
  showRounds();
  showSending();
  if (!round) return;
  if (isOverview) showOverview();
  else showEntry();
}

// MARK: What the judge does

/** Kept first, then sent. */
async function mark(action, marked = card()) {
  action(marked);
  showCard();
  showSending();
  await keepCards();
  sender.sendSoon();
}

function setMark(id, value) {
  mark((each) => {
    const scores = { ...each.scores, [id]: value };
    change(each, { scores, state: stateFor(scores, round.sheet), reason: '' });
  });
}

function go(index) {
  position = Math.max(0, Math.min(entries().length - 1, index));
  isOverview = false;
  show();
  window.scrollTo(0, 0);
  byId('entry-title').focus({ preventScroll: true });
}

function firstOpen() {
  const open = entries().findIndex(({ id }) => cardOf(round.id, id).state === 'draft');
  return open < 0 ? 0 : open;
}

function choose(id) {
  round = known.rounds.find((each) => each.id === id) ?? known.rounds[0] ?? null;
  if (!round) return show();
  byId('criteria').replaceChildren(...round.sheet.criteria.map(criterionRow));
  go(firstOpen());
}

byId('before').addEventListener('click', () => go(position - 1));
byId('next').addEventListener('click', () => go(position + 1));
byId('show-overview').addEventListener('click', () => {
  isOverview = !isOverview;
  show();
});
byId('undo').addEventListener('click', () => mark(undo));
byId('absent').addEventListener('click', () => mark((each) => change(each, {
  state: each.state === 'absent' ? stateFor(each.scores, round.sheet) : 'absent', reason: '',
})));
/** The card that the question is about: the entry on the screen may be another one by then. */
let asked = null;
byId('recuse').addEventListener('click', () => {
  asked = card();
  byId('reason').value = '';
  byId('confirm').returnValue = '';
  byId('confirm').showModal();
});
byId('confirm').addEventListener('close', () => {
  if (byId('confirm').returnValue !== 'go') return;
  const reason = byId('reason').value.trim();
  mark((each) => change(each, { scores: {}, state: 'recused', reason }), asked);
});
for (const [id, takesOther] of [['keep-mine', false], ['take-other', true]]) {
  byId(id).addEventListener('click', () => mark((each) => settle(each, takesOther)));
}

// MARK: The contest

/** Photos of the round, for where there is no network. */
async function fetchPhotos() {
  if (!('caches' in window)) return;
  const kept = await caches.open('judge-photos');
  for (const { imageUrl } of known.rounds.flatMap((each) => each.entries)) {
    if (!imageUrl) continue;
    const source = sourceAt(imageUrl, photoWidth);
    if (await kept.match(source)) continue;
    const response = await fetch(source).catch(() => null);
    // A network's log-in page is no photo.
    if (response?.ok && /^image\//.test(response.headers.get('Content-Type') ?? '')) await kept.put(source, response);
  }
  // What was taken off the wall does not stay on phones.
  const wanted = new Set(known.rounds.flatMap((each) => each.entries).map(({ imageUrl }) => imageUrl && new URL(sourceAt(imageUrl, photoWidth), location.href).href));
  for (const { url } of await kept.keys()) if (!wanted.has(url)) await kept.delete(url);
}

/** Takes the rounds as they are now; the entry on the screen stays where it is. */
function takeRounds(found, isFromPhone = false) {
  say(byId('problem'), found.problem);
  if (found.problem) return;
  const shown = entry()?.id;
  for (const each of found.rounds) {
    for (const stored of each.cards) {
      // A card of another phone, or of this one before its memory was lost.
      take(cardOf(stored.round, stored.entry), stored, each.sheet);
    }
  }
  const isSame = JSON.stringify(found.rounds.map(({ cards: _, ...rest }) => rest)) === JSON.stringify(known.rounds.map(({ cards: _, ...rest }) => rest));
  const closed = round && !found.rounds.some(({ id }) => id === round.id) ? round.name : null;
  known = found;
  if (found.event) showEvent(found.event);
  if (closed) say(byId('problem'), text('judge.closed', { name: closed }));
  if (!isFromPhone) fetchPhotos().catch(() => {});
  if (isSame && round) {
    round = found.rounds.find(({ id }) => id === round.id);
    showCard();
    showSending();
    return;
  }
  const place = shown === undefined ? -1 : found.rounds.find(({ id }) => id === round?.id)?.entries.findIndex(({ id }) => id === shown) ?? -1;
  if (place < 0) return choose(round?.id);
  round = found.rounds.find(({ id }) => id === round.id);
  position = place;
  show();
}

const sender = startSending({
  onChange: () => {
    showSending();
    if (isOverview && round) showOverview();
    else showCard();
  },
  onRounds: takeRounds,
  sheetOf,
});

/** Opens the link until there is a network; another judge's cards are not shown meanwhile. */
async function openUntilKnown(token) {
  const problem = await openLink(token);
  say(byId('problem'), problem);
  if (!problem) await showJudge();
  else if (!isClosed) setTimeout(() => openUntilKnown(token), 1000 * secondsToNextTry);
}

async function showJudge() {
  const judge = await lastJudge();
  if (judge === null) return;
  await readCards(judge);
  const last = await phone.read(`rounds ${judge}`);
  if (last) takeRounds(last, true);
  await sender.look();
}

async function begin() {
  const token = location.hash.slice(1);
  const former = await phone.read('token');
  // The link stays on the phone, not on its screen.
  if (token) {
    await phone.keep('token', token);
    history.replaceState(null, '', location.pathname + location.search);
  }
  if (token && token !== former) await openUntilKnown(token);
  else if (former && (await lastJudge()) === null) await openUntilKnown(former);
  else if (former) await showJudge();
  else byId('waiting').textContent = text('judge.no-link');
}

/** One tab at a time: two that write the same cards would undo each other's marks. */
function beginAlone() {
  if (!('locks' in navigator)) return begin();
  return navigator.locks.request('judge', { steal: true }, async () => {
    begin();
    await new Promise(() => {});
  }).catch(() => {
    for (const part of ['sheet', 'overview', 'steps', 'rounds']) byId(part).hidden = true;
    byId('waiting').hidden = false;
    byId('waiting').textContent = text('judge.elsewhere');
    sender.stop();
  });
}

if ('serviceWorker' in navigator) navigator.serviceWorker.register('/page-worker.js?page=judge', { scope: '/judge' }).catch(() => {});
beginAlone();
