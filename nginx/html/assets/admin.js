// The organizers' desk: log in, entries, categories, winners.
import { byId, element, frame, isLive, listen, request, say, timeOf, whenConnected } from './page.js';

// Events tell when to look; this is for where there are none.
const secondsBetweenLooks = 5;
let isDeskOpen = false;
let categories = [];
let submissions = {};
let placesPerCategory = 2;
let timer;

const nameOf = (id) => categories.find((category) => category.id === id)?.name ?? id;

/** Runs what a button asks for, and says how it went. */
async function attempt(done, action) {
  say(byId('problem'), '');
  say(byId('success'), '');
  try {
    await action();
    say(byId('success'), done);
  } catch (error) {
    if (error.status === 401) showLogIn();
    const wait = error.retryAfterSeconds ? ` Try again in ${error.retryAfterSeconds} seconds.` : '';
    say(byId('problem'), error.message + wait);
  }
}

// Winners

function showOptions(select, entries, chosen) {
  const options = entries.map((entry) => element('option', { value: entry.id },
    `${entry.caption?.trim() || 'No caption'} – ${entry.name || 'no name'}`));
  select.replaceChildren(element('option', { value: '' }, 'Nobody'), ...options);
  select.value = entries.some(({ id }) => id === chosen) ? chosen : '';
}

/** New entries to choose from; what is chosen, and where one types, stays. */
function refreshPlaces() {
  for (const select of byId('places').querySelectorAll('select')) {
    showOptions(select, submissions[select.dataset.category] ?? [], select.value);
  }
}

function placeSelect(category, place, entries, chosen) {
  const id = `place-${category.id}-${place}`;
  const select = element('select', { id, 'data-category': category.id });
  showOptions(select, entries, chosen ?? '');
  return element('div', { class: 'field' }, element('label', { for: id }, `Place ${place + 1}`), select);
}

function showPlaces(winners) {
  byId('places').replaceChildren(...categories.map((category) => {
    const entries = submissions[category.id] ?? [];
    const chosen = (winners[category.id] ?? []).map(({ id }) => id);
    const places = Array.from({ length: placesPerCategory },
      (_, place) => placeSelect(category, place, entries, chosen[place]));
    return element('fieldset', {}, element('legend', {}, category.name), ...places);
  }));
}

function chosenWinners() {
  const winners = {};
  for (const select of byId('places').querySelectorAll('select')) {
    const list = winners[select.dataset.category] ??= [];
    if (select.value && !list.includes(select.value)) list.push(select.value);
  }
  return winners;
}

// Categories

function categoryRow({ id, name }) {
  const row = element('li');
  const number = crypto.getRandomValues(new Uint32Array(1))[0];
  const remove = element('button', { type: 'button' }, 'Remove');
  remove.addEventListener('click', () => row.remove());
  row.append(
    element('div', { class: 'field' }, element('label', { for: `id-${number}` }, 'Id'),
      element('input', { id: `id-${number}`, name: 'id', value: id, maxlength: 64, readonly: id !== '' })),
    element('div', { class: 'field' }, element('label', { for: `name-${number}` }, 'Name'),
      element('input', { id: `name-${number}`, name: 'name', value: name, maxlength: 100 })),
    remove);
  return row;
}

function showCategories() {
  byId('category-rows').replaceChildren(...categories.map(categoryRow));
}

function editedCategories() {
  return Array.from(byId('category-rows').children, (row) => ({
    id: row.querySelector('[name="id"]').value.trim(),
    name: row.querySelector('[name="name"]').value.trim(),
  }));
}

// Entries

function entryCard(entry, category) {
  const remove = element('button', { type: 'button' }, 'Remove');
  remove.addEventListener('click', () => removeEntry(entry));
  const rows = [['Name', entry.name], ['Phone', entry.phone], ['Receipt', entry.submissionId]];
  return element('figure', { class: 'card', 'data-id': entry.id },
    frame(entry, nameOf(category)),
    element('figcaption', {},
      element('span', { class: 'text' }, entry.caption || 'No caption'),
      element('dl', {}, ...rows.flatMap(([term, text]) => [element('dt', {}, term), element('dd', {}, text || '–')])),
      element('span', { class: 'meta' }, timeOf(entry.createdAt ?? 0)), remove));
}

