// A voter's phone: a code or the browser itself, the entries in this voter's own order, and a ballot that may be
// changed until the end.
import { ballotOfChoices, isSame, keepBallot, look, openBallot, phone, printedCode, sendWaiting, stopSending } from './ballots.js';
import { showResult } from './result.js';
import { hourText, siteNow } from '../shared/clock.js';
import { plainCode } from '../shared/code.js';
import { byId, element, say } from '../shared/elements.js';
import '../shared/event.js';
import { labelElement, labelsOf } from '../shared/label.js';
import { isLive, listen, whenMissed } from '../shared/live.js';
import { frame } from '../shared/pictures.js';
import { ask } from '../shared/request.js';
import { text } from '../text/text.js';

const secondsBetweenLooks = 20;
const secondsToNextTry = 5;
/** A hall does not ask in one moment: how far the vote is, within this time; what is new on a list, within that. */
const secondsOfState = 3;
const secondsOfList = 30;
/** The vote as everybody may know it. */
let voting = null;
/** The ballot that is looked at, and what sends it; `null` without a code. */
let ballot = null;
let sendAll = null;
/** Whether another tab has taken over. */
let isElsewhere = false;
/** Whether a code is being typed where the browser could vote as well. */
let wantsCard = false;

/** How far the vote is, by its times: what was read may be of an hour ago. */
function stateNow() {
  if (!voting) return null;
  const { state, opensAt, closesAt } = voting;
  if (state === 'setup' && opensAt && siteNow() >= opensAt) return closesAt && siteNow() >= closesAt ? 'closed' : 'open';
  return state === 'open' && closesAt && siteNow() >= closesAt ? 'closed' : state;
}

function stateText() {
  if (isElsewhere) return text('judge.elsewhere');
  const { opensAt, closesAt, turnout, runOff } = voting ?? {};
  const state = stateNow();
  const words = {
    setup: opensAt ? text('vote.opens', { time: hourText(opensAt) }) : text('vote.setup'),
    open: closesAt ? text('vote.closes', { time: hourText(closesAt) }) : text('vote.is-open'),
    closed: text('vote.closed'),
  }[state] ?? '';
  const isRunning = state !== 'published';
  return [isRunning && runOff ? text('voting.is-run-off', { n: runOff.place }) : '', words,
    typeof turnout === 'number' && isRunning ? text('vote.turnout', { count: turnout }) : ''].filter(Boolean).join(' ');
}

// MARK: The ballot

function candidate(entry) {
  const made = element('button', { type: 'button', 'aria-pressed': 'false', 'data-entry': entry.id },
    frame(entry, ''), element('span', { class: 'told' }, ...(entry.number ? [labelElement(entry)] : []), element('bdi', {}, entry.caption?.trim() ?? '')));
  made.addEventListener('click', () => toggle(entry.id));
  return element('li', {}, made);
}

function toggle(id) {
  const { choices } = voting;
  const isChosen = ballot.draft.includes(id);
  ballot.isFull = !isChosen && ballot.draft.length >= choices && choices > 1;
  if (ballot.isFull) return show();
  ballot.draft = isChosen ? ballot.draft.filter((other) => other !== id) : choices === 1 ? [id] : [...ballot.draft, id];
  ballot.refusal = null;
  keepBallot(ballot);
  show();
}

/** The pictures stay where they are while the list is the same. */
function showCandidates() {
  const { entries } = ballot.list;
  const order = entries.map(({ id, caption }) => `${id} ${caption}`).join(' ');
  if (byId('candidates').dataset.order !== order) {
    byId('candidates').dataset.order = order;
    byId('candidates').replaceChildren(...entries.map(candidate));
  }
  for (const made of byId('candidates').querySelectorAll('button')) made.setAttribute('aria-pressed', String(ballot.draft.includes(made.dataset.entry)));
}

function sendingText() {
  if (!phone.isLasting && ballot?.waiting) return text('judge.not-kept');
  if (!ballot?.waiting) return ballot?.receipt ? text('judge.at-contest') : '';
  return text(ballot.isOnItsWay ? 'judge.on-way' : 'judge.on-phone');
}

function problemText() {
  return ballot.problem ?? ballot.refusal ?? (ballot.isFull ? text('vote.full', { count: voting.choices }) : '');
}

function showBallot() {
  const state = stateNow();
  const isListed = Boolean(ballot?.list);
  byId('choice').hidden = !isListed || state === 'published';
  byId('ready').hidden = !isListed || state !== 'open' || ballot.list.entries.length === 0;
  if (!isListed) return;
  showCandidates();
  const { draft, receipt, waiting, list } = ballot;
  const key = list.entries.length === 0 ? 'vote.nothing' : voting.choices === 1 ? 'vote.choose-one' : 'vote.choose';
  byId('choice-title').textContent = text(key, { count: voting.choices });
  byId('chosen').textContent = text('vote.chosen', { count: draft.length, of: voting.choices });
  byId('send').textContent = text(receipt || waiting ? 'vote.change' : 'vote.send');
  byId('send').disabled = draft.length === 0 || isSame(draft, (waiting ?? receipt)?.choices ?? []);
}

