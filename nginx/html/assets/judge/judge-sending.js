// Sends cards to the contest, and reads the rounds; without a network both are tried again by themselves.
import { cards, isPending, isSame, keepCards, pendingCount, phone, sendAgain, take } from './judge-cards.js';
import { ask } from '../shared/request.js';
import { errorText, text } from '../text/text.js';

const secondsBetweenLooks = 15;
const maxSecondsToNextTry = 20;
/** What was refused is tried again: a panel may have been mended. */
const secondsAfterRefusal = 15;

/** The judge whose link this phone has opened. */
let judge = null;
/** Why nothing more is sent: the link was taken away. */
export let isClosed = false;

/** The judge of an earlier visit; its cards may be marked without a network. */
export async function lastJudge() {
  judge = (await phone.read('judge')) ?? null;
  return judge;
}

/** Opens a link: returns why it cannot be, or nothing. */
export async function openLink(token) {
  const found = await ask('/api/judge/session', { method: 'POST', body: { token } });
  if (found === null) return text('request.no-connection');
  if (found.status === 200 && found.answer.success === true) {
    judge = found.answer.judge.id;
    isClosed = false;
    await phone.keep('judge', judge);
    return undefined;
  }
  isClosed = found.answer.code === 'wrong_token';
  return errorText(found.answer.code, found.answer.error);
}

/** The session is gone, perhaps with the browser's cookies: the link that was kept opens it again. */
async function openAgain() {
  const token = await phone.read('token');
  return token ? openLink(token) : text('judge.no-link');
}

/** Reads the rounds. Returns `{ rounds, … }`, `{ problem }`, or nothing without a connection. */
export async function readRounds(isSecondTry = false) {
  if (isClosed) return undefined;
  const askedAt = Date.now();
  const found = await ask(`/api/judge/rounds?pending=${pendingCount()}`);
  if (found === null) return undefined;
  // Another tab may have opened another judge's link: the cookie is then not this one's.
  const isOthers = found.status === 200 && judge !== null && found.answer.judge?.id !== judge;
  if (isOthers && isSecondTry) return { problem: text('judge.other') };
  if ((found.status === 401 || isOthers) && !isSecondTry) {
    const problem = await openAgain();
    return problem ? { problem } : readRounds(true);
  }
  if (found.status !== 200 || !Array.isArray(found.answer.rounds)) {
    return { problem: errorText(found.answer.code, found.answer.error) };
  }
  await phone.keep(`rounds ${found.answer.judge.id}`, found.answer);
  for (const round of found.answer.rounds) {
    const stored = new Map(round.cards.map((each) => [each.entry, each]));
    for (const card of cards.values()) {
      if (card.round !== round.id) continue;
      const there = stored.get(card.entry);
      const isListed = round.entries.some(({ id }) => id === card.entry);
      const isKnown = isListed && card.base > 0 && !card.isOnItsWay && (card.confirmedAt ?? 0) < askedAt;
      if (isKnown && (there?.revision ?? 0) < card.base) sendAgain(card, there?.revision ?? 0);
    }
  }
  return found.answer;
}

/** Sends one card; returns whether the contest has answered. */
async function send(card, sheetOf) {
  const { version } = card;
  const sent = { scores: card.scores, state: card.state };
  Object.assign(card, { isOnItsWay: true, inFlight: sent });
  // A key that was sent must not be forgotten.
  await keepCards();
  const found = await ask(`/api/judge/scorecards/${encodeURIComponent(card.round)}/${encodeURIComponent(card.entry)}`, {
    method: 'PUT',
    fields: { 'Idempotency-Key': card.key },
    body: {
      judge, revision: card.base + 1, ...sent, reason: card.reason, clientAt: card.clientAt ?? null,
      pending: Math.max(0, pendingCount() - 1),
    },
  });
  card.isOnItsWay = false;
  if (found === null) return false;
  const { status, answer } = found;
  const hasReceipt = (status === 200 && answer.success === true) || (answer.code === 'round_locked' && answer.transactionId);
  if (hasReceipt && answer.card && isSame(answer.card, sent)) {
    Object.assign(card, { base: answer.revision, known: answer.card.scores, sent: version, late: answer.code === 'round_locked', problem: null, inFlight: null, confirmedAt: Date.now() });
  } else if (hasReceipt || answer.code === 'revision_conflict') {
    // Also if the numbers of this phone are ahead: the contest's count.
    card.base = Math.min(card.base, (answer.card?.revision ?? 0) - (answer.card ? 1 : 0));
    if (answer.card) take(card, answer.card, sheetOf(card.round));
  } else if (status === 401) {
    const problem = await openAgain();
    if (problem) Object.assign(card, { problem, refusedAt: Date.now() });
    return !isClosed;
  } else if (status >= 400 && status < 500 && status !== 429) {
    Object.assign(card, { problem: errorText(answer.code, answer.error), refusedAt: Date.now() });
  } else {
    return false;
  }
  return true;
}

/** Sends whatever waits, now and again; `onChange` is called when something has changed. */
export function startSending({ onChange, onRounds, sheetOf }) {
  let isStopped = false;
  let isBusy = false;
  let failures = 0;
  let timer;
  const isDue = ({ refusedAt }) => !refusedAt || Date.now() - refusedAt > 1000 * secondsAfterRefusal;
  const waiting = () => (isClosed ? [] : [...cards.values()].filter((card) => isPending(card) && !card.question && isDue(card)));

  async function sendAll() {
    if (isBusy || isStopped) return;
    isBusy = true;
    clearTimeout(timer);
    let hasAnswered = true;
    for (const card of waiting()) {
      onChange();
      hasAnswered = await send(card, sheetOf);
      await keepCards();
      if (!hasAnswered) break;
    }
    failures = hasAnswered ? 0 : failures + 1;
    isBusy = false;
    onChange();
    if (waiting().length > 0) timer = setTimeout(sendAll, 1000 * (hasAnswered ? 0.2 : Math.min(maxSecondsToNextTry, 1 + failures ** 2)));
  }

  async function look() {
    if (document.visibilityState !== 'visible' || judge === null || isStopped) return;
    const found = await readRounds();
    if (found) {
      onRounds(found);
      await keepCards();
    }
    sendAll();
  }

  for (const name of ['online', 'focus', 'pageshow']) window.addEventListener(name, look);
  document.addEventListener('visibilitychange', look);
  setInterval(look, 1000 * secondsBetweenLooks);
  let soon;
  return {
    look,
    /** Another tab has taken over. */
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
    /** A tap: what follows within a moment goes along. */
    sendSoon() {
      clearTimeout(soon);
      soon = setTimeout(sendAll, 400);
    },
  };
}
