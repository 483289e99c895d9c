// Sends cards to the contest, and reads the rounds; without a network both are tried again by themselves.
import { cards, isPending, keep, keepCards, pendingCount, read, take } from './judge-cards.js';
import { setClock } from '../shared/clock.js';
import { errorText, text } from '../text/text.js';

const secondsBetweenLooks = 15;
const secondsOfRequest = 12;
const maxSecondsToNextTry = 20;

/** What the contest answers; `null` where it was not the contest that answered. */
async function ask(path, method = 'GET', body = undefined, fields = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      cache: 'no-store',
      headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...fields },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(1000 * secondsOfRequest),
    });
  } catch {
    return null;
  }
  // A network's log-in page answers with 200 and HTML: that is not the contest.
  if (!/^application\/json\b/.test(response.headers.get('Content-Type') ?? '')) return null;
  setClock(response);
  const answer = await response.json().catch(() => null);
  return answer === null || typeof answer !== 'object' ? null : { status: response.status, answer };
}

/** Opens a link: returns why it cannot be, or nothing. */
export async function openLink(token) {
  const found = await ask('/api/judge/session', 'POST', { token });
  if (found === null) return text('request.no-connection');
  if (found.status === 200 && found.answer.success === true) {
    await keep('token', token);
    return undefined;
  }
  return errorText(found.answer.code, found.answer.error);
}

/** The session is gone, perhaps with the browser's cookies: the link that was kept opens it again. */
async function openAgain() {
  const token = await read('token');
  return token ? openLink(token) : text('judge.no-link');
}

/** Reads the rounds. Returns `{ rounds, … }`, `{ problem }`, or nothing without a connection. */
export async function readRounds(isSecondTry = false) {
  const found = await ask(`/api/judge/rounds?pending=${pendingCount()}`);
  if (found === null) return undefined;
  if (found.status === 401 && !isSecondTry) {
    const problem = await openAgain();
    return problem ? { problem } : readRounds(true);
  }
  if (found.status !== 200 || !Array.isArray(found.answer.rounds)) {
    return { problem: errorText(found.answer.code, found.answer.error) };
  }
  await keep('rounds', found.answer);
  for (const round of found.answer.rounds) {
    for (const stored of round.cards) {
      const card = cards.get(`${stored.round} ${stored.entry}`);
      if (card) take(card, stored, round.sheet);
    }
  }
  return found.answer;
}

/** The same content under the same key, however often it is sent. */
const keyOf = (card) => `card-${card.nonce ??= Math.random().toString(36).slice(2, 12)}-${card.version}`;

/** Sends one card; returns whether the contest has answered. */
async function send(card, sheetOf) {
  const version = card.version;
  card.isOnItsWay = true;
  const found = await ask(`/api/judge/scorecards/${encodeURIComponent(card.round)}/${encodeURIComponent(card.entry)}`, 'PUT', {
    revision: card.base + 1, scores: card.scores, state: card.state, reason: card.reason, clientAt: card.clientAt ?? null,
    pending: Math.max(0, pendingCount() - 1),
  }, { 'Idempotency-Key': keyOf(card) });
  card.isOnItsWay = false;
  if (found === null) return false;
  const { status, answer } = found;
  const hasReceipt = (status === 200 && answer.success === true) || (answer.code === 'round_locked' && answer.transactionId);
  if (hasReceipt) {
    Object.assign(card, { base: answer.revision, known: answer.card?.scores ?? card.scores, sent: version, late: answer.late === true, problem: null });
  } else if (answer.code === 'revision_conflict' && answer.card) {
    // Also if the numbers of this phone are ahead: the contest's count.
    card.base = Math.min(card.base, answer.card.revision - 1);
    take(card, answer.card, sheetOf(card.round));
  } else if (status === 401) {
    const problem = await openAgain();
    if (problem) card.problem = problem;
  } else if (status >= 400 && status < 500 && status !== 429) {
    // Sending it again would not help; the next change is sent.
    Object.assign(card, { problem: errorText(answer.code, answer.error), sent: version });
  } else {
    return false;
  }
  return true;
}

/** Sends whatever waits, now and again; `onChange` is called when something has changed. */
export function startSending({ onChange, onRounds, sheetOf }) {
  let isBusy = false;
  let failures = 0;
  let timer;
  const waiting = () => [...cards.values()].filter((card) => isPending(card) && !card.question);

  async function sendAll() {
    if (isBusy) return;
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
    if (document.visibilityState !== 'visible') return;
    const found = await readRounds();
    if (found) {
      await keepCards();
      onRounds(found);
    }
    sendAll();
  }

  for (const name of ['online', 'focus', 'pageshow']) window.addEventListener(name, look);
  document.addEventListener('visibilitychange', look);
  setInterval(look, 1000 * secondsBetweenLooks);
  let soon;
  return {
    look,
    /** A tap: what follows within a moment goes along. */
    sendSoon() {
      clearTimeout(soon);
      soon = setTimeout(sendAll, 400);
    },
  };
}
