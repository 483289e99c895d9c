// What is on this phone: the link, the rounds as last read, and the judge's cards. Everything is kept before it
// is sent.
import { newID } from '../shared/id.js';
import { Kept } from '../shared/kept.js';

/** What outlasts this page. */
export const phone = new Kept('judge');

/** All cards on this phone, by `cardKey`. */
export const cards = new Map();

export const cardKey = (round, entry) => `${round} ${entry}`;

/** Whose cards these are; a phone may have been another judge's before. */
let owner = null;

/** Reads the cards that an earlier visit of a judge has left. */
export async function readCards(judge) {
  if (owner === judge) return;
  owner = judge;
  cards.clear();
  for (const card of (await phone.read(`cards ${judge}`)) ?? []) {
    cards.set(cardKey(card.round, card.entry), { ...card, isOnItsWay: false });
  }
}

let writing = Promise.resolve();

/** Writes the cards, in turn: an older state never follows a newer one. */
export function keepCards() {
  writing = writing.then(() => (owner === null ? undefined : phone.keep(`cards ${owner}`, [...cards.values()])));
  return writing;
}

/** The card of an entry; an empty one if there is none yet. */
export function cardOf(round, entry) {
  const key = cardKey(round, entry);
  if (!cards.has(key)) {
    cards.set(key, { round, entry, scores: {}, state: 'draft', reason: '', base: 0, known: {}, version: 0, sent: 0, past: [] });
  }
  return cards.get(key);
}

/** Whether a card has something that the contest does not. */
export const isPending = ({ version, sent }) => version !== sent;

export const pendingCount = () => [...cards.values()].filter(isPending).length;

const maxPast = 20;

/** Changes a card; what it was can be undone. */
export function change(card, { scores = card.scores, state = card.state, reason = card.reason }) {
  card.past = [...card.past, { scores: card.scores, state: card.state, reason: card.reason }].slice(-maxPast);
  write(card, { scores, state, reason });
}

/** Takes the last change back. */
export function undo(card) {
  const former = card.past.at(-1);
  if (!former) return;
  card.past = card.past.slice(0, -1);
  write(card, former);
}

function write(card, content) {
  // A key of its own for each version: however often it is sent, it is kept once.
  Object.assign(card, content, { version: card.version + 1, key: newID('card'), clientAt: Date.now(), problem: null, refusedAt: 0 });
}

/** Whether two contents say the same. */
export function isSame(one, other) {
  const ids = new Set([...Object.keys(one.scores), ...Object.keys(other.scores)]);
  return one.state === other.state && [...ids].every((id) => one.scores[id] === other.scores[id]);
}

/** Draft until every criterion has a mark. */
export const stateFor = (scores, sheet) => (sheet.criteria.every(({ id }) => Number.isInteger(scores[id])) ? 'final' : 'draft');

/**
 * Takes what the contest has of a card, which another phone of the judge may have sent. Marks that were changed
 * only here stay, those that were changed only there come; if both differ, the judge is asked.
 */
export function take(card, stored, sheet) {
  if (stored.revision <= card.base) {
    // What was late counts once the round is open again.
    if (stored.revision === card.base) card.late = stored.late;
    return;
  }
  const there = { scores: stored.scores, state: stored.state, reason: stored.reason ?? '' };
  if (isSame(card, there)) {
    // It was sent, and the answer was lost.
    Object.assign(card, { base: stored.revision, known: stored.scores, late: stored.late, question: null, sent: card.version });
    return;
  }
  if (card.inFlight && isSame(card.inFlight, there)) {
    Object.assign(card, { base: stored.revision, known: stored.scores, inFlight: null });
    return;
  }
  if (!isPending(card)) {
    Object.assign(card, there, { base: stored.revision, known: stored.scores, late: stored.late, question: null });
    return;
  }
  const ids = new Set([...Object.keys(card.scores), ...Object.keys(there.scores)]);
  const isOpenQuestion = [...ids].some((id) => card.scores[id] !== there.scores[id]
    && card.scores[id] !== card.known[id] && there.scores[id] !== card.known[id])
    || (card.state !== there.state && ['recused', 'absent'].some((state) => [card.state, there.state].includes(state)));
  card.base = stored.revision;
  if (isOpenQuestion) {
    card.question = there;
    return;
  }
  const merged = {};
  for (const id of ids) {
    const mark = card.scores[id] === card.known[id] ? there.scores[id] : card.scores[id];
    if (mark !== undefined) merged[id] = mark;
  }
  card.known = there.scores;
  const isMarked = ['draft', 'final'].includes(card.state);
  write(card, { scores: merged, state: isMarked && sheet ? stateFor(merged, sheet) : card.state, reason: card.reason });
}

/** Answers the question that two phones of one judge have left. */
export function settle(card, takesOther) {
  const there = card.question;
  card.question = null;
  card.known = there.scores;
  if (takesOther) write(card, there);
  else write(card, { scores: card.scores, state: card.state, reason: card.reason });
}

/** The contest has less than it had confirmed, after a restore: what is here is sent again. */
export function sendAgain(card, revision) {
  card.base = revision;
  write(card, { scores: card.scores, state: card.state, reason: card.reason });
}
