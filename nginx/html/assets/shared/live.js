// Live: events tell what happened; where there are none, one asks again and again.
import { request } from './request.js';
import { text } from '../text/text.js';

const secondsBetweenLooks = 3;
const secondsToNextTry = 1;
/** On shared hosting there are no events: the pages look again and again, and seldom for them. */
const secondsWithoutEvents = 60;
/** A heartbeat comes every 15 seconds: after two that did not, the stream is dead, or somebody holds it back. */
const secondsOfSilence = 31;
/** How long events wait for the documents that they go on from. */
const secondsToFirstLook = 5;
/** An event may be a moment earlier than the document that it is about. */
export const secondsToSettle = 1.5;
/** What is watched, to be asked for anew when nobody knows what was missed. */
const watched = [];
/** The first looks, and the generations of the data that they have seen. */
const firstLooks = [];
const seenGenerations = [];
/** How many events have come in. */
let eventCount = 0;
/** Whether events come in at present. */
export let isLive = false;

/** The generation of the data that an entity tag of the site begins with; `null` for another's. */
export function generationOf(tag) {
  const digits = /^(?:W\/)?"([0-9a-f]+)-[0-9a-f]+"$/.exec(tag ?? '')?.[1];
  return digits === undefined ? null : parseInt(digits, 16);
}

/** Has events go on from a document that was read elsewhere; without a generation it is read again. */
export function goOnFrom(firstLook) { firstLooks.push(firstLook.then((generation) => { seenGenerations.push(generation); })); }

/**
 * Asks for a document, and again while there are no events; hands it on when it has changed.
 * Gives a function that asks at once, and once more when what was just told must be in it.
 */
export function watch(path, onChange, onConnection = () => {}) {
  const knownTag = { value: null };
  let failures = 0;
  let latest = 0;
  let timer;
  async function look() {
    clearTimeout(timer);
    latest += 1;
    const [mine, before, tag] = [latest, eventCount, { ...knownTag }];
    try {
      const answer = await request(path, { knownTag: tag });
      // A later look is under way: its answer counts, and its tag.
      if (mine !== latest) return;
      knownTag.value = tag.value;
      failures = 0;
      if (!isLive) onConnection('');
      if (answer !== undefined) onChange(answer);
      // What came in meanwhile may not be in this answer.
      if (answer !== undefined && eventCount !== before) settle();
    } catch {
      if (mine !== latest) return;
      failures += 1;
      onConnection(text('live.reconnecting'));
    }
    clearTimeout(timer);
    if (isLive && failures === 0) return;
    timer = setTimeout(lookIfDue, 1000 * Math.min(30, secondsBetweenLooks * 2 ** Math.min(failures, 4)));
  }
  /** A page that nobody sees asks for nothing, nor does one that is told. */
  function lookIfDue() {
    if (document.visibilityState === 'visible' && (!isLive || failures > 0)) look();
  }
  let settling;
  function settle() {
    clearTimeout(settling);
    settling = setTimeout(look, 1000 * secondsToSettle);
  }
  whenMissed(look);
  document.addEventListener('visibilitychange', lookIfDue);
  window.addEventListener('online', look);
  goOnFrom(look().then(() => generationOf(knownTag.value)));
  return async () => { settle(); await look(); };
}

/** Has a function called when nobody knows what was missed, or there are no events any more. */
export function whenMissed(look) { watched.push(look); }

function lookAtAll() { for (const look of watched) look(); }

/**
 * Listens to what happens on the site; `handlers` has a function for each event's name.
 * The events go on from what the documents had when they were read, and after a break from the last
 * one: nothing is read twice. A page that nobody sees lets its stream go: of the six connections that
 * a browser has for a site none would be left after some pages.
 */
export function listen(handlers, onConnection = () => {}) {
  let last = null;
  let source = null;
  let silence;
  let retry;
  let isOffered = true;

  /** Whether the site has events at all, whatever the matter with them is. */
  const asksWhetherOffered = () => fetch('/api/events', { method: 'HEAD' }).then(({ status }) => status !== 404, () => true);

  /** Something has come in: the stream lives, and nobody holds it back. */
  function hear() {
    clearTimeout(silence);
    silence = setTimeout(lose, 1000 * secondsOfSilence);
    if (isLive) return;
    isLive = isOffered = true;
    onConnection('');
  }

  function letGo() {
    clearTimeout(silence);
    clearTimeout(retry);
    source?.close();
    source = null;
    isLive = false;
  }

  function connectSoon(seconds) {
    clearTimeout(retry);
    // Chance keeps a crowd from coming back all at once.
    retry = setTimeout(connect, 1000 * seconds * (0.5 + Math.random()));
  }

  /** The stream is dead: until it is back one asks again and again. */
  async function lose() {
    letGo();
    if (isOffered) onConnection(text('live.reconnecting'));
    if (document.visibilityState === 'visible') lookAtAll();
    isOffered = await asksWhetherOffered();
    // Then looking again and again is all there is, and no news.
    if (!isOffered) onConnection('');
    if (source === null) connectSoon(isOffered ? secondsToNextTry : secondsWithoutEvents);
  }

  function connect() {
    if (document.visibilityState !== 'visible') return;
    letGo();
    const known = seenGenerations.length === firstLooks.length && !seenGenerations.includes(null);
    last ??= known ? Math.min(...seenGenerations) : null;
    const mayHaveMissed = last === null;
    const stream = new EventSource(`/api/events?heartbeat=1${last === null ? '' : `&after=${last}`}`);
    source = stream;
    stream.addEventListener('open', () => { if (mayHaveMissed) lookAtAll(); });
    // What holds events back also holds back that the stream is open: it is not waited for any longer.
    silence = setTimeout(lose, 1000 * secondsOfSilence);
    stream.addEventListener('error', () => { if (source === stream) lose(); });
    stream.addEventListener('heartbeat', hear);
    stream.addEventListener('reset', (event) => {
      hear();
      last = event.lastEventId || last;
      lookAtAll();
    });
    for (const [name, handle] of Object.entries(handlers)) {
      stream.addEventListener(name, (event) => {
        hear();
        last = event.lastEventId || last;
        eventCount += 1;
        handle(JSON.parse(event.data));
      });
    }
  }

  if (!('EventSource' in window)) return;
  const patience = new Promise((resolve) => { setTimeout(resolve, 1000 * secondsToFirstLook); });
  Promise.race([Promise.allSettled(firstLooks), patience]).then(connect);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') connect();
    else letGo();
  });
  window.addEventListener('pagehide', letGo);
  window.addEventListener('pageshow', (event) => { if (event.persisted) connect(); });
}
