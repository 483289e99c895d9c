// The event as the pages show it: name, tagline, dates, colour and logo, and a watermark while it is rehearsed.
import { daysText, setZone } from './clock.js';
import { byId, element } from './elements.js';
import { whenMissed } from './live.js';
import { request } from './request.js';
import { text } from '../text/text.js';

/** The site's limits, rules and event; without them, the answer to the upload will tell. */
export const site = request('/api/site').catch(() => ({}));

/** Whether the event is over, as far as the page knows. */
export const isOver = () => document.body.dataset.event === 'finalized';

/** What the page is without an event. */
const brand = document.querySelector('.brand');
const usual = {
  title: document.title,
  brand: brand ? [...brand.childNodes].map((node) => node.cloneNode(true)) : [],
  lead: byId('lead')?.textContent,
};

function faceOf({ name, logo }) {
  const picture = logo ? [element('img', { class: 'logo', src: logo, alt: '', height: 32 })] : [];
  return [...picture, element('bdi', {}, name)];
}

function datesOf({ startsAt, endsAt }) {
  const from = startsAt ?? endsAt;
  return from ? daysText(from, endsAt ?? from) : '';
}

/** Shows the event, or that there is none; `eventshown` at the document tells parts of a page. */
export function showEvent(event) {
  const style = document.documentElement.style;
  for (const [property, colour] of [['--accent', event?.accent], ['--accent-button', event?.accentForButtons]]) {
    if (colour) style.setProperty(property, colour);
    else style.removeProperty(property);
  }
  setZone(event?.timeZone);
  document.title = event ? usual.title.replace(text('page.home'), () => event.name) : usual.title;
  brand?.replaceChildren(...(event ? faceOf(event) : usual.brand.map((node) => node.cloneNode(true))));
  if (byId('event-line')) byId('event-line').textContent = event ? [event.name, datesOf(event)].filter(Boolean).join(' · ') : '';
  if (byId('lead')) byId('lead').textContent = event?.tagline || usual.lead;
  const isRehearsal = event?.state === 'rehearsal';
  if (isRehearsal) document.body.dataset.rehearsal = text('event.watermark');
  else delete document.body.dataset.rehearsal;
  byId('rehearsal')?.remove();
  document.body.dataset.event = event?.state ?? '';
  document.dispatchEvent(new Event('eventshown'));
  if (isRehearsal) document.body.append(element('aside', { id: 'rehearsal', 'aria-label': text('event.watermark') }, text('event.rehearsal')));
}

/** Reads the event again, past any cache. */
export async function lookAtEvent() {
  const tag = { value: null };
  const { event } = await request('/api/site', { knownTag: tag });
  showEvent(event);
  return { event, tag: tag.value };
}

const maxSecondsToNextTry = 30;
let trying;

/** Reads the event, again if that fails: a watermark that stays would say that nothing counts. */
function lookUntilSeen(attempt = 0) {
  clearTimeout(trying);
  lookAtEvent().catch(() => {
    trying = setTimeout(() => lookUntilSeen(attempt + 1), 1000 * Math.min(maxSecondsToNextTry, 2 ** attempt));
  });
}

// Also after a reset: the event may have begun.
whenMissed(() => lookUntilSeen());
site.then(({ event }) => { if (event) showEvent(event); });
