// The end of an event: what stands against it, its archive, and events that were archived before.
import { askFirst, attempt, desk } from './desk.js';
import { timeText } from '../shared/clock.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

const kindOf = { pending_entries: 'pending', open_rounds: 'rounds', unpublished_winners: 'winners', open_vote: 'vote', sealed_vote: 'seal', withdrawn_entries: 'withdrawn' };
const millisecondsBetweenParts = 200;

const megabytes = (bytes) => (bytes / 1048576).toFixed(1);

function blockerLine({ kind, items, sentence }) {
  const key = kindOf[kind];
  return element('li', {}, key ? text(`ending.blocked-${key}`, { count: items.length, items: items.join(', ') }) : sentence);
}

function archiveLine(archive, load) {
  const { id, name, archivedAt, entries, photos, bytes } = archive;
  const words = text('ending.archive-line', { name, time: timeText(archivedAt), entries, photos, megabytes: megabytes(bytes) });
  const back = element('button', { type: 'button' }, text('ending.unarchive'));
  const texts = { title: text('ending.unarchive-title', { name }), words: text('ending.unarchive-text'), keep: text('ending.not'), go: text('ending.unarchive') };
  back.addEventListener('click', () => askFirst(texts, () => attempt(text('ending.unarchived', { name }), async () => {
    await request('/api/event/unarchive', { method: 'POST', body: { id } });
    await load();
  })));
  return element('li', {}, element('span', { dir: 'auto' }, words), back);
}

/** Shows how far the event's end is; `load` reads the whole desk anew. */
export async function showEnding(load) {
  const state = desk.event?.state;
  const plan = await request('/api/event/archive');
  const isLive = state === 'live';
  const isFinalized = state === 'finalized';
  // What was withdrawn keeps an event from being archived, not from its end.
  const blocked = plan.blocked.filter(({ kind }) => (kind === 'withdrawn_entries') === isFinalized);
  byId('ending-blocked').replaceChildren(...(isLive || isFinalized ? blocked.map(blockerLine) : []));
  byId('ending-reason').hidden = !isLive && !isFinalized;
  byId('finalize-event').hidden = !isLive;
  byId('finalize-event').disabled = blocked.length > 0;
  byId('archive-event').disabled = blocked.length > 0;
  for (const id of ['archive-event', 'reopen-event', 'ending-goes', 'ending-stays']) byId(id).hidden = !isFinalized;
  byId('ending-goes').textContent = text('ending.goes', { ...plan.goes, megabytes: megabytes(plan.goes.photoBytes) });
  byId('ending-stays').textContent = text('ending.stays', plan.stays);
  byId('ending-hint').textContent = text(`ending.hint-${state ?? 'none'}`);
  byId('archives').replaceChildren(...plan.archives.map((archive) => archiveLine(archive, load)));
}

/** Archives the event: the site takes photos over for a while, and is asked again until all are in it. */
async function archive(id) {
  for (;;) {
    const answer = await request('/api/event/archive', { method: 'POST', body: { confirm: id } });
    if (answer.code !== 'under_way') return;
    byId('ending-hint').textContent = text('ending.under-way', { done: answer.done, of: answer.of });
    await new Promise((resolve) => { setTimeout(resolve, millisecondsBetweenParts); });
  }
}

/** Wires the buttons; `load` reads everything anew. */
export function wireEnding(load) {
  const comment = () => byId('ending-comment').value.trim();
  const finish = async () => { byId('ending-comment').value = ''; await load(); };
  byId('finalize-event').addEventListener('click', () => {
    const texts = { title: text('ending.finalize-title'), words: text('ending.hint-live'), keep: text('ending.not'), go: text('ending.finalize') };
    askFirst(texts, () => attempt(text('ending.finalized'), async () => {
      await request('/api/event/finalize', { method: 'POST', body: { comment: comment() } });
      await finish();
    }));
  });
  byId('reopen-event').addEventListener('click', () => attempt(text('ending.reopened'), async () => {
    await request('/api/event/reopen', { method: 'POST', body: { reason: comment() } });
    await finish();
  }));
  byId('archive-event').addEventListener('click', () => {
    const { id, name } = desk.event;
    const texts = { title: text('ending.archive-title', { name }), words: byId('ending-goes').textContent, keep: text('ending.not'), go: text('ending.archive') };
    askFirst(texts, () => attempt(text('ending.archived', { name }), async () => {
      await archive(id);
      await finish();
    }));
  });
}
