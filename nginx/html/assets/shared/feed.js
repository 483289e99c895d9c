// The feed, read once and then kept up to date by events: for the wall and the projector.
import { showEvent, site } from './event.js';
import { listen, secondsToSettle, watch } from './live.js';

/** The categories, in order. */
let categories = [];
/** The entries by category, newest first; each with its category. */
let feed = {};
let isLoaded = false;
/** The entries that events reported lately, by identifier: a feed just read may not have them yet. */
const told = new Map();

export const allCategories = () => categories;
export const nameOf = (id) => categories.find((category) => category.id === id)?.name ?? id;

/** The entries, newest first; of one category if it is given. */
export function newestFirst(category = null) {
  const lists = category === null ? Object.values(feed).flat() : [...feed[category] ?? []];
  return lists.sort((one, other) => other.createdAt - one.createdAt);
}

/** The entry with an identifier; `undefined` if it no longer exists. */
export const entryOf = (id) => Object.values(feed).flat().find((entry) => entry.id === id);

/** Adds an entry; returns whether it is new. */
function add(entry) {
  const list = feed[entry.category] ??= [];
  if (list.some(({ id }) => id === entry.id)) return false;
  list.unshift(entry);
  return true;
}

function remove(id) {
  told.delete(id);
  for (const [category, list] of Object.entries(feed)) feed[category] = list.filter((entry) => entry.id !== id);
}

/** Takes the feed as read; what events reported a moment ago may not be in it yet. */
function take(answer) {
  const lists = Object.entries(answer.feed);
  feed = Object.fromEntries(lists.map(([category, list]) => [category, list.map((entry) => ({ ...entry, category }))]));
  isLoaded = true;
  for (const [id, { at, entry }] of [...told]) {
    if (Date.now() - at < 1000 * secondsToSettle) add(entry);
    else told.delete(id);
  }
}

/**
 * Reads the feed and keeps it up to date. Calls `onCategories` when the categories change, `onChange`
 * when what is shown changes, and before that `onNew` with an entry that has just arrived. `events` has
 * a function for each further event. Returns a function that reads the feed at once.
 */
export function keepFeed({ onCategories = () => {}, onChange, onNew = () => {}, events = {} }, onConnection) {
  const change = () => { if (isLoaded) onChange(); };
  const takeCategories = (list) => {
    categories = list;
    onCategories();
    change();
  };
  const tell = (entry) => {
    if (!add(entry)) return;
    told.set(entry.id, { at: Date.now(), entry });
    onNew(entry);
    change();
  };
  watch('/categories.json', takeCategories);
  const look = watch('/api/feed', (answer) => {
    take(answer);
    change();
  }, onConnection);
  // Times are the event's.
  site.then(change);
  listen({
    newSubmission: tell,
    entryApproved: tell,
    submissionRemoved: ({ id }) => {
      remove(id);
      change();
    },
    photoMoved: ({ id, imageUrl }) => {
      const entry = entryOf(id);
      if (entry) entry.imageUrl = imageUrl;
      change();
    },
    submissionChanged: ({ formerCategory, isShown, ...entry }) => {
      remove(entry.id);
      if (isShown) add(entry);
      change();
    },
    categoriesUpdated: ({ categories: list }) => takeCategories(list),
    eventUpdated: ({ event }) => {
      showEvent(event);
      change();
    },
    ...events,
  }, onConnection);
  return look;
}
