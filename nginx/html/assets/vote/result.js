// The published result, and every ballot that counts by its voter's tracker.
import { hourText } from '../shared/clock.js';
import { byId, element, say } from '../shared/elements.js';
import { labelElement, labelsOf } from '../shared/label.js';
import { frame } from '../shared/pictures.js';
import { request } from '../shared/request.js';
import { votesText } from '../shared/votes.js';
import { text } from '../text/text.js';

/** The entries that everybody sees, by identifier: a result has identifiers only. */
let known = null;
let isAsking = false;
let own = null;
let vote = null;

function placeItem({ place, votes, runOffVotes, entries }) {
  const figures = entries.map((id) => known.get(id)).filter(Boolean).map((entry) => element('li', {}, frame(entry, ''),
    ...(entry.number ? [labelElement(entry)] : []), ' ', element('bdi', {}, entry.caption?.trim() ?? '')));
  return element('li', {}, element('span', { class: 'place' }, text('winners.place', { n: place })), ` · ${votesText({ votes, runOffVotes })}`, element('ul', {}, ...figures));
}

async function readEntries() {
  if (isAsking) return;
  isAsking = true;
  const found = await request('/api/feed').catch(() => null);
  isAsking = false;
  if (!found) return;
  known = new Map(Object.values(found.feed).flat().map((entry) => [entry.id, entry]));
  showResult(vote, own);
}

/** Shows the result of a vote that is published, or with `null` nothing. */
export function showResult(voting, tracker) {
  [vote, own] = [voting, tracker];
  const result = voting?.result;
  byId('result').hidden = !result;
  if (!result) return;
  if (!known) {
    readEntries();
    return;
  }
  const shown = JSON.stringify(result);
  if (byId('places').dataset.shown === shown) return;
  byId('places').dataset.shown = shown;
  const facts = [text('vote.ballots', { count: result.ballots })];
  if (result.setAside > 0) facts.push(text('vote.set-aside', { count: result.setAside }));
  if (result.unreadable) facts.push(text('vote.unreadable', { count: result.unreadable }));
  for (const { at, reason } of result.reopened ?? []) facts.push(text('vote.reopened', { time: hourText(at), reason }));
  byId('result-facts').textContent = facts.join(' ');
  byId('places').replaceChildren(...result.places.map(placeItem));
}

const trackerItem = ({ tracker, choices }) => element('li', { class: tracker === own ? 'own' : '' }, `${tracker}: ${labelsOf(choices, known ?? new Map())}`);

byId('all').addEventListener('toggle', async () => {
  if (!byId('all').open || byId('trackers').childElementCount > 0) return;
  try {
    const { ballots, before } = await request('/api/voting/trackers');
    const parts = [element('ol', {}, ...(before ?? ballots).map(trackerItem))];
    if (before) parts.push(element('h3', {}, text('voting.is-run-off', { n: vote.runOff.place })), element('ol', {}, ...ballots.map(trackerItem)));
    byId('trackers').replaceChildren(...parts);
  } catch (error) {
    say(byId('problem'), error.message);
  }
});
