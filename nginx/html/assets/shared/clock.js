// The site's time, times in words, and when a category takes entries.
import { element } from './elements.js';
import { language } from '../text/text.js';

/** How far the clock of this device is behind the site's, in milliseconds. */
let clockLag = 0;

/** The time at the site: a phone's clock decides nothing. */
export const siteNow = () => Date.now() + clockLag;

/** Takes the site's time from the `Date` of a response. */
export function setClock(response) {
  const time = Date.parse(response.headers.get('Date') ?? '');
  // The field has whole seconds, and a cached response is old; small differences are ignored.
  if (!response.headers.has('Age') && Math.abs(time + 500 - siteNow()) > 1500) clockLag = time + 500 - Date.now();
}

/** A time in the page's language, as text. */
export function timeText(milliseconds) {
  return new Date(milliseconds).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
}

/** A time in the page's language, as an element. */
export function timeOf(milliseconds) {
  return element('time', { datetime: new Date(milliseconds).toISOString() }, timeText(milliseconds));
}

// When a category takes entries.

/** Whether a category takes entries at a time: `open`, `upcoming` or `closed`. */
export function stateOf({ opensAt, closesAt, closed }, now = siteNow()) {
  if (closed || (closesAt && now >= closesAt)) return 'closed';
  return opensAt && now < opensAt ? 'upcoming' : 'open';
}
