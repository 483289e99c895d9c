// The organizers' desk as a whole: log in, load, and keep up with what happens.
import { attempt, desk, onLoggedOut } from './desk.js';
import { showCategories, wireCategories } from './desk-categories.js';
import { showEntries, wireEntries } from './desk-entries.js';
import { wireExports } from './desk-export.js';
import { showHealth } from './desk-health.js';
import { refreshPlaces, showPlaces, wireWinners } from './desk-winners.js';
import { byId, isLive, listen, request, say, secondsToSettle, whenConnected } from './page.js';
import { text } from './text.js';

// Events tell when to look; this is for where there are none.
const secondsBetweenLooks = 5;
let isDeskOpen = false;
let timer;
let looking;

async function load({ isQuiet = false, keepsChoice = false } = {}) {
  const [answer, categories, winners] = await Promise.all(
    ['/api/submissions', '/categories.json', '/api/winners-draft'].map((path) => request(path)));
  const isChanged = JSON.stringify(answer.submissions) !== JSON.stringify(desk.submissions);
  desk.submissions = answer.submissions;
  desk.placesPerCategory = answer.placesPerCategory ?? desk.placesPerCategory;
  desk.winners = winners;
  // What is being edited stays as it is until it is saved.
  if (!isQuiet) {
    desk.categories = categories;
    showCategories();
    showPlaces(keepsChoice);
  } else if (isChanged) {
    refreshPlaces();
  }
  if (isChanged || !isQuiet) showEntries();
  showHealth();
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

/** Looks soon: of a hundred entries that come at once each tells. */
function lookSoon() {
  looking ??= setTimeout(() => { looking = undefined; look(); }, 200);
}

whenConnected(() => { lookSoon(); setTimeout(lookSoon, 1000 * secondsToSettle); });
const events = ['newSubmission', 'submissionPending', 'entryApproved', 'photoMoved', 'submissionRemoved', 'winnersUpdated', 'winnersDrafted', 'categoriesUpdated'];
listen(Object.fromEntries(events.map((name) => [name, lookSoon])), (state) => { byId('connection').textContent = state; });

onLoggedOut(showLogIn);
wireWinners();
wireCategories(() => load({ keepsChoice: true }));
wireEntries(() => load({ isQuiet: true }));
wireExports();

byId('log-in').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt('', async () => {
    await request('/api/login', { method: 'POST', body: { password: byId('password').value } });
    byId('password').value = '';
    await showDesk();
  }).then(() => byId('password').select());
});

byId('log-out').addEventListener('click', () => attempt(text('admin.logged-out'), async () => {
  await request('/api/logout', { method: 'POST' });
  showLogIn();
}));

request('/api/session').then(({ loggedIn }) => (loggedIn ? showDesk() : showLogIn()))
  .catch((error) => { showLogIn(); say(byId('problem'), error.message); });