function show() {
  byId('state').textContent = stateText();
  byId('code-form').hidden = ballot !== null || isElsewhere;
  byId('other-card').hidden = ballot === null;
  byId('other-card').textContent = text(ballot?.code ? 'vote.other-card' : 'vote.with-card');
  byId('sending').textContent = sendingText();
  if (ballot) say(byId('problem'), problemText());
  const receipt = ballot?.receipt;
  byId('kept').hidden = !receipt;
  byId('kept-title').textContent = text(ballot?.waiting ? 'vote.kept-before' : 'vote.kept');
  if (receipt) {
    const known = new Map((ballot.list?.entries ?? []).map((entry) => [entry.id, entry]));
    byId('kept-choices').textContent = receipt.choices ? labelsOf(receipt.choices, known) : text('vote.sealed');
    byId('tracker').textContent = ballot.tracker ?? '';
  }
  showBallot();
  showResult(stateNow() === 'published' ? voting : null, ballot?.tracker);
}

function onChange(changed) {
  if (changed === ballot) show();
}

// MARK: The contest

let again;

/** Forgets the code that was opened; what waits with it is sent all the same. */
function leaveBallot(problem = '') {
  clearTimeout(again);
  [ballot, sendAll] = [null, null];
  phone.keep('code', null);
  say(byId('problem'), problem);
}

/** Asks what may be chosen, until there is an answer. */
async function lookAgain() {
  clearTimeout(again);
  const asked = ballot;
  if (!asked || isElsewhere) return;
  const hasAnswered = await look(asked);
  if (ballot !== asked) return;
  if (!hasAnswered) {
    if (!asked.list) asked.problem = text('request.no-connection');
    again = setTimeout(lookAgain, 1000 * secondsToNextTry * (1 + Math.random()));
  } else if (asked.isWrong) {
    leaveBallot(asked.problem);
    byId('code').value = printedCode(asked.code);
  } else {
    if (asked.list) voting = asked.list.voting;
    sendAll();
  }
  show();
}

/** Asks within some time: not all of a hall in the same moment. */
function lookAgainSoon() {
  clearTimeout(again);
  again = setTimeout(lookAgain, 1000 * secondsOfList * Math.random());
}

/** Opens a code; without a network what this phone knows of it is shown, and the contest is asked again. */
async function open(code) {
  wantsCard = false;
  const found = await openBallot(code, onChange);
  ({ ballot, sendAll } = found);
  if (ballot.list) voting ??= ballot.list.voting;
  ballot.problem = null;
  show();
  await lookAgain();
}

/** What a list of entries depends on: a vote may have been closed and opened again between two looks. */
const keyOf = (each) => each && JSON.stringify([each.choices, each.categories, each.runOff]);

/** Asks how far the vote is. */
async function lookAtVote() {
  if (isElsewhere) return;
  const found = await ask('/api/voting');
  if (found?.status !== 200) return;
  const [isOther, isNew] = [keyOf(voting) !== keyOf(found.answer), voting?.state !== found.answer.state];
  voting = found.answer;
  show();
  if (!ballot) return openBrowsers();
  // A list of another vote cannot wait; how a vote ends concerns what was sent.
  if (isOther) await lookAgain();
  else if (isNew) lookAgainSoon();
}

/** Where browsers vote, this one opens its ballot, unless a card is being typed. */
async function openBrowsers() {
  if (voting?.mode === 'device' && !wantsCard && !(await phone.read('code'))) await open('');
}

let soon;

function lookSoon() {
  clearTimeout(soon);
  soon = setTimeout(lookAtVote, 1000 * secondsOfState * Math.random());
}

// MARK: What the voter does

byId('send').addEventListener('click', () => {
  ballot.waiting = ballotOfChoices(ballot.draft);
  ballot.isFull = false;
  window.scrollTo(0, 0);
  sendAll();
});

byId('code-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const code = plainCode(byId('code').value);
  if (!code) return;
  say(byId('problem'), '');
  phone.keep('code', code).then(() => open(code));
});

byId('other-card').addEventListener('click', () => {
  leaveBallot();
  wantsCard = true;
  byId('code').value = '';
  show();
  byId('code').focus();
});

async function begin() {
  const scanned = plainCode(location.hash.slice(1));
  const code = scanned || (await phone.read('code'));
  // The code stays on the phone, not on its screen.
  if (scanned) await phone.keep('code', scanned);
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  sendWaiting(onChange);
  if (code) open(code);
  await lookAtVote();
  show();
}

/** One tab at a time: two that keep the same ballot would undo each other's choices. */
function beginAlone() {
  if (!('locks' in navigator)) return begin();
  return navigator.locks.request('vote', { steal: true }, async () => {
    begin();
    await new Promise(() => {});
  }).catch(() => {
    isElsewhere = true;
    stopSending();
    clearTimeout(again);
    [ballot, sendAll] = [null, null];
    show();
  });
}

for (const name of ['online', 'pageshow']) {
  window.addEventListener(name, () => {
    lookSoon();
    sendWaiting(onChange);
  });
}
window.addEventListener('hashchange', () => { if (location.hash.length > 1) begin(); });
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible') return;
  lookSoon();
  lookAgainSoon();
});
setInterval(() => {
  if (document.visibilityState !== 'visible') return;
  show();
  if (!voting || !isLive) lookSoon();
}, 1000 * secondsBetweenLooks);
whenMissed(lookSoon);
const isListed = (id) => ballot?.list?.entries.some((entry) => entry.id === id);
listen({
  votingUpdated: lookSoon,
  newSubmission: lookAgainSoon,
  entryApproved: lookAgainSoon,
  submissionChanged: ({ id }) => { if (isListed(id)) lookAgainSoon(); },
  submissionRemoved: ({ id }) => { if (isListed(id)) lookAgainSoon(); },
}, () => {});
if ('serviceWorker' in navigator) navigator.serviceWorker.register('/page-worker.js?page=vote', { scope: '/vote' }).catch(() => {});
beginAlone();
