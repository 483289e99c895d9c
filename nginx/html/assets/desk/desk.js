// What the parts of the organizers' desk share: the data, and how an action runs.
import { byId, say } from '../shared/elements.js';
import { text } from '../text/text.js';

/** What was loaded last. */
export const desk = {
  categories: [],
  /** The entity tag of the categories as read: a save says with it which version it changes. */
  categoriesTag: null,
  /** By category, newest first. */
  submissions: {},
  /** Published, drafted, and what an undo would publish: identifiers by category. */
  winners: { published: {}, draft: {}, before: {} },
  placesPerCategory: 2,
};

/** Merges the entries of an answer; returns whether there are then as many as the site has. */
export function merge({ submissions, counts }) {
  for (const [category, entries] of Object.entries(submissions)) {
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
  return Object.entries(counts ?? {}).every(([category, count]) => (desk.submissions[category] ?? []).length === count);
}

/** Takes an entry away. */
export function removeEntry(id) {
  for (const [category, list] of Object.entries(desk.submissions)) {
    desk.submissions[category] = list.filter((entry) => entry.id !== id);
  }
}

let whenLoggedOut = () => {};

/** Registers the function to call when the session has ended. */
export function onLoggedOut(show) { whenLoggedOut = show; }

export const nameOf = (id) => desk.categories.find((category) => category.id === id)?.name ?? id;
export const captionOf = (entry) => entry.caption?.trim() || text('entries.no-caption');

/** Every entry, with the category it stands in, newest first. */
export function allEntries() {
  const lists = Object.entries(desk.submissions);
  const entries = lists.flatMap(([category, list]) => list.map((entry) => ({ ...entry, category })));
  return entries.sort((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0));
}

export const stateOfEntry = ({ status }) => (['pending', 'rejected'].includes(status) ? status : 'shown');

/** Asks before something that cannot be taken back; the four texts are those of the dialog. */
export function askFirst({ title, words, keep, go }, action) {
  const dialog = byId('confirm');
  for (const [name, value] of Object.entries({ title, text: words, keep, go })) byId(`confirm-${name}`).textContent = value;
  dialog.returnValue = '';
  dialog.onclose = () => { if (dialog.returnValue === 'go') action(); };
  dialog.showModal();
}

/** Runs a button's action, and says how it went; `done` is a text, or makes one afterwards. */
export async function attempt(done, action) {
  say(byId('problem'), '');
  say(byId('success'), '');
  try {
    await action();
    say(byId('success'), typeof done === 'function' ? done() : done);
  } catch (error) {
    if (error.status === 401) whenLoggedOut();
    const wait = error.retryAfterSeconds ? ` ${text('admin.wait', { seconds: error.retryAfterSeconds })}` : '';
    say(byId('problem'), error.message + wait);
  }
}
