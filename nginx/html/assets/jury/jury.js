// Judging at the desk: reads judges, sheets and rounds, and keeps up with what the judges do.
import { showJudges, showSheets, wireLists } from './jury-lists.js';
import { showNewRound, wireNewRound } from './jury-new-round.js';
import { showMatrix, showRounds, wireRounds } from './jury-rounds.js';
import { request } from '../shared/request.js';

/** What was read last. */
export const jury = { judges: [], sheets: [], rounds: [], tags: {}, round: null };

async function readList(name) {
  const tag = { value: null };
  jury[name] = (await request(`/api/${name}`, { knownTag: tag }))[name];
  jury.tags[name] = tag.value;
}

/** Reads everything; with `isQuiet`, what is being edited stays as it is. */
export async function loadJury({ isQuiet = false } = {}) {
  await Promise.all(['judges', 'sheets', 'rounds'].map(readList));
  jury.round = jury.rounds.some(({ id }) => id === jury.round) ? jury.round : jury.rounds.at(-1)?.id ?? null;
  if (!isQuiet) {
    showJudges();
    showSheets();
  }
  showNewRound();
  showRounds();
  await showMatrix();
}

let looking;

/** Looks soon, and once for many: five judges make a card a second. */
function lookSoon(look) {
  looking ??= setTimeout(() => {
    looking = undefined;
    look().catch(() => {});
  }, 300);
}

/** What events of the desk ask for. */
export const juryEvents = {
  scorecardKept: ({ round }) => { if (round === jury.round) lookSoon(showMatrix); },
  roundChanged: () => lookSoon(() => loadJury({ isQuiet: true })),
  juryUpdated: () => lookSoon(() => loadJury({ isQuiet: true })),
};

export function wireJury() {
  wireLists(loadJury);
  wireNewRound(loadJury);
  wireRounds(loadJury);
}
