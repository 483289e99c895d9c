// The ballots on this phone: each is kept before it is sent, and sent again by itself until the contest answers.
import { newID } from '../shared/id.js';
import { Kept } from '../shared/kept.js';
import { ask } from '../shared/request.js';
import { hourText } from '../shared/clock.js';
import { errorText, text } from '../text/text.js';

const maxSecondsToNextTry = 20;

/** What outlasts this page. */
export const phone = new Kept('vote');

/** A code as it is printed. */
export const printedCode = (code) => [code.slice(0, 4), code.slice(4, 8), code.slice(8)].filter(Boolean).join('-');

/** Whether two ballots name the same entries. */
export const isSame = (one, other) => one.length === other.length && one.every((id) => other.includes(id));

/** A choice to be sent: with an identifier of its own, so that it is kept once however often it is sent. */
export const ballotOfChoices = (choices) => ({ choices: [...choices], id: newID('ballot') });

/** Whose a ballot is: the code's, or without one the browser's. */
const sender = ({ code }) => (code ? { code } : {});

/** What of a ballot outlasts this page. */
const blank = {
  /** What is marked, and what of it waits to be sent. */
  draft: [], waiting: null,
  /** What the contest has; its `choices` are `null` where they are sealed, and another phone has sent it. */
  receipt: null, tracker: null,
  /** What was sent and not answered: it may arrive later than what follows it. */
  unanswered: null,
  /** Why the last one was refused. */
  refusal: null,
  /** The entries and the vote as last read, and whether that was a run-off. */
  list: null, isRunOff: false,
};

/** The ballots that this page has opened, by their codes: one that waits is sent while another is looked at. */
const opened = new Map();

/** The ballot of a code, or with an empty one that of this browser; an empty ballot if the phone has none yet. */
async function ballotOf(code) {
  const kept = await phone.read(`ballot ${code}`);
  return { ...blank, ...kept, code, problem: null, isWrong: false, isFull: false, isOnItsWay: false, sends: 0 };
}

/** The codes whose ballots wait, as an earlier visit has left them. */
const waiting = phone.read('waiting').then((codes) => new Set(codes ?? []));
/** Whether another tab has taken over: this one keeps and sends nothing any more. */
let isOver = false;

/** Keeps a ballot, and which ones wait. */
export async function keepBallot(ballot) {
  const codes = await waiting;
  if (isOver) return;
  if (ballot.waiting === null) codes.delete(ballot.code);
  else codes.add(ballot.code);
  const kept = Object.fromEntries(Object.keys(blank).map((name) => [name, ballot[name]]));
  await Promise.all([phone.keep('waiting', [...codes]), phone.keep(`ballot ${ballot.code}`, kept)]);
}

/** Whether the contest has this choice of ours: of sealed ballots only the identifiers tell. */
const isKept = (sent, { chosen, ballotId }) => sent !== null && (chosen && sent.choices ? isSame(sent.choices, chosen) : !chosen && sent.id === ballotId);

/** Takes what the contest has of this voter: another phone may have sent it, or this one before its memory was lost. */
function takeKept(ballot, answer) {
  const { chosen, ballotId, tracker, entries, voting } = answer;
  const isRunOff = voting.runOff !== null;
  // A run-off is another vote: everybody chooses anew.
  if (ballot.isRunOff !== isRunOff) Object.assign(ballot, { isRunOff, draft: [], waiting: null, receipt: null, unanswered: null });
  ballot.tracker = tracker ?? ballot.tracker;
  const known = ballot.receipt;
  if (ballot.waiting === null && isKept(ballot.unanswered, answer) && !isKept(known, answer)) {
    // What had no answer has arrived after what followed it.
    Object.assign(ballot, known?.choices ? { waiting: ballotOfChoices(known.choices), unanswered: null } : { receipt: ballot.unanswered, unanswered: null });
  } else if (ballot.waiting === null && !isKept(known, answer)) {
    if (isSame(ballot.draft, known?.choices ?? [])) ballot.draft = chosen ?? [];
    ballot.receipt = chosen?.length === 0 ? null : { choices: chosen, id: ballotId };
  }
  const shown = new Set(entries.map(({ id }) => id));
  ballot.draft = ballot.draft.filter((id) => shown.has(id));
}

/** Whether an answer is none: it is asked again. */
const isNone = (found) => found === null || found.status >= 500 || (found.status === 429 && found.answer.code !== 'too_many_attempts')
  || (found.status !== 200 && typeof found.answer.code !== 'string');

