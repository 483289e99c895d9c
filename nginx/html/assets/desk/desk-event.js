// The event: its name, dates, time zone, colour and logo, and its rehearsal.
import { allEntries, askFirst, attempt, desk } from './desk.js';
import { showBar } from './desk-bar.js';
import { millisecondsOf, setTime } from './desk-fields.js';
import { knownZone } from '../shared/clock.js';
import { byId } from '../shared/elements.js';
import { lookAtEvent } from '../shared/event.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

/** The event as read, and the entity tag that a save refers to. */
let seen = { event: null, tag: null };
/** What the fields held before anybody typed. */
let untouched = '';
const usualAccent = '#ff2d3d';
const form = () => byId('event').elements;

function showState({ event }) {
  const isRehearsal = event?.state === 'rehearsal';
  byId('event-state').textContent = text(event ? `event.state-${event.state}` : 'event.none');
  byId('event-start').hidden = !isRehearsal;
  byId('event-start-text').hidden = !isRehearsal;
  byId('logo').hidden = !event;
  byId('logo-remove').hidden = !event?.logo;
  form().rehearse.disabled = allEntries().length > 0;
  desk.event = event;
  showBar();
}

function showFields({ event }) {
  for (const name of ['name', 'tagline', 'timeZone']) form()[name].value = event?.[name] ?? '';
  if (!event) form().timeZone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
  for (const name of ['startsAt', 'endsAt']) setTime(form()[name], event?.[name]);
  form().hasAccent.checked = Boolean(event?.accent);
  form().rehearse.checked = event?.state === 'rehearsal';
  form().accent.value = event?.accent ?? usualAccent;
}

/**
 * Reads the event and shows it. With `keepsFields`, what is being typed stays, and refers to the event as
 * it was when somebody began to type: a save tells of what has changed since.
 */
export async function showEventForm({ keepsFields = false } = {}) {
  const found = await lookAtEvent();
  showState(found);
  if (keepsFields && JSON.stringify(typed()) !== untouched) return;
  seen = found;
  showFields(seen);
  untouched = JSON.stringify(typed());
}

/** What the fields hold. */
function typed() {
  const fields = form();
  // Times are those of the zone that is typed beside them.
  const zone = knownZone(fields.timeZone.value.trim());
  return {
    name: fields.name.value.trim(), tagline: fields.tagline.value.trim() || null,
    timeZone: fields.timeZone.value.trim() || null,
    startsAt: millisecondsOf(fields.startsAt, zone), endsAt: millisecondsOf(fields.endsAt, zone),
    accent: fields.hasAccent.checked ? fields.accent.value : null,
    state: fields.rehearse.checked ? 'rehearsal' : 'live',
  };
}

/** Only what was changed here: another desk may be changing the rest. */
function changes() {
  const { state, ...values } = typed();
  const changed = Object.entries(values).filter(([name, value]) => value !== (seen.event?.[name] ?? null));
  if (!form().rehearse.disabled && state !== (seen.event?.state ?? 'live')) changed.push(['state', state]);
  return Object.fromEntries(changed);
}

/** What was typed stays, on top of what somebody else has saved; fields that nobody touched here follow. */
async function mergeChanges() {
  const [before, now] = [JSON.parse(untouched), typed()];
  const touched = [...form()].filter(({ name }) => name)
    .filter(({ name }) => JSON.stringify(now[fieldOf(name)]) !== JSON.stringify(before[fieldOf(name)]))
    .map((field) => ({ field, value: field.value, checked: field.checked }));
  seen = await lookAtEvent();
  showFields(seen);
  untouched = JSON.stringify(typed());
  showState(seen);
  for (const { field, value, checked } of touched) Object.assign(field, field.type === 'checkbox' ? { checked } : { value });
}

/** The member that a control is for. */
const fieldOf = (name) => ({ hasAccent: 'accent', rehearse: 'state' }[name] ?? name);

async function save() {
  try {
    await request('/api/event', { method: 'POST', body: changes(), fields: { 'If-Match': seen.tag } });
  } catch (error) {
    if (error.status !== 412) throw error;
    await mergeChanges();
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
    const texts = { title: text('event.start-title'), words: text('event.start-text'), keep: text('event.start-not'), go: text('event.start') };
    let snapshot = '';
    askFirst(texts, () => attempt(() => text('event.started', { snapshot }), async () => {
      snapshot = await start();
      await load();
    }));
  });
  byId('logo-save').addEventListener('click', () => attempt(text('event.saved'), sendLogo));
  byId('logo-remove').addEventListener('click', () => attempt(text('event.saved'), async () => {
    await request('/api/event/logo', { method: 'DELETE' });
    await showEventForm({ keepsFields: true });
  }));
}
