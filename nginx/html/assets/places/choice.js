// Who is chosen for which place, as data: what was read, and what has been chosen here since.
import { desk } from '../desk/desk.js';

/** By category: the identifiers by place, `''` for nobody. */
const chosen = new Map();
/** By category: what it was read as; what differs from it was chosen here. */
const read = new Map();

const listOf = (category) => desk.winners.draft[category] ?? desk.winners.published[category] ?? [];
const padded = (ids) => Array.from({ length: desk.placesPerCategory }, (_, place) => ids[place] ?? '');
const isSame = (one, other) => one.length === other.length && one.every((id, place) => id === other[place]);

/** The identifiers of a category by place. */
export const chosenOf = (category) => chosen.get(category) ?? padded([]);

/** Whether somebody has chosen something here that is not saved. */
export const isTouched = (category) => !isSame(chosenOf(category), read.get(category) ?? padded([]));

/** Takes what the site has, for every category in which nothing was chosen here; with `isAfresh`, for all. */
export function takeRead({ isAfresh = false } = {}) {
  for (const { id } of desk.categories) {
    if (!isAfresh && read.has(id) && isTouched(id)) continue;
    read.set(id, padded(listOf(id)));
    chosen.set(id, padded(listOf(id)));
  }
}

/** Takes what the site has of one category. */
export function takeSaved(category) {
  read.set(category, padded(listOf(category)));
  chosen.set(category, padded(listOf(category)));
}

/** Gives a place to an entry, or to nobody; if it had another place, the two change places. */
export function setPlace(category, place, id) {
  const ids = [...chosenOf(category)];
  const former = id ? ids.indexOf(id) : -1;
  if (former >= 0) ids[former] = ids[place];
  ids[place] = id;
  chosen.set(category, ids);
}

/** The first place that nobody has; -1 if there is none. */
export const freePlace = (category) => chosenOf(category).indexOf('');

/** The winners of a category in order, without the places at the end that nobody has. */
export function winnersOf(category) {
  const ids = chosenOf(category);
  return ids.slice(0, ids.findLastIndex(Boolean) + 1);
}

/** Whether somebody has a place and nobody the one before. */
export const hasGap = (category) => winnersOf(category).includes('');

/** Whether saving would change what everybody sees. */
export const differsFromPublished = (category) => !isSame(winnersOf(category), desk.winners.published[category] ?? []);

/** Whether another desk has changed a category since it was read here. */
export const wasChangedElsewhere = (category) => isTouched(category) && !isSame(padded(listOf(category)), read.get(category) ?? padded([]));

/** Goes on from what another desk has saved: what was chosen here stays, and replaces it when it is saved again. */
export function acceptOther(category) { read.set(category, padded(listOf(category))); }