function showEntries() {
  const groups = Object.entries(submissions).filter(([, list]) => list.length > 0);
  byId('entries').replaceChildren(...groups.map(([category, list]) =>
    element('div', { class: 'entry-group' },
      element('h3', {}, `${nameOf(category)} (${list.length})`),
      element('div', { class: 'wall' }, ...list.map((entry) => entryCard(entry, category))))));
  byId('empty').hidden = groups.length > 0;
}

function removeEntry(entry) {
  const dialog = byId('confirm');
  byId('confirm-text').textContent = `“${entry.caption || 'No caption'}” by ${entry.name || 'somebody'} and its photo will be gone.`;
  dialog.returnValue = '';
  dialog.onclose = () => {
    if (dialog.returnValue !== 'remove') return;
    attempt('The entry is removed.', async () => {
      await request(`/api/submissions/${encodeURIComponent(entry.id)}`, { method: 'DELETE' });
      await load();
    });
  };
  dialog.showModal();
}

// The desk as a whole

async function load({ isQuiet = false } = {}) {
  const [answer, list, published] = await Promise.all(
    ['/api/submissions', '/categories.json', '/api/winners'].map((path) => request(path)));
  const isChanged = JSON.stringify(answer.submissions) !== JSON.stringify(submissions);
  submissions = answer.submissions;
  placesPerCategory = answer.placesPerCategory ?? placesPerCategory;
  if (isChanged || !isQuiet) showEntries();
  // What is being edited stays as it is until it is saved.
  if (!isQuiet) {
    categories = list;
    showEntries();
    showCategories();
    showPlaces(published.winners);
  } else if (isChanged) {
    refreshPlaces();
  }
}

function showLogIn() {
  clearInterval(timer);
  isDeskOpen = false;
  byId('desk').hidden = true;
  byId('log-out').hidden = true;
  byId('log-in').hidden = false;
}

async function showDesk() {
  await load();
  byId('log-in').hidden = true;
  byId('desk').hidden = false;
  byId('log-out').hidden = false;
  clearInterval(timer);
  isDeskOpen = true;
  timer = setInterval(() => { if (!isLive) look(); }, 1000 * secondsBetweenLooks);
}

/** Looks what is new, without disturbing what is being edited. */
function look() {
  if (!isDeskOpen) return;
  load({ isQuiet: true }).catch((error) => { if (error.status === 401) showLogIn(); });
}

whenConnected(look);
listen({ newSubmission: look, submissionRemoved: look, winnersUpdated: look, categoriesUpdated: look });

byId('log-in').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt('', async () => {
    await request('/api/login', { method: 'POST', body: { password: byId('password').value } });
    byId('password').value = '';
    await showDesk();
  });
});

byId('log-out').addEventListener('click', () => attempt('You are logged out.', async () => {
  await request('/api/logout', { method: 'POST' });
  showLogIn();
}));

byId('save-winners').addEventListener('click', () => attempt('The winners are saved and published.', () =>
  request('/api/save-winners', { method: 'POST', body: { winners: chosenWinners() } })));

byId('add-category').addEventListener('click', () => {
  const row = categoryRow({ id: '', name: '' });
  byId('category-rows').append(row);
  row.querySelector('input').focus();
});

byId('categories').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt('The categories are saved.', async () => {
    await request('/api/categories', { method: 'POST', body: { categories: editedCategories() } });
    await load();
  });
});

request('/api/session').then(({ loggedIn }) => (loggedIn ? showDesk() : showLogIn()))
  .catch((error) => { showLogIn(); say(byId('problem'), error.message); });
