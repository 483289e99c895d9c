// One entry, looked at closely and corrected.
import { attempt, captionOf, desk, nameOf, stateOfEntry } from '../desk/desk.js';
import { timeOf } from '../shared/clock.js';
import { byId, element, say } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { picture } from '../shared/pictures.js';
import { text } from '../text/text.js';
import { factsOf, shownTo } from './card.js';

const corrected = ['caption', 'artist', 'studio'];

/** Sends what was corrected: words first, then the category. */
async function correct(entry, { words, category }) {
  const path = `/api/submissions/${encodeURIComponent(entry.id)}`;
  const changed = Object.entries(words).filter(([name, value]) => value !== (entry[name] ?? ''));
  if (changed.length > 0) await request(path, { method: 'PATCH', body: Object.fromEntries(changed) });
  if (category !== entry.category) await request(`${path}/category`, { method: 'POST', body: { category } });
}

function showCategories(entry) {
  const isListed = desk.categories.some(({ id }) => id === entry.category);
  byId('correct-category').replaceChildren(...(isListed ? [] : [element('option', { value: entry.category }, entry.category)]),
    ...desk.categories.map(({ id, name }) => element('option', { value: id }, name)));
  byId('correct-category').value = entry.category;
}

function showCorrections(entry, reload) {
  for (const name of corrected) byId(`correct-${name}`).value = entry[name] ?? '';
  showCategories(entry);
  say(byId('closer-problem'), '');
  byId('correct-form').onsubmit = (event) => {
    event.preventDefault();
    const words = Object.fromEntries(corrected.map((name) => [name, byId(`correct-${name}`).value.trim()]));
    attempt(text('entries.corrected'), async () => {
      // What was typed stays until it is saved.
      await correct(entry, { words, category: byId('correct-category').value }).catch((error) => {
        say(byId('closer-problem'), error.message);
        throw error;
      });
      byId('closer').close();
      await reload();
    });
  };
}

/** Opens the dialog of an entry; `actions` are those of its menu, and `reload` reads everything anew. */
export function lookCloser(entry, { actions, reload, corrects = false }) {
  const state = stateOfEntry(entry);
  byId('closer-picture').replaceChildren(...(entry.imageUrl && state !== 'rejected'
    ? [picture(shownTo(entry), captionOf(entry), '72rem', 'eager')] : []));
  byId('closer-title').textContent = captionOf(entry);
  byId('closer-facts').replaceChildren(
    element('dt', {}, text('entries.category')), element('dd', { dir: 'auto' }, nameOf(entry.category)),
    element('dt', {}, text('receipt.time')), element('dd', {}, timeOf(entry.createdAt ?? 0)), ...factsOf(entry));
  showCorrections(entry, reload);
  byId('corrections').open = corrects;
  for (const name of ['approve', 'reject', 'pick']) {
    byId(`closer-${name}`).onclick = () => { byId('closer').close(); actions[name](entry); };
  }
  byId('closer-approve').hidden = state === 'shown';
  byId('closer-reject').hidden = state === 'rejected';
  byId('closer-pick').hidden = state === 'rejected';
  byId('closer').showModal();
  if (corrects) byId('correct-caption').focus();
}
