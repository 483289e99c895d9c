// A voter's phone: a code or the browser itself, the entries in this voter's own order, and a ballot that may be changed until the end.
import { ballotOf, isSame, keepBallot, look, phone, plainCode, printedCode, startSending } from './ballots.js';
import { hourText, siteNow } from '../shared/clock.js';
import { byId, element, say } from '../shared/elements.js';
import '../shared/event.js';
import { labelElement, labelOf } from '../shared/label.js';
import { isLive, listen, whenMissed } from '../shared/live.js';
import { frame } from '../shared/pictures.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

const secondsBetweenLooks = 20;
const secondsToNextTry = 5;
/** The vote as everybody may know it. */
let voting = null;
/** The ballot of the code that was opened last; `null` without one. */
let ballot = null;
let sender = null;

/** How far the vote is, by its times: what was read may be of an hour ago. */
function stateNow() {
  if (!voting) return null;
  const { state, opensAt, closesAt } = voting;
  if (state === 'setup' && opensAt && siteNow() >= opensAt) return closesAt && siteNow() >= closesAt ? 'closed' : 'open';
  return state === 'open' && closesAt && siteNow() >= closesAt ? 'closed' : state;
}

function stateText() {
  const { opensAt, closesAt, turnout } = voting ?? {};
  const words = {
    setup: opensAt ? text('vote.opens', { time: hourText(opensAt) }) : text('vote.setup'),
    open: closesAt ? text('vote.closes', { time: hourText(closesAt) }) : text('vote.is-open'),
    closed: text('vote.closed'),
    published: '',
  }[stateNow()] ?? '';
  return [words, typeof turnout === 'number' && stateNow() !== 'published' ? text('vote.turnout', { count: turnout }) : ''].filter(Boolean).join(' ');
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
  if (!isChosen && ballot.draft.length >= choices && choices > 1) {
    say(byId('problem'), text('vote.full', { count: choices }));
    return;
  }
  ballot.draft = isChosen ? ballot.draft.filter((other) => other !== id) : choices === 1 ? [id] : [...ballot.draft, id];
  say(byId('problem'), '');
  keepBallot(ballot);
  show();
}

/** The pictures stay where they are while the list is the same. */
function showCandidates() {
  const entries = ballot?.list?.entries ?? [];
  const order = entries.map(({ id }) => id).join(' ');
  if (byId('candidates').dataset.order !== order) {
    byId('candidates').dataset.order = order;
    byId('candidates').replaceChildren(...entries.map(candidate));
  }
  for (const made of byId('candidates').querySelectorAll('button')) made.setAttribute('aria-pressed', String(ballot.draft.includes(made.dataset.entry)));
}

function namesOf(ids) {
  const known = new Map((ballot.list?.entries ?? []).map((entry) => [entry.id, entry]));
  return ids.map((id) => known.get(id)).filter(Boolean).map((entry) => (entry.number ? `#${entry.number}` : labelOf(entry))).join(', ');
}

function sendingText() {
  if (!phone.isLasting && ballot?.waiting) return text('judge.not-kept');
  if (!ballot?.waiting) return ballot?.receipt ? text('judge.at-contest') : '';
  return text(ballot.isOnItsWay ? 'judge.on-way' : 'judge.on-phone');
}

function showBallot() {
  const state = stateNow();
  const isListed = Boolean(ballot?.list);
  byId('choice').hidden = !isListed || state === 'published';
  byId('ready').hidden = !isListed || state !== 'open';
  if (!isListed) return;
  showCandidates();
  const { draft, receipt, waiting } = ballot;
  if (ballot.list.entries.length === 0) {
    byId('choice-title').textContent = text('vote.nothing');
    byId('ready').hidden = true;
    return;
  }
  byId('choice-title').textContent = text(voting.choices === 1 ? 'vote.choose-one' : 'vote.choose', { count: voting.choices });
  byId('chosen').textContent = text('vote.chosen', { count: draft.length, of: voting.choices });
  byId('send').textContent = text(receipt || waiting ? 'vote.change' : 'vote.send');
  const current = waiting ?? receipt?.choices ?? [];
  byId('send').disabled = draft.length === 0 || isSame(draft, current);
}

function show() {
  byId('state').textContent = stateText();
  byId('code-form').hidden = ballot !== null;
  byId('other-card').hidden = !ballot?.code;
  byId('sending').textContent = sendingText();
  const receipt = ballot?.receipt;
  byId('kept').hidden = !receipt;
  byId('kept-title').textContent = text(ballot?.waiting ? 'vote.kept-before' : 'vote.kept');
  if (receipt) {
    byId('kept-choices').textContent = namesOf(receipt.choices);
    byId('tracker').textContent = ballot.tracker ?? '';
  }
  showBallot();
  showResult();
}

// MARK: The result

function placeItem({ place, votes, entries }) {
  const known = new Map((ballot?.list?.entries ?? []).map((entry) => [entry.id, entry]));
  const figures = entries.map((id) => known.get(id) ?? { id }).map((entry) => element('li', {}, frame(entry, ''),
    ...(entry.number ? [labelElement(entry)] : []), ' ', element('bdi', {}, entry.caption?.trim() ?? '')));
  return element('li', {}, element('span', { class: 'place' }, text('winners.place', { n: place })), ` · ${text('vote.votes', { count: votes })}`, element('ul', {}, ...figures));
}

