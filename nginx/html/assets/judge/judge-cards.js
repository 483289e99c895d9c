// What is on this phone: the link, the rounds as last read, and the judge's cards. Everything is kept in
// IndexedDB before it is sent; a reload, a locked screen or an empty battery loses nothing.

const memory = new Map();
let database = null;

/** Whether what is marked outlasts this page. */
export let isKept = true;

function opened() {
  database ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open('judge', 1);
    asked.onupgradeneeded = () => { asked.result.createObjectStore('kept'); };
    asked.onsuccess = () => { resolve(asked.result); };
    asked.onerror = () => { reject(asked.error); };
  });
  return database;
}

async function store(mode, use) {
  const kept = (await opened()).transaction('kept', mode);
  const asked = use(kept.objectStore('kept'));
  return new Promise((resolve, reject) => {
    kept.oncomplete = () => { resolve(asked.result); };
    kept.onabort = kept.onerror = () => { reject(kept.error); };
  });
}

/** Reads a value; `undefined` if there is none. */
export async function read(key) {
  if (memory.has(key)) return memory.get(key);
  try {
    return await store('readonly', (values) => values.get(key));
  } catch {
    isKept = false;
    return undefined;
  }
}

/** Keeps a value. */
export async function keep(key, value) {
  memory.set(key, value);
  try {
    await store('readwrite', (values) => values.put(value, key));
  } catch {
    isKept = false;
  }
}

/** All cards on this phone, by `cardKey`. */
export const cards = new Map();

export const cardKey = (round, entry) => `${round} ${entry}`;

/** Reads the cards that an earlier visit has left. */
export async function readCards() {
  for (const card of (await read('cards')) ?? []) cards.set(cardKey(card.round, card.entry), card);
}

let writing = Promise.resolve();

/** Writes the cards, in turn: an older state never follows a newer one. */
export function keepCards() {
  writing = writing.then(() => keep('cards', [...cards.values()]));
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
  Object.assign(card, content, { version: card.version + 1, clientAt: Date.now(), problem: null });
}

/** Draft until every criterion has a mark. */
export const stateFor = (scores, sheet) => (sheet.criteria.every(({ id }) => Number.isInteger(scores[id])) ? 'final' : 'draft');

/**
 * Takes what the contest has of a card, which another phone of the judge may have sent. Marks that were changed
 * only here stay, those that were changed only there come; if both differ, the judge is asked.
 */
export function take(card, stored, sheet) {
  if (stored.revision <= card.base) return;
  const there = { scores: stored.scores, state: stored.state, reason: stored.reason ?? '' };
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
  write(card, { scores: merged, state: sheet ? stateFor(merged, sheet) : card.state, reason: card.reason });
}

/** Answers the question that two phones of one judge have left. */
export function settle(card, takesOther) {
  const there = card.question;
  card.question = null;
  card.known = there.scores;
  if (takesOther) write(card, there);
  else card.version += 1;
}
