// What the pages share: elements, requests, times.
import { errorText, language, text } from '../text/text.js';

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

/** How far the clock of this device is behind the site's, in milliseconds. */
let clockLag = 0;

/** What time it is at the site: a phone's clock decides nothing. */
export const siteNow = () => Date.now() + clockLag;

function setClock(response) {
  const time = Date.parse(response.headers.get('Date') ?? '');
  // The field has whole seconds, and a cache may have kept it; what is near enough stays.
  if (!response.headers.has('Age') && Math.abs(time + 500 - siteNow()) > 1500) clockLag = time + 500 - Date.now();
}

/**
 * Sends a request and gives the JSON of the answer; `undefined` when it is what we have already.
 *
 * An answer that is not the site's JSON is none: somewhere a page wants to be logged in to, or a proxy
 * has an error of its own. Of a write only `success` is a success.
 */
export async function request(path, { method = 'GET', body, knownTag, fields = {} } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      cache: knownTag ? 'no-store' : 'default',
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(knownTag?.value ? { 'If-None-Match': knownTag.value } : {}),
        ...fields,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new RequestError(text('request.no-connection'), 0);
  }
  setClock(response);
  if (response.status === 304) return undefined;
  const isJSON = /^application\/json\b/.test(response.headers.get('Content-Type') ?? '');
  const answer = isJSON ? await response.json().catch(() => null) : null;
  if (answer === null || (response.ok && method !== 'GET' && answer.success !== true)) {
    throw new RequestError(text('request.not-ours'), response.ok ? 0 : response.status);
  }
  if (!response.ok) {
    throw new RequestError(
      errorText(answer.code, answer.error) ?? text('request.failed', { status: response.status }), response.status,
      Number(response.headers.get('Retry-After')) || undefined);
  }
  if (knownTag) knownTag.value = response.headers.get('ETag');
  return answer;
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
export function stateOf({ opensAt, closesAt, closed }, now = siteNow()) {
  if (closed || (closesAt && now >= closesAt)) return 'closed';
  return opensAt && now < opensAt ? 'upcoming' : 'open';
}
