// What the pages share: elements, requests, and what happens live.
import { errorText, language, text } from './text.js';

/** The element of an id. */
export const byId = (id) => document.getElementById(id);

/** Makes an element; texts become text, never markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Shows a text in one of the page's message boxes, or hides it. */
export function say(box, text) {
  box.textContent = text ?? '';
  box.hidden = !text;
}

/** A failed request, with a sentence for a person. */
class RequestError extends Error {
  constructor(message, status, retryAfterSeconds) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Sends a request and gives the JSON of the answer; `undefined` when it is what we have already. */
export async function request(path, { method = 'GET', body, knownTag } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      cache: knownTag ? 'no-store' : 'default',
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(knownTag?.value ? { 'If-None-Match': knownTag.value } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new RequestError(text('request.no-connection'), 0);
  }
  if (response.status === 304) return undefined;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new RequestError(
      errorText(answer.code, answer.error) ?? text('request.failed', { status: response.status }), response.status,
      Number(response.headers.get('Retry-After')) || undefined);
  }
  if (knownTag) knownTag.value = response.headers.get('ETag');
  return answer;
}

// Live: events tell what happened; where there are none, one asks again and again.

const secondsBetweenLooks = 3;
const secondsToNextTry = 1;
/** On shared hosting there are no events: the pages look again and again, and seldom for them. */
const secondsWithoutEvents = 60;
/** An event may be a moment earlier than the document that it is about. */
export const secondsToSettle = 1.5;
/** What is watched, to be asked for anew when the connection comes back. */
const watched = [];
/** How many events have come in. */
let eventCount = 0;
/** Whether events come in at present. */
export let isLive = false;

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
    const [mine, before] = [latest, eventCount];
    try {
      const answer = await request(path, { knownTag });
      // A later look is under way: its answer counts.
      if (mine !== latest) return;
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
    timer = setTimeout(look, 1000 * Math.min(30, secondsBetweenLooks * 2 ** Math.min(failures, 4)));
  }
  let settling;
  function settle() {
    clearTimeout(settling);
    settling = setTimeout(look, 1000 * secondsToSettle);
  }
  whenConnected(look);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && !isLive) look();
  });
  window.addEventListener('online', look);
  look();
  return async () => { settle(); await look(); };
}

/** Has a function called when events come in again: something may have been missed. */
export function whenConnected(look) { watched.push(look); }

/**
 * Listens to what happens on the site; `handlers` has a function for each event's name.
 * What was missed meanwhile is asked for anew: the browser, or this, says from where on.
 */
export function listen(handlers, onConnection = () => {}) {
  let last = null;
  let current;
  let isOffered = true;
  /** Whether the site has events at all, whatever the matter with them is. */
  const asksWhetherOffered = () => fetch('/api/events', { method: 'HEAD' }).then(({ status }) => status !== 404, () => true);
  function connect() {
    current?.close();
    const source = new EventSource(last === null ? '/api/events' : `/api/events?after=${last}`);
    current = source;
    source.addEventListener('open', () => {
      isLive = isOffered = true;
      onConnection('');
      for (const look of watched) look();
    });
    source.addEventListener('error', async () => {
      const wasLive = isLive;
      isLive = false;
      if (isOffered) onConnection(text('live.reconnecting'));
      if (wasLive) for (const look of watched) look();
      if (source.readyState !== EventSource.CLOSED) return;
      isOffered = await asksWhetherOffered();
      // Then looking again and again is all there is, and no news.
      if (!isOffered) onConnection('');
      if (source !== current) return;
      // Chance keeps a crowd from coming back all at once.
      const seconds = isOffered ? secondsToNextTry : secondsWithoutEvents;
      setTimeout(connect, 1000 * seconds * (0.5 + Math.random()));
    });
    // Everything may be different.
    source.addEventListener('reset', () => { for (const look of watched) look(); });
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => {
        last = event.lastEventId || last;
        eventCount += 1;
        handle(JSON.parse(event.data));
      });
    }
  }
  if (!('EventSource' in window)) return;
  connect();
  // A page that was left may be kept to come back to, and its stream with it: of the six connections
  // that a browser has for a site none would be left after some pages.
  window.addEventListener('pagehide', () => { current.close(); isLive = false; });
  window.addEventListener('pageshow', (event) => { if (event.persisted) connect(); });
}

/** The text for a picture: its caption, or what it is. */
function alternative(entry, categoryName) {
  return entry.caption?.trim() || text('wall.alternative', { category: categoryName });
}

// As the server has them; a browser takes the one that fits.
const widths = [320, 480, 800, 1600];
const attemptsForPicture = 4;

/** The addresses of a photo in all its widths; one that is elsewhere has only its own. */
function sources(url) {
  // Cloudinary makes them itself, of what its address says.
  const [before, after] = url.split('/image/upload/');
  if (after) return widths.map((width) => `${before}/image/upload/c_limit,f_auto,q_auto,w_${width}/${after} ${width}w`).join(', ');
  const name = url.startsWith('/uploads/') ? url.slice('/uploads/'.length) : null;
  return name === null ? '' : widths.map((width) => `/thumbs/${width}/${name} ${width}w`).join(', ');
}

/** A picture of an entry, in the width that fits; `sizes` says how wide it will be. */
export function picture(entry, alt, sizes, loading = 'lazy') {
  const srcset = sources(entry.imageUrl);
  const made = element('img', { alt, loading, decoding: 'async', ...(srcset ? { sizes } : {}) });
  let attempts = 1;
  // It may be one of many that are being made.
  made.addEventListener('error', () => {
    attempts += 1;
    if (attempts > attemptsForPicture || !srcset) return;
    setTimeout(() => { made.srcset = ''; made.srcset = srcset; }, 1000 * attempts * (0.5 + Math.random()));
  });
  if (srcset) made.srcset = srcset;
  else made.src = entry.imageUrl;
  return made;
}

/** The box in which an entry's picture stands, or words where there is none. */
export function frame(entry, categoryName, sizes = '(min-width: 36rem) 18rem, 50vw') {
  const content = entry.imageUrl
    ? picture(entry, alternative(entry, categoryName), sizes)
    : element('div', { class: 'words' }, text('wall.no-photo'));
  return element('div', { class: 'frame' }, content);
}

/** A time as people say it, as text. */
export function timeText(milliseconds) {
  return new Date(milliseconds).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
}

/** A time as people say it. */
export function timeOf(milliseconds) {
  return element('time', { datetime: new Date(milliseconds).toISOString() }, timeText(milliseconds));
}

// When a category takes entries.

/** Whether a category takes entries at a time: `open`, `upcoming` or `closed`. */
export function stateOf({ opensAt, closesAt, closed }, now = Date.now()) {
  if (closed || (closesAt && now >= closesAt)) return 'closed';
  return opensAt && now < opensAt ? 'upcoming' : 'open';
}
