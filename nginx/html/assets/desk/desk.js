// What the parts of the organizers' desk share: the data, and how an action runs.
import { byId, say } from '../shared/elements.js';
import { text } from '../text/text.js';

/** What was loaded last. */
export const desk = {
  categories: [],
  /** The entity tag of the categories as read: a save says with it which version it changes. */
  categoriesTag: null,
  /** The event as read; `null` while there is none. */
  event: null,
  /** By category, newest first. */
  submissions: {},
  /** Published, drafted, and what an undo would publish: identifiers by category. */
  winners: { published: {}, draft: {}, before: {} },
  placesPerCategory: 2,
};

/** Every entry and each by its identifier, as made for the entries that are there now. */
let made = null;

/** Notes the category that entries are listed under, which those of the original app do not say. */
function listUnder(category, entries) {
  for (const entry of entries) entry.category = category;
}

/** Takes the entries as read, in place of all others. */
export function takeSubmissions(submissions) {
  for (const [category, entries] of Object.entries(submissions)) listUnder(category, entries);
  desk.submissions = submissions;
  made = null;
}

/** Merges the entries of an answer; returns whether there are then as many as the site has. */
export function merge({ submissions, counts }) {
  for (const [category, entries] of Object.entries(submissions)) {
    listUnder(category, entries);
    const list = desk.submissions[category] ??= [];
    const known = new Map(list.map((entry, place) => [entry.id, place]));
    const added = [];
    for (const entry of entries) {
      if (known.has(entry.id)) list[known.get(entry.id)] = entry;
      else added.push(entry);
    }
    // The newest is first.
    desk.submissions[category] = [...added, ...list].sort((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0));
  }
  made = null;
  return Object.entries(counts ?? {}).every(([category, count]) => (desk.submissions[category] ?? []).length === count);
}

/** Takes an entry away. */
export function removeEntry(id) {
  for (const [category, list] of Object.entries(desk.submissions)) {
    desk.submissions[category] = list.filter((entry) => entry.id !== id);
  }
  made = null;
}

let whenLoggedOut = () => {};

/** Registers the function to call when the session has ended. */
export function onLoggedOut(show) { whenLoggedOut = show; }

export const nameOf = (id) => desk.categories.find((category) => category.id === id)?.name ?? id;
export const captionOf = (entry) => entry.caption?.trim() || text('entries.no-caption');

function whole() {
  made ??= { list: Object.values(desk.submissions).flat().sort((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0)) };
  return made;
}

/** Every entry, newest first. */
export const allEntries = () => whole().list;

/** The entry of an identifier; `undefined` if there is none. */
export function entryOf(id) {
  if (!id) return undefined;
  const { list } = whole();
  made.byID ??= new Map(list.map((entry) => [entry.id, entry]));
  return made.byID.get(id);
}

/** What an entry is called where somebody is told of it: number and caption. */
export const titleOf = (entry) => (entry.number ? `${entry.number} · ${captionOf(entry)}` : captionOf(entry));

export const stateOfEntry = ({ status, withdrawnAt }) => (withdrawnAt ? 'withdrawn' : ['pending', 'rejected'].includes(status) ? status : 'shown');

/** Asks before something that cannot be taken back; the four texts are those of the dialog. */
export function askFirst({ title, words, keep, go }, action) {
  const dialog = byId('confirm');
  for (const [name, value] of Object.entries({ title, text: words, keep, go })) byId(`confirm-${name}`).textContent = value;
  dialog.returnValue = '';
  dialog.onclose = () => { if (dialog.returnValue === 'go') action(); };
  dialog.showModal();
}

const secondsOfSuccess = 20;

/** Lets messages go: each when it is pressed, and those of success by themselves. */
export function wireMessages() {
  for (const id of ['problem', 'success']) byId(id).addEventListener('click', () => say(byId(id), ''));
  let timer;
  new MutationObserver(() => {
    clearTimeout(timer);
    if (!byId('success').hidden) timer = setTimeout(() => say(byId('success'), ''), 1000 * secondsOfSuccess);
  }).observe(byId('success'), { childList: true, attributes: true });
}

/** Says what went wrong; when the session has ended, shows the log-in. */
export function complain(error) {
  if ((error.status ?? error.cause?.status) === 401) whenLoggedOut();
  const wait = error.retryAfterSeconds ? ` ${text('admin.wait', { seconds: error.retryAfterSeconds })}` : '';
  say(byId('problem'), error.message + wait);
}

/** Runs a button's action, and says how it went; `done` is a text, or makes one afterwards. */
export async function attempt(done, action) {
  say(byId('problem'), '');
  say(byId('success'), '');
  try {
    await action();
    say(byId('success'), typeof done === 'function' ? done() : done);
  } catch (error) {
    complain(error);
  }
}
