// The projector: the newest entries one after the other, the way to enter, who is called to the stage, and the
// winners when they are announced; how many of the audience have voted, and a place of its vote on command.
import { byId, element } from '../shared/elements.js';
import { allCategories, entryOf, keepFeed, nameOf, newestFirst } from '../shared/feed.js';
import { labelElement, labelOf } from '../shared/label.js';
import { watch, whenMissed } from '../shared/live.js';
import { picture as pictureOf } from '../shared/pictures.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';
import { qrPicture } from '../shared/qr.js';

const secondsOfSlide = 7;
/** A new entry is shown within this time, however many arrive: each is then shown more briefly. */
const secondsOfLag = 50;
const minSecondsOfSlide = 2;
const secondsOfWinners = 60;
/** Whoever was called last is shown no longer than this: the organizers may have forgotten the stage. */
const secondsOfStage = 300;
const newestShown = 30;

let winners = {};
/** The identifiers of new entries that were not shown yet: they come next. */
const waiting = [];
let position = 0;
let timer;
/** The place of the audience's vote that the organizers show, as last told. */
let revealed = null;

function picture(entry) {
  return entry.imageUrl ? [pictureOf(entry, entry.caption?.trim() || text('show.tattoo'), '80vw', 'eager')] : [];
}

function numberOf({ number }) {
  return number ? [element('p', { class: 'of number' }, String(number))] : [];
}

/** Skips entries that have waited too long for their turn: they come round with the newest. */
function passOver() {
  const most = Math.floor(secondsOfLag / minSecondsOfSlide);
  if (waiting.length > most) waiting.splice(0, waiting.length - most);
}

/** The next new entry that was not removed meanwhile. */
function nextWaiting() {
  let entry;
  while (entry === undefined && waiting.length > 0) entry = entryOf(waiting.shift());
  return entry;
}

/** The most entries that have waited at once since the queue was last empty. */
let crowd = 0;

function secondsOfNext() {
  crowd = waiting.length === 0 ? 0 : Math.max(crowd, waiting.length);
  return Math.max(minSecondsOfSlide, Math.min(secondsOfSlide, secondsOfLag / Math.max(1, crowd)));
}

/** Shows one of the parts alone. */
function show(id) {
  for (const part of ['slide', 'stage', 'reveal', 'winners']) byId(part).hidden = part !== id;
}

function showSlide() {
  clearTimeout(timer);
  if (revealed) {
    showPlace();
    return;
  }
  passOver();
  timer = setTimeout(showSlide, 1000 * secondsOfNext());
  const entries = newestFirst().slice(0, newestShown);
  const entry = nextWaiting() ?? entries[position++ % Math.max(1, entries.length)];
  show('slide');
  byId('slide').replaceChildren(...(entry
    ? [...picture(entry), ...numberOf(entry), element('p', { class: 'said', dir: 'auto' }, entry.caption ?? ''), element('p', { class: 'of', dir: 'auto' }, nameOf(entry.category))]
    : [element('p', { class: 'said' }, text('show.empty'))]));
}

function showWinners() {
  const listed = allCategories().filter(({ id }) => winners[id]?.length > 0);
  if (listed.length === 0) return;
  clearTimeout(timer);
  timer = setTimeout(() => { if (stage.entry) showStage(stage); else showSlide(); }, 1000 * secondsOfWinners);
  show('winners');
  byId('winners').replaceChildren(
    element('p', { class: 'said' }, text('winners.title')),
    element('div', { class: 'podiums' }, ...listed.flatMap(({ id, name }) => winners[id].map((entry, place) =>
      element('figure', {}, ...picture(entry),
        element('figcaption', {}, element('p', { class: 'of' }, text('show.winner', { category: name, place: place + 1 })), ...numberOf(entry), element('bdi', {}, entry.caption ?? '')))))));
}

/** Shows who is called, until nobody is. */
function showStage({ round, entry, next }) {
  if (!entry) {
    if (!byId('stage').hidden) showSlide();
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(showSlide, 1000 * secondsOfStage);
  show('stage');
  byId('stage').replaceChildren(
    element('p', { class: 'of', dir: 'auto' }, round?.name ?? ''), element('p', { class: 'called' }, labelElement(entry)), ...picture(entry),
    element('p', { class: 'said', dir: 'auto' }, entry.caption ?? ''),
    element('p', { class: 'of' }, next ? text('call.next', { number: labelOf(next) }) : ''));
}

// MARK: The audience's vote

let turnout = null;

/** Shows a place of the vote until it is hidden. */
function showPlace() {
  clearTimeout(timer);
  show('reveal');
  const { place, entries } = revealed;
  byId('reveal').replaceChildren(element('p', { class: 'of' }, text('show.winner', { category: text('winners.audience'), place })),
    element('div', { class: 'podiums' }, ...entries.map(entryOf).filter(Boolean).map((entry) => element('figure', {}, ...picture(entry),
      element('figcaption', {}, ...numberOf(entry), element('bdi', {}, entry.caption ?? ''))))));
}

/** Reads how many have voted, and which place is shown. */
async function lookAtVote() {
  const voting = await request('/api/voting').catch(() => null);
  if (!voting) return;
  turnout = voting.state === 'open' ? voting.turnout : null;
  byId('turnout').textContent = turnout === null ? '' : text('show.turnout', { count: turnout });
  if (JSON.stringify(voting.revealed) === JSON.stringify(revealed)) return;
  revealed = voting.revealed;
  if (revealed || !byId('reveal').hidden) showSlide();
}

const secondsBetweenCounts = 5;
// No event tells everybody that somebody has voted, or that a vote has begun by its time.
setInterval(lookAtVote, 1000 * secondsBetweenCounts);

function showInvitation() {
  const address = new URL('/', location.href).href;
  const code = qrPicture(address, text('show.code', { address }));
  if (code) byId('code').replaceChildren(code);
  byId('address').textContent = location.host;
}

const showConnection = (state) => { byId('connection').textContent = state; };
let isFirst = true;

/** Who is on the stage, as last told. */
let stage = {};

function takeStage(call) {
  stage = call;
  showStage(call);
}

/** Reads who is called; events go on from the feed, whose answer says how far it is. */
const lookAtStage = () => request('/api/call').then(takeStage, () => {});

lookAtStage();
whenMissed(lookAtStage);
whenMissed(lookAtVote);
const lookForWinners = watch('/api/winners', (answer) => { winners = answer.winners; });
keepFeed({
  onChange: () => {
    if (!isFirst) return;
    isFirst = false;
    showSlide();
    lookAtVote();
  },
  onNew: ({ id }) => { waiting.push(id); },
  events: { called: takeStage, votingUpdated: lookAtVote, winnersUpdated: () => { lookForWinners().then(showWinners); } },
}, showConnection);
showInvitation();
