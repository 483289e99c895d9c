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

/** The event's time zone; `undefined` for the device's own. */
let timeZone;

/** A time zone if this browser knows it; else times are those of the device. */
export function knownZone(name) {
  if (!name) return undefined;
  try {
    new Intl.DateTimeFormat(language, { timeZone: name });
    return name;
  } catch {
    return undefined;
  }
}

/** Takes the event's time zone. */
export function setZone(name) { timeZone = knownZone(name); }

/** The time zone that times are shown in; `undefined` for the device's own. */
export const shownZone = () => timeZone;

/** The time of day, in the event's time zone. */
export function hourText(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString(language, { timeStyle: 'short', timeZone });
}

/** A time in the page's language, as text. */
export function timeText(milliseconds) {
  return new Date(milliseconds).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short', timeZone });
}

/** The days from one time to another in the page's language, such as `26 – 28 Oct 2026`. */
export function daysText(from, to) {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone }).formatRange(from, to);
}

// Times as an input takes them: in the event's time zone, to the second.

/** How far the zone is ahead of UTC at a time, in milliseconds. */
function offsetAt(milliseconds, zone) {
  const parts = new Intl.DateTimeFormat('en-u-ca-iso8601-hc-h23', {
    timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(milliseconds);
  const part = (type) => Number(parts.find((found) => found.type === type).value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(milliseconds / 1000) * 1000;
}

/** A time as an input takes it. */
export function localTime(milliseconds) {
  if (!milliseconds) return '';
  return new Date(milliseconds + offsetAt(milliseconds, timeZone)).toISOString().slice(0, 19);
}

/** The time that a text of an input means; in the hour that a clock change repeats, the first. */
export function timeOfLocal(local, zone = timeZone) {
  const asUTC = Date.parse(`${local}Z`);
  const day = 24 * 60 * 60 * 1000;
  const offsets = [offsetAt(asUTC - day, zone), offsetAt(asUTC + day, zone)];
  const times = offsets.map((offset) => asUTC - offset).sort((one, other) => one - other);
  // In the hour that a clock change leaves out, none is right, and the later one comes out an hour on.
  return times.find((time) => offsetAt(time, zone) === asUTC - time) ?? times[1];
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
