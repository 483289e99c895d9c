// The projector: the newest entries one after the other, the way to enter, and the winners when
// they are announced.
import { byId, element } from '../shared/elements.js';
import { allCategories, entryOf, keepFeed, nameOf, newestFirst } from '../shared/feed.js';
import { watch } from '../shared/live.js';
import { picture as pictureOf } from '../shared/pictures.js';
import { text } from '../text/text.js';
import { qrPicture } from '../shared/qr.js';

const secondsOfSlide = 7;
/** Who has entered is on the wall within these, however many come: then each is shown for a shorter time. */
const secondsOfLag = 50;
const minSecondsOfSlide = 2;
const secondsOfWinners = 60;
const newestShown = 30;

let winners = {};
/** The identifiers of what has come in and was not shown yet: it is next. */
const waiting = [];
let position = 0;
let timer;

function picture(entry) {
  return entry.imageUrl ? [pictureOf(entry, entry.caption?.trim() || text('show.tattoo'), '80vw', 'eager')] : [];
}

/** What has waited too long to be shown in its turn is passed over: it comes again with the newest. */
function passOver() {
  const most = Math.floor(secondsOfLag / minSecondsOfSlide);
  if (waiting.length > most) waiting.splice(0, waiting.length - most);
}

/** The next that has come in, unless it was removed meanwhile. */
function nextWaiting() {
  let entry;
  while (entry === undefined && waiting.length > 0) entry = entryOf(waiting.shift());
  return entry;
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
  const entries = newestFirst().slice(0, newestShown);
  const entry = nextWaiting() ?? entries[position++ % Math.max(1, entries.length)];
  byId('winners').hidden = true;
  byId('slide').hidden = false;
  byId('slide').replaceChildren(...(entry
    ? [...picture(entry), element('p', { class: 'said', dir: 'auto' }, entry.caption ?? ''), element('p', { class: 'of', dir: 'auto' }, nameOf(entry.category))]
    : [element('p', { class: 'said' }, text('show.empty'))]));
}

function showWinners() {
  const listed = allCategories().filter(({ id }) => winners[id]?.length > 0);
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

const lookForWinners = watch('/api/winners', (answer) => { winners = answer.winners; });
keepFeed({
  onChange: () => {
    if (isFirst) showSlide();
    isFirst = false;
  },
  onNew: ({ id }) => { waiting.push(id); },
  events: { winnersUpdated: () => { lookForWinners().then(showWinners); } },
}, showConnection);
showInvitation();
