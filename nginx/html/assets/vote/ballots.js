// The ballots on this phone: each is kept before it is sent, and sent again by itself until the contest answers.
import { Kept } from '../shared/kept.js';
import { ask } from '../shared/request.js';
import { hourText } from '../shared/clock.js';
import { errorText, text } from '../text/text.js';

const maxSecondsToNextTry = 20;

/** What outlasts this page. */
export const phone = new Kept('vote');

/** A code as it is compared: letters that cards do not have are those that they look like. */
export const plainCode = (typed) => typed.toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0').replace(/[^0-9A-Z]/g, '');

/** A code as it is printed. */
export const printedCode = (code) => [code.slice(0, 4), code.slice(4, 8), code.slice(8)].filter(Boolean).join('-');

/** Whether two ballots name the same entries. */
export const isSame = (one, other) => one.length === other.length && one.every((id) => other.includes(id));

/** Whose a ballot is: the code's, or without one the browser's. */
const sender = ({ code }) => (code ? { code } : {});

/** The ballot of a code, or with an empty one that of this browser; an empty ballot if the phone has none yet. */
export async function ballotOf(code) {
  const kept = await phone.read(`ballot ${code}`);
  return { code, draft: [], waiting: null, receipt: null, list: null, isUnsure: false, isRunOff: false, tracker: null, ...kept, problem: null, isOnItsWay: false };
}

export function keepBallot({ code, draft, waiting, receipt, list, isUnsure, isRunOff, tracker }) {
  return phone.keep(`ballot ${code}`, { draft, waiting, receipt, list, isUnsure, isRunOff, tracker });
}

/** Takes what the contest has of this code: another phone may have sent it, or this one before its memory was lost. */
function takeKept(ballot, { chosen, tracker, entries, voting }) {
  const isRunOff = voting.runOff !== null;
  // A run-off is another vote: everybody chooses anew.
  if (ballot.isRunOff !== isRunOff) Object.assign(ballot, { isRunOff, draft: [], waiting: null, receipt: null, isUnsure: false });
  ballot.tracker = tracker ?? ballot.tracker;
  if (ballot.waiting === null && ballot.isUnsure && ballot.receipt && !isSame(chosen, ballot.receipt.choices)) {
    // What had no answer has arrived after what followed it.
    ballot.waiting = ballot.receipt.choices;
  } else if (ballot.waiting === null && chosen.length > 0 && !(ballot.receipt && isSame(chosen, ballot.receipt.choices))) {
    ballot.receipt = { choices: chosen };
    ballot.draft = chosen;
  }
  const shown = new Set(entries.map(({ id }) => id));
  ballot.draft = ballot.draft.filter((id) => shown.has(id));
}

/** Asks what may be chosen; returns whether the contest has answered. */
export async function look(ballot) {
  const found = await ask('/api/vote/check', { method: 'POST', body: sender(ballot) });
  if (found === null || found.status === 429 || found.status >= 500) return false;
  const { status, answer } = found;
  if (status !== 200 || answer.success !== true) {
    ballot.isWrong = answer.code === 'wrong_code';
    ballot.problem = ballot.isWrong ? text('vote.wrong-code') : errorText(answer.code, answer.error);
    return true;
  }
  ballot.list = { voting: answer.voting, entries: answer.entries };
  takeKept(ballot, answer);
  await keepBallot(ballot);
  return true;
}

function refuse(ballot, sent, { code, error, arrivedAt, closedAt, entry, chosen }) {
  if (ballot.waiting === sent) ballot.waiting = null;
  if (code === 'not_eligible') {
    ballot.draft = ballot.draft.filter((id) => id !== entry);
    ballot.list.entries = ballot.list.entries.filter(({ id }) => id !== entry);
  }
  const isLate = code === 'voting_closed' && arrivedAt;
  ballot.problem = isLate
    ? text(chosen?.length > 0 || ballot.receipt ? 'vote.late-change' : 'vote.late', { arrived: hourText(arrivedAt), closed: closedAt ? hourText(closedAt) : '' })
    : errorText(code, error);
}

/** Sends what waits; returns whether the contest has answered. */
async function send(ballot) {
  const sent = ballot.waiting;
  Object.assign(ballot, { isOnItsWay: true, problem: null });
  const found = await ask('/api/vote', { method: 'POST', body: { ...sender(ballot), choices: sent, runOff: ballot.isRunOff } });
  ballot.isOnItsWay = false;
  // It may arrive later than what is sent next.
  if (found === null) ballot.isUnsure = true;
  if (found === null || found.status === 429 || found.status >= 500) return false;
  const { status, answer } = found;
  if (status === 200 && answer.success === true) {
    Object.assign(ballot, { receipt: { choices: answer.choices }, tracker: answer.tracker });
    if (ballot.waiting === sent) ballot.waiting = null;
  } else if (answer.code === 'voting_not_open') {
    // It was chosen early; it is sent when the vote has begun.
    ballot.problem = errorText(answer.code, answer.error);
    return false;
  } else {
    refuse(ballot, sent, answer);
  }
  return true;
}

/** Sends a ballot now and again; `onChange` is called when something has changed. */
export function startSending(ballot, onChange) {
  let isBusy = false;
  let isStopped = false;
  let failures = 0;
  let timer;
  async function sendAll() {
    clearTimeout(timer);
    if (isBusy || isStopped || ballot.waiting === null) return;
    isBusy = true;
    // What is sent must not be forgotten.
    await keepBallot(ballot);
    onChange();
    const hasAnswered = await send(ballot);
    await keepBallot(ballot);
    isBusy = false;
    failures = hasAnswered ? 0 : failures + 1;
    onChange();
    if (ballot.waiting !== null && !isStopped) timer = setTimeout(sendAll, 1000 * (hasAnswered ? 0.2 : Math.min(maxSecondsToNextTry, 1 + failures ** 2)));
  }
  return {
    sendAll,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
