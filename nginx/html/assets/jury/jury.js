// Judging at the desk: reads judges, sheets and rounds, and keeps up with what the judges do.
import { showJudges, showSheets, wireLists } from './jury-lists.js';
import { showNewRound, wireNewRound } from './jury-new-round.js';
import { showMatrix, showRounds, wireRounds } from './jury-rounds.js';
import { request } from '../shared/request.js';

/** What was read last. */
export const jury = { judges: [], sheets: [], rounds: [], tags: {}, round: null };

const forms = { judges: showJudges, sheets: showSheets };

/** Reads a list; a form that stays as it is keeps the tag of what it shows. */
async function readList(name, shows) {
  const tag = { value: null };
  jury[name] = (await request(`/api/${name}`, { knownTag: tag }))[name];
  if (!shows) return;
  jury.tags[name] = tag.value;
  forms[name]();
}

/** Reads everything, and shows the forms of the lists that are named; the others stay as they are edited. */
export async function loadJury({ shown = [] } = {}) {
  await Promise.all(['judges', 'sheets', 'rounds'].map((name) => readList(name, shown.includes(name))));
  jury.round = jury.rounds.some(({ id }) => id === jury.round) ? jury.round : jury.rounds.at(-1)?.id ?? null;
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
  roundChanged: () => lookSoon(() => loadJury()),
  juryUpdated: () => lookSoon(() => loadJury()),
};

export function wireJury() {
  wireLists(loadJury);
  wireNewRound(loadJury);
  wireRounds(loadJury);
}