/** Asks what may be chosen; returns whether the contest has answered. */
export async function look(ballot) {
  const { sends } = ballot;
  const found = await ask('/api/vote/check', { method: 'POST', body: sender(ballot) });
  if (isNone(found)) return false;
  const { status, answer } = found;
  if (status !== 200) {
    ballot.isWrong = ['wrong_code', 'too_many_attempts'].includes(answer.code);
    ballot.problem = answer.code === 'wrong_code' ? text('vote.wrong-code') : errorText(answer.code, answer.error);
    return true;
  }
  if (answer.success !== true) return false;
  ballot.problem = null;
  ballot.list = { voting: answer.voting, entries: answer.entries };
  // What was sent meanwhile is newer than this answer.
  if (sends === ballot.sends) takeKept(ballot, answer);
  await keepBallot(ballot);
  return true;
}

function refuse(ballot, sent, { code, error, arrivedAt, closedAt, entry, chosen }) {
  const isLate = code === 'voting_closed' && arrivedAt;
  ballot.refusal = isLate
    ? text(chosen === null || chosen?.length > 0 ? 'vote.late-change' : 'vote.late', { arrived: hourText(arrivedAt), closed: closedAt ? hourText(closedAt) : '' })
    : errorText(code, error);
  if (ballot.waiting !== sent) return;
  ballot.waiting = null;
  if (code !== 'not_eligible') return;
  // The rest of the ballot stands.
  const rest = sent.choices.filter((id) => id !== entry);
  ballot.draft = ballot.draft.filter((id) => id !== entry);
  if (ballot.list) ballot.list.entries = ballot.list.entries.filter(({ id }) => id !== entry);
  if (rest.length > 0 && rest.length < sent.choices.length) ballot.waiting = ballotOfChoices(rest);
}

/** Sends what waits; returns whether the contest has answered. */
async function send(ballot) {
  const sent = ballot.waiting;
  ballot.sends += 1;
  Object.assign(ballot, { isOnItsWay: true, refusal: null });
  const found = await ask('/api/vote', { method: 'POST', body: { ...sender(ballot), choices: sent.choices, ballotId: sent.id, runOff: ballot.isRunOff } });
  ballot.isOnItsWay = false;
  ballot.sends += 1;
  if (found === null || found.status >= 500) ballot.unanswered = sent;
  if (isNone(found)) return false;
  const { status, answer } = found;
  if (status === 200) {
    if (answer.success !== true) return false;
    Object.assign(ballot, { receipt: sent, tracker: answer.tracker });
    if (ballot.waiting === sent) ballot.waiting = null;
    if (ballot.unanswered?.id === sent.id) ballot.unanswered = null;
    return true;
  }
  // It was chosen early, or the browser has lost its cookie: it is sent again when that has passed.
  if (answer.code === 'voting_not_open') ballot.refusal = errorText(answer.code, answer.error);
  if (answer.code === 'no_cookie') await look(ballot);
  if (['voting_not_open', 'no_cookie', 'changed_meanwhile'].includes(answer.code)) return false;
  refuse(ballot, sent, answer);
  return true;
}

/** Sends a ballot now and again; `onChange` is called when something has changed. */
function sending(ballot, onChange) {
  let isBusy = false;
  let failures = 0;
  let timer;
  return async function sendAll() {
    clearTimeout(timer);
    if (ballot.waiting === null || isOver) return;
    // What is sent must not be forgotten.
    await keepBallot(ballot);
    onChange(ballot);
    if (isBusy) return;
    isBusy = true;
    const hasAnswered = await send(ballot);
    await keepBallot(ballot);
    isBusy = false;
    failures = hasAnswered ? 0 : failures + 1;
    onChange(ballot);
    if (ballot.waiting !== null) timer = setTimeout(sendAll, 1000 * (hasAnswered ? 0.2 : Math.min(maxSecondsToNextTry, 1 + failures ** 2)));
  };
}

/** Opens the ballot of a code: `{ ballot, sendAll }`, the same each time. */
export async function openBallot(code, onChange) {
  if (!opened.has(code)) {
    const ballot = await ballotOf(code);
    // Somebody else may have opened it meanwhile.
    if (!opened.has(code)) opened.set(code, { ballot, sendAll: sending(ballot, onChange) });
  }
  return opened.get(code);
}

/** Sends all ballots of this phone that wait, whichever card is looked at. */
export async function sendWaiting(onChange) {
  for (const code of await waiting) (await openBallot(code, onChange)).sendAll();
}

/** Another tab has taken over. */
export function stopSending() { isOver = true; }