function showResult() {
  const result = stateNow() === 'published' ? voting.result : null;
  byId('result').hidden = !result;
  if (!result) return;
  const key = JSON.stringify([result, ballot?.list?.entries.length ?? 0]);
  if (byId('places').dataset.shown === key) return;
  byId('places').dataset.shown = key;
  const facts = [text('vote.ballots', { count: result.ballots })];
  if (result.setAside > 0) facts.push(text('vote.set-aside', { count: result.setAside }));
  for (const { at, reason } of result.reopened ?? []) facts.push(text('vote.reopened', { time: hourText(at), reason }));
  byId('result-facts').textContent = facts.join(' ');
  byId('places').replaceChildren(...result.places.map(placeItem));
}

function trackerList({ tracker, choices }) {
  return element('li', { class: tracker === ballot?.tracker ? 'own' : '' }, `${tracker}: ${ballot ? namesOf(choices) : choices.join(', ')}`);
}

byId('all').addEventListener('toggle', async () => {
  if (!byId('all').open || byId('trackers').childElementCount > 0) return;
  const { ballots, before } = await request('/api/voting/trackers').catch((error) => { say(byId('problem'), error.message); return { ballots: [] }; });
  byId('trackers').replaceChildren(element('ol', {}, ...(before ?? ballots).map(trackerList)));
  if (before) byId('trackers').append(element('h3', {}, text('voting.is-run-off', { n: voting.runOff.place })), element('ol', {}, ...ballots.map(trackerList)));
});

// MARK: What the voter does

byId('send').addEventListener('click', () => {
  ballot.waiting = [...ballot.draft];
  say(byId('problem'), '');
  window.scrollTo(0, 0);
  sender.sendAll();
});

byId('code-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const code = plainCode(byId('code').value);
  if (code) open(code);
});

byId('other-card').addEventListener('click', () => {
  sender?.stop();
  [ballot, sender] = [null, null];
  phone.keep('code', null);
  say(byId('problem'), '');
  byId('code').value = '';
  show();
  byId('code').focus();
});

function onChange() {
  if (ballot?.problem) say(byId('problem'), ballot.problem);
  show();
}

/** Opens a code; without a network what this phone knows of it is shown, and the contest is asked again. */
async function open(code) {
  sender?.stop();
  const opened = await ballotOf(code);
  ballot = opened;
  if (opened.list) voting ??= opened.list.voting;
  sender = startSending(opened, () => { if (ballot === opened) onChange(); });
  say(byId('problem'), '');
  show();
  await lookAgain();
  sender?.sendAll();
}

let again;

/** Asks what may be chosen, until there is an answer. */
async function lookAgain() {
  clearTimeout(again);
  const asked = ballot;
  if (!asked) return;
  asked.problem = null;
  const hasAnswered = await look(asked);
  if (ballot !== asked) return;
  if (!hasAnswered) {
    if (!asked.list) say(byId('problem'), text('request.no-connection'));
    again = setTimeout(lookAgain, 1000 * secondsToNextTry * (1 + Math.random()));
  } else if (asked.isWrong) {
    sender.stop();
    [ballot, sender] = [null, null];
    phone.keep('code', null);
    byId('code').value = printedCode(asked.code);
    say(byId('problem'), asked.problem);
  } else {
    say(byId('problem'), asked.problem);
    if (asked.list) voting = asked.list.voting;
    phone.keep('code', asked.code);
    sender.sendAll();
  }
  show();
}

/** What a list of entries depends on: a vote may have been closed and opened again between two looks. */
const keyOf = (each) => each && JSON.stringify([each.state, each.opensAt, each.choices, each.categories, each.runOff]);

/** Asks how far the vote is. */
async function lookAtVote() {
  const found = await request('/api/voting').catch(() => null);
  if (!found) return;
  const isNew = keyOf(voting) !== keyOf(found);
  voting = found;
  show();
  if (isNew && ballot) await lookAgain();
  else if (!ballot && found.mode === 'device') await open('');
}

let soon;

/** Soon, and not all of a hall in the same moment. */
function lookSoon() {
  clearTimeout(soon);
  soon = setTimeout(lookAtVote, 3000 * Math.random());
}

async function begin() {
  const scanned = plainCode(location.hash.slice(1));
  const code = scanned || (await phone.read('code'));
  // The code stays on the phone, not on its screen.
  if (scanned) await phone.keep('code', scanned);
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  await lookAtVote();
  if (code || voting?.mode === 'device') await open(code || '');
  else show();
}

for (const name of ['online', 'pageshow']) window.addEventListener(name, () => { lookSoon(); sender?.sendAll(); });
window.addEventListener('hashchange', () => { if (location.hash.length > 1) begin(); });
document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') lookSoon(); });
setInterval(() => {
  if (document.visibilityState !== 'visible') return;
  show();
  if (!voting || !isLive) lookSoon();
}, 1000 * secondsBetweenLooks);
whenMissed(lookSoon);
listen({ votingUpdated: lookSoon, submissionRemoved: ({ id }) => { if (ballot?.list?.entries.some((entry) => entry.id === id)) lookAgain(); } }, () => {});
if ('serviceWorker' in navigator) navigator.serviceWorker.register('/page-worker.js?page=vote', { scope: '/vote' }).catch(() => {});
begin();
