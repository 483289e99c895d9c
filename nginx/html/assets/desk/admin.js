// The organizers' desk as a whole: log in, load, and keep up with what happens.
import { attempt, desk, merge, onLoggedOut, removeEntry, takeSubmissions, wireMessages } from './desk.js';
import { showBar } from './desk-bar.js';
import { showCategories, wireCategories } from './desk-categories.js';
import { showEnding, wireEnding } from './desk-ending.js';
import { showEventForm, wireEvent } from './desk-event.js';
import { wireExports } from './desk-export.js';
import { showHealth } from './desk-health.js';
import { showSection } from './desk-sections.js';
import { showEntries, wireEntries } from '../entries/entries.js';
import { finishRemovals, resumeRemovals } from '../entries/removal.js';
import { refreshPlaces, showPlaces, wireWinners } from '../places/places.js';
import { juryEvents, loadJury, wireJury } from '../jury/jury.js';
import { loadVoting, votingEvents, wireVoting } from '../voting/voting.js';
import { forgetKey } from '../voting/voting-seal.js';
import { wireErasure } from '../privacy/erasure.js';
import { generationOf, goOnFrom, isLive, listen, whenMissed } from '../shared/live.js';
import { byId, say } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

// For polling where there are no events to say what to ask for.
const secondsBetweenLooks = 5;
/** How many of each category are asked for when an event does not say which are new. */
const newestAsked = 20;
let isDeskOpen = false;
let timer;
let healthTimer;
const secondsBetweenChecks = 15;
/** What events have reported but was not asked for yet. */
const told = { ids: new Set(), isNew: false, isOther: false };
let asking;
/** How many full loads are in progress. */
let loads = 0;

/** Reads everything. With `isQuiet`, what is being edited stays as it is. */
async function load({ isQuiet = false, keepsChoice = false } = {}) {
  loads += 1;
  // The categories first: events report what happens from then on.
  const tag = { value: null };
  let answers;
  try {
    const categories = await request('/categories.json', { knownTag: tag });
    answers = [categories, ...await Promise.all(['/api/submissions', '/api/winners-draft'].map((path) => request(path)))];
  } finally {
    loads -= 1;
  }
  const [categories, answer, winners] = answers;
  takeSubmissions(answer.submissions);
  desk.placesPerCategory = answer.placesPerCategory ?? desk.placesPerCategory;
  desk.winners = winners;
  await showEventForm({ keepsFields: isQuiet });
  if (!isQuiet) {
    desk.categories = categories;
    desk.categoriesTag = tag.value;
    showCategories();
    showPlaces(keepsChoice);
  } else {
    refreshPlaces();
  }
  showEntries();
  showHealth();
  // Judging and the vote must not keep the rest of the desk from being used.
  for (const part of [showEnding(load), loadJury({ shown: isQuiet ? [] : ['judges', 'sheets'] }), loadVoting({ keepsFields: isQuiet })]) {
    await part.catch((error) => { if (error.status === 401) throw error; say(byId('problem'), error.message); });
  }
  // What events reported meanwhile may not be in it.
  if (told.ids.size > 0 || told.isNew || told.isOther) askSoon();
  return generationOf(tag.value);
}

function showLogIn() {
  forgetKey();
  clearInterval(timer);
  clearInterval(healthTimer);
  if (isDeskOpen) {
    isDeskOpen = false;
    listenAgain();
  }
  byId('desk').hidden = true;
  byId('log-out').hidden = true;
  byId('log-in').hidden = false;
  delete document.body.dataset.shown;
}

async function showDesk() {
  const generation = await load();
  byId('log-in').hidden = true;
  byId('desk').hidden = false;
  showSection();
  resumeRemovals();
  byId('log-out').hidden = false;
  clearInterval(timer);
  isDeskOpen = true;
  listenAgain();
  timer = setInterval(() => { if (!isLive && document.visibilityState === 'visible') look(); }, 1000 * secondsBetweenLooks);
  clearInterval(healthTimer);
  // No event tells of a phone that holds cards, or of a disk that fills.
  healthTimer = setInterval(() => { if (document.visibilityState === 'visible') showHealth(); }, 1000 * secondsBetweenChecks);
  return generation;
}

/** Reads everything, without disturbing what is being edited. */
function look() {
  if (!isDeskOpen) return;
  load({ isQuiet: true }).catch((error) => { if (error.status === 401) showLogIn(); });
}

/** Asks for the entries that events have reported, and for nothing else. */
async function ask() {
  asking = undefined;
  if (!isDeskOpen || loads > 0) return;
  const [ids, isNew, isOther] = [[...told.ids], told.isNew, told.isOther];
  told.ids.clear();
  [told.isNew, told.isOther] = [false, false];
  try {
    const questions = [];
    if (ids.length > 0) questions.push(`ids=${ids.map(encodeURIComponent).join(',')}`);
    if (isNew) questions.push(`newest=${newestAsked}`);
    const answers = await Promise.all(questions.map((question) => request(`/api/submissions?${question}`)));
    const found = new Set(answers.flatMap(({ submissions }) => Object.values(submissions).flat().map(({ id }) => id)));
    for (const id of ids) if (!found.has(id)) removeEntry(id);
    // If more came at once than were asked for, everything is read.
    const isWhole = answers.every(merge);
    if (isOther) desk.winners = await request('/api/winners-draft');
    refreshPlaces();
    showEntries();
    showHealth();
    if (!isWhole) look();
  } catch (error) {
    if (error.status === 401) showLogIn();
    else setTimeout(look, 1000 * secondsBetweenLooks);
  }
}

/** Asks soon, and once for many: a hundred entries at once cause a hundred events. */
function askSoon() {
  asking ??= setTimeout(ask, 200);
}

function askFor({ id }) {
  told.ids.add(id);
  askSoon();
}

function askForNew() {
  told.isNew = true;
  askSoon();
}

function askForOther() {
  told.isOther = true;
  askSoon();
}

whenMissed(look);
const listenAgain = listen({
  ...juryEvents,
  ...votingEvents,
  newSubmission: askFor,
  entryApproved: askFor,
  photoMoved: askFor,
  submissionRemoved: askFor,
  submissionPending: askForNew,
  submissionChanged: askFor,
  eventUpdated: () => { showEventForm({ keepsFields: true }).catch(() => {}); },
  winnersUpdated: askForOther,
  winnersDrafted: askForOther,
}, (state) => { byId('connection').textContent = state; }, () => (isDeskOpen ? '&desk=1' : ''));

onLoggedOut(showLogIn);
wireMessages();
wireWinners();
wireCategories(() => load({ keepsChoice: true }));
wireEntries(() => load({ isQuiet: true }), showBar);
wireEvent(() => load({ isQuiet: true }));
wireEnding(() => load());
wireErasure(() => load({ isQuiet: true }));
wireExports();
wireJury();
wireVoting();

byId('log-in').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt('', async () => {
    await request('/api/login', { method: 'POST', body: { password: byId('password').value } });
    byId('password').value = '';
    await showDesk();
  }).then(() => byId('password').select());
});

byId('log-out').addEventListener('click', () => attempt(text('admin.logged-out'), async () => {
  await finishRemovals();
  await request('/api/logout', { method: 'POST' });
  showLogIn();
}));

goOnFrom(request('/api/session').then(({ loggedIn }) => (loggedIn ? showDesk() : showLogIn()))
  .catch((error) => { showLogIn(); say(byId('problem'), error.message); }).then((generation) => generation ?? null));
