// The projector: the newest entries one after the other, the way to enter, and the winners when
// they are announced.
import { listen, watch } from '../shared/live.js';
import { byId, element } from '../shared/elements.js';
import { picture as pictureOf } from '../shared/pictures.js';
import { text } from '../text/text.js';
import { qrPicture } from '../shared/qr.js';

const secondsOfSlide = 7;
/** Who has entered is on the wall within these, however many come: then each is shown for a shorter time. */
const secondsOfLag = 50;
const minSecondsOfSlide = 2;
const secondsOfWinners = 60;
const newestShown = 30;

let categories = [];
let feed = {};
let winners = {};
/** What has come in and was not shown yet: it is next. */
const waiting = [];
let position = 0;
let timer;

const nameOf = (id) => categories.find((category) => category.id === id)?.name ?? id;

function newest() {
  const entries = Object.entries(feed).flatMap(([category, list]) => list.map((entry) => ({ ...entry, category })));
  return entries.sort((one, other) => other.createdAt - one.createdAt).slice(0, newestShown);
}

function picture(entry) {
  return entry.imageUrl ? [pictureOf(entry, entry.caption?.trim() || text('show.tattoo'), '80vw', 'eager')] : [];
}

/** What has waited too long to be shown in its turn is passed over: it comes again with the newest. */
function passOver() {
  const most = Math.floor(secondsOfLag / minSecondsOfSlide);
  if (waiting.length > most) waiting.splice(0, waiting.length - most);
}

/** How many have waited at once, since none did. */
let crowd = 0;

function secondsOfNext() {
  crowd = waiting.length === 0 ? 0 : Math.max(crowd, waiting.length);
  return Math.max(minSecondsOfSlide, Math.min(secondsOfSlide, secondsOfLag / Math.max(1, crowd)));
}

function showSlide() {
  clearTimeout(timer);
  passOver();
  timer = setTimeout(showSlide, 1000 * secondsOfNext());
  const entries = newest();
  const entry = waiting.shift() ?? entries[position++ % Math.max(1, entries.length)];
  byId('winners').hidden = true;
  byId('slide').hidden = false;
  byId('slide').replaceChildren(...(entry
    ? [...picture(entry), element('p', { class: 'said', dir: 'auto' }, entry.caption ?? ''), element('p', { class: 'of', dir: 'auto' }, nameOf(entry.category))]
    : [element('p', { class: 'said' }, text('show.empty'))]));
}

function showWinners() {
  const listed = categories.filter(({ id }) => winners[id]?.length > 0);
  if (listed.length === 0) return;
  clearTimeout(timer);
  timer = setTimeout(showSlide, 1000 * secondsOfWinners);
  byId('slide').hidden = true;
  byId('winners').hidden = false;
  byId('winners').replaceChildren(
    element('p', { class: 'said' }, text('winners.title')),
    element('div', { class: 'podiums' }, ...listed.flatMap(({ id, name }) => winners[id].map((entry, place) =>
      element('figure', {}, ...picture(entry),
        element('figcaption', {}, element('p', { class: 'of' }, text('show.winner', { category: name, place: place + 1 })), element('bdi', {}, entry.caption ?? '')))))));
}

function showInvitation() {
  const address = new URL('/', location.href).href;
  const code = qrPicture(address, text('show.code', { address }));
  if (code) byId('code').replaceChildren(code);
  byId('address').textContent = location.host;
}

const showConnection = (state) => { byId('connection').textContent = state; };
let isFirst = true;

watch('/categories.json', (list) => { categories = list; });
watch('/api/feed', (answer) => {
  feed = answer.feed;
  if (isFirst) showSlide();
  isFirst = false;
}, showConnection);
const lookForWinners = watch('/api/winners', (answer) => { winners = answer.winners; });
function add({ category, ...entry }) {
  const list = feed[category] ??= [];
  if (list.some(({ id }) => id === entry.id)) return;
  list.unshift(entry);
  waiting.push({ ...entry, category });
}

listen({
  newSubmission: add,
  entryApproved: add,
  submissionRemoved: ({ id }) => {
    for (const [category, list] of Object.entries(feed)) feed[category] = list.filter((entry) => entry.id !== id);
    const index = waiting.findIndex((entry) => entry.id === id);
    if (index >= 0) waiting.splice(index, 1);
  },
  photoMoved: ({ id, imageUrl }) => {
    for (const entry of [...Object.values(feed).flat(), ...waiting]) if (entry.id === id) entry.imageUrl = imageUrl;
  },
  categoriesUpdated: ({ categories: list }) => { categories = list; },
  winnersUpdated: () => { lookForWinners().then(showWinners); },
}, showConnection);
showInvitation();
