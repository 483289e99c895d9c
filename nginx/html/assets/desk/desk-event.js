// The event: its name, dates, time zone, colour and logo, and its rehearsal.
import { attempt, desk } from './desk.js';
import { millisecondsOf, setTime } from './desk-fields.js';
import { setZone } from '../shared/clock.js';
import { byId } from '../shared/elements.js';
import { lookAtEvent } from '../shared/event.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

/** The event as read, and the entity tag that a save refers to. */
let seen = { event: null, tag: null };
const usualAccent = '#ff2d3d';
const form = () => byId('event').elements;

function showState({ event }) {
  const hasEntries = Object.values(desk.submissions).flat().length > 0;
  const isRehearsal = event?.state === 'rehearsal';
  byId('event-state').textContent = text(event ? `event.state-${event.state}` : 'event.none');
  byId('event-start').hidden = !isRehearsal;
  byId('event-start-text').hidden = !isRehearsal;
  byId('logo').hidden = !event;
  byId('logo-remove').hidden = !event?.logo;
  form().rehearse.disabled = hasEntries;
  form().rehearse.checked = isRehearsal;
}

function showFields({ event }) {
  for (const name of ['name', 'tagline', 'timeZone']) form()[name].value = event?.[name] ?? '';
  if (!event) form().timeZone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
  for (const name of ['startsAt', 'endsAt']) setTime(form()[name], event?.[name]);
  form().hasAccent.checked = Boolean(event?.accent);
  form().accent.value = event?.accent ?? usualAccent;
}

/** Reads the event and shows it; with `keepsFields`, what is being typed stays. */
export async function showEventForm({ keepsFields = false } = {}) {
  seen = await lookAtEvent();
  if (!keepsFields) showFields(seen);
  showState(seen);
}

/** Only what was changed here: another desk may be changing the rest. */
function changes() {
  const fields = form();
  // The times that were typed are those of the zone that was typed.
  setZone(fields.timeZone.value.trim());
  const typed = {
    name: fields.name.value.trim(), tagline: fields.tagline.value.trim() || null,
    timeZone: fields.timeZone.value.trim() || null,
    startsAt: millisecondsOf(fields.startsAt), endsAt: millisecondsOf(fields.endsAt),
    accent: fields.hasAccent.checked ? fields.accent.value : null,
  };
  const changed = Object.entries(typed).filter(([name, value]) => value !== (seen.event?.[name] ?? null));
  const state = fields.rehearse.checked ? 'rehearsal' : 'live';
  if (!fields.rehearse.disabled && state !== (seen.event?.state ?? 'live')) changed.push(['state', state]);
  return Object.fromEntries(changed);
}

async function save() {
  try {
    await request('/api/event', { method: 'POST', body: changes(), fields: { 'If-Match': seen.tag } });
  } catch (error) {
    if (error.status !== 412) throw error;
    // What was typed stays, to be saved on top of what somebody else has saved.
    seen = await lookAtEvent();
    showState(seen);
    throw new Error(text('event.changed', { name: seen.event?.name ?? '', tagline: seen.event?.tagline ?? '' }));
  }
  await showEventForm();
}

async function start() {
  const { snapshot } = await request('/api/event/start', { method: 'POST', body: {} });
  await showEventForm();
  return snapshot;
}

async function sendLogo() {
  const [file] = byId('logo-file').files;
  if (!file) throw new Error(text('event.logo-none'));
  const body = new FormData();
  body.append('photo', file);
  await request('/api/event/logo', { method: 'POST', form: body });
  byId('logo-file').value = '';
  await showEventForm({ keepsFields: true });
}

/** Wires the form; `load` reads everything anew. */
export function wireEvent(load) {
  byId('event').addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(text('event.saved'), save);
  });
  byId('event-start').addEventListener('click', () => {
    let snapshot = '';
    attempt(() => text('event.started', { snapshot }), async () => {
      snapshot = await start();
      await load();
    });
  });
  byId('logo-save').addEventListener('click', () => attempt(text('event.saved'), sendLogo));
  byId('logo-remove').addEventListener('click', () => attempt(text('event.saved'), async () => {
    await request('/api/event/logo', { method: 'DELETE' });
    await showEventForm({ keepsFields: true });
  }));
}
