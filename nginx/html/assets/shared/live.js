// Live updates: events report what happened; without them, the page polls.
import { request } from './request.js';
import { text } from '../text/text.js';

const secondsBetweenLooks = 3;
const secondsToNextTry = 1;
/** On shared hosting there are no events: the pages poll, and only rarely try for events again. */
const secondsWithoutEvents = 60;
/** A heartbeat comes every 15 seconds: if two are missing, the stream is dead, or a proxy holds it back. */
const secondsOfSilence = 31;
/** How long the event stream waits for the documents that it continues from. */
const secondsToFirstLook = 5;
/** An event may arrive a moment before the document shows the change. */
export const secondsToSettle = 1.5;
/** The functions to call when events may have been missed. */
const watched = [];
/** The first looks, and the generations of the data that they saw. */
const firstLooks = [];
const seenGenerations = [];
/** How many events have arrived. */
let eventCount = 0;
/** Whether events are arriving at present. */
export let isLive = false;

/** The generation of the data that an entity tag of the site begins with; `null` for any other tag. */
export function generationOf(tag) {
  const digits = /^(?:W\/)?"([0-9a-f]+)-[0-9a-f]+"$/.exec(tag ?? '')?.[1];
  return digits === undefined ? null : parseInt(digits, 16);
}

/** Makes events continue from a document read elsewhere; without its generation, all is read again. */
export function goOnFrom(firstLook) { firstLooks.push(firstLook.then((generation) => { seenGenerations.push(generation); })); }

/**
 * Fetches a document, and polls it while there are no events; passes it on when it has changed.
 * Returns a function that fetches it at once, and once more when it must contain what was just reported.
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
      // A later look is under way: its answer and its tag count.
      if (mine !== latest) return;
      knownTag.value = tag.value;
      failures = 0;
      if (!isLive) onConnection('');
      if (answer !== undefined) onChange(answer);
      // Events that arrived meanwhile may not be in this answer.
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
  /** A hidden page does not poll, nor does one that gets events. */
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

/** Registers a function to call when events may have been missed, or no longer arrive. */
export function whenMissed(look) { watched.push(look); }

function lookAtAll() { for (const look of watched) look(); }

/**
 * Listens for events of the site; `handlers` has a function for each event's name.
 * The events continue from the generation of the documents when they were read, and after a break from
 * the last event: nothing is missed, and what is told twice is known by its identifier. A hidden page closes
 * its stream: a browser opens only six connections to a site, which a few pages would use up.
 * `query` adds to the address. Returns a function that opens the stream again, if it has one.
 */
export function listen(handlers, onConnection = () => {}, query = () => '') {
  let last = null;
  let source = null;
  let silence;
  let retry;
  let settling;
  let isOffered = true;

  /** Whether the site has events at all, even if they fail at the moment. */
  const asksWhetherOffered = () => fetch('/api/events', { method: 'HEAD' }).then(({ status }) => status !== 404, () => true);

  /** Something has arrived: the stream is alive, and no proxy holds it back. */
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
    // A random delay keeps a crowd from reconnecting all at once.
    retry = setTimeout(connect, 1000 * seconds * (0.5 + Math.random()));
  }

  /** The stream is dead: the page polls until it is back. */
  async function lose() {
    letGo();
    if (isOffered) onConnection(text('live.reconnecting'));
    if (document.visibilityState === 'visible') lookAtAll();
    isOffered = await asksWhetherOffered();
    // Then polling is normal, and nothing to report.
    if (!isOffered) onConnection('');
    if (source === null) connectSoon(isOffered ? secondsToNextTry : secondsWithoutEvents);
  }

  function connect() {
    if (document.visibilityState !== 'visible') return;
    letGo();
    const known = firstLooks.length > 0 && seenGenerations.length === firstLooks.length && !seenGenerations.includes(null);
    last ??= known ? Math.min(...seenGenerations) : null;
    const mayHaveMissed = last === null;
    const stream = new EventSource(`/api/events?heartbeat=1${query()}${last === null ? '' : `&after=${last}`}`);
    source = stream;
    stream.addEventListener('open', () => { if (mayHaveMissed) lookAtAll(); });
    // A proxy that holds events back also holds back `open`: the time limit starts now.
    silence = setTimeout(lose, 1000 * secondsOfSilence);
    stream.addEventListener('error', () => { if (source === stream) lose(); });
    stream.addEventListener('heartbeat', hear);
    stream.addEventListener('reset', (event) => {
      hear();
      last = event.lastEventId || last;
      lookAtAll();
      // The documents may show the change a moment later.
      clearTimeout(settling);
      settling = setTimeout(lookAtAll, 1000 * secondsToSettle);
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

  if (!('EventSource' in window)) return () => {};
  const patience = new Promise((resolve) => { setTimeout(resolve, 1000 * secondsToFirstLook); });
  Promise.race([Promise.allSettled(firstLooks), patience]).then(connect);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') connect();
    else letGo();
  });
  window.addEventListener('pagehide', letGo);
  window.addEventListener('pageshow', (event) => { if (event.persisted) connect(); });
  return () => { if (source !== null) connect(); };
}
