// The audience's vote at the desk: its rules, turnout and cards, single ballots, the result, and the projector.
import { askFirst, attempt, desk, entryOf, titleOf } from '../desk/desk.js';
import { button, millisecondsOf, setTime } from '../desk/desk-fields.js';
import { cardCount, showBatches, wireCards } from './voting-cards.js';
import { hasUnusedKey, showSeal } from './voting-seal.js';
import { hourText, siteNow } from '../shared/clock.js';
import { byId, element } from '../shared/elements.js';
import { newID } from '../shared/id.js';
import { request } from '../shared/request.js';
import { votesText } from '../shared/votes.js';
import { text } from '../text/text.js';

const secondsBetweenLooks = 5;
/** What was read last. */
let seen = { voting: null, batches: [], turnout: 0, setAside: [], tallySeen: false, odd: [], result: null, seal: null };
/** What the fields held before anybody typed. */
let untouched = '';
const form = () => byId('voting-form').elements;

async function read() {
  const [voting, told] = await Promise.all([request('/api/voting'), request('/api/vote-batches')]);
  // Asking for the tally ends what may still be decided about ballots: only what somebody has seen is asked for.
  const isCounted = voting.state === 'closed' && told.tallySeen && !told.seal;
  const isByBrowser = voting.mode === 'device' && !told.tallySeen;
  const odd = isByBrowser ? (await request('/api/voting/odd')).groups : [];
  return { odd, voting: { ...voting, turnoutShown: told.turnoutShown }, ...told, result: voting.result ?? (isCounted ? await request('/api/voting/result') : null) };
}

/** Reads the vote and shows it; what is being typed stays with `keepsFields`. */
export async function loadVoting({ keepsFields = false } = {}) {
  seen = await read();
  showVote();
  if (keepsFields && JSON.stringify(typed()) !== untouched) return;
  showFields();
  untouched = JSON.stringify(typed());
}

const reload = () => loadVoting({ keepsFields: true });

function act(action, done, body = {}) {
  return attempt(done, async () => {
    await request(`/api/voting/${action}`, { method: 'POST', body });
    await reload();
  });
}

// MARK: The rules

function showFields() {
  const { mode, choices, opensAt, closesAt, categories, turnoutShown } = seen.voting;
  form().mode.value = mode;
  form().choices.value = choices;
  form().turnoutShown.checked = turnoutShown;
  setTime(form().opensAt, opensAt);
  setTime(form().closesAt, closesAt);
  byId('voting-only').open = categories !== null;
  byId('voting-categories').replaceChildren(...desk.categories.map(({ id, name }) => element('div', { class: 'field check' },
    element('label', { for: `voted-${id}`, dir: 'auto' }, name),
    element('input', { id: `voted-${id}`, type: 'checkbox', name: 'category', value: id, checked: categories?.includes(id) ?? false }))));
}

function typed() {
  const categories = Array.from(byId('voting-categories').querySelectorAll(':checked'), ({ value }) => value);
  return {
    mode: form().mode.value, choices: form().choices.valueAsNumber, turnoutShown: form().turnoutShown.checked,
    opensAt: millisecondsOf(form().opensAt), closesAt: millisecondsOf(form().closesAt),
    categories: categories.length > 0 ? categories : null,
  };
}

/** Only what was changed here: another desk may be changing the rest, and what has begun does not change. */
function changes() {
  const before = JSON.parse(untouched);
  return Object.fromEntries(Object.entries(typed()).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
}

// MARK: The state and the result

function placeRow({ place, votes, runOffVotes, entries }) {
  const names = entries.map((id) => element('bdi', {}, entryOf(id) ? titleOf(entryOf(id)) : id));
  const isTied = entries.length > 1;
  return element('li', { class: isTied ? 'tied' : '' }, element('strong', {}, text('winners.place', { n: place })), ` · ${votesText({ votes, runOffVotes })}: `,
    ...names.flatMap((name, index) => (index > 0 ? [', ', name] : [name])),
    ...(isTied ? [element('p', { class: 'hint' }, text('voting.tied', { count: entries.length }))] : []),
    element('div', { class: 'buttons' }, ...(isTied && seen.voting.state === 'closed' ? [button('voting.run-off', () => askRunOff(place), { values: { n: place } })] : []),
      button('voting.reveal', () => act('reveal', text('voting.did-reveal'), { place }), { values: { n: place } })));
}

const askRunOff = (place) => askFirst({
  title: text('voting.run-off-title'), words: text('voting.run-off-text'), keep: text('voting.count-not'), go: text('voting.run-off', { n: place }),
}, () => act('run-off', text('voting.did-run-off'), { place }));

/** The places that are put on the projector: nobody reads a hundred there. */
const placesShown = 10;

function showResult() {
  const { result, voting } = seen;
  const wanted = JSON.stringify([result, voting.state, voting.revealed]);
  if (byId('voting-result').dataset.shown === wanted) return;
  byId('voting-result').dataset.shown = wanted;
  if (!result) return byId('voting-result').replaceChildren();
  const facts = [text('vote.ballots', { count: result.ballots }), ...(result.setAside > 0 ? [text('vote.set-aside', { count: result.setAside })] : []),
    ...(result.unreadable ? [text('vote.unreadable', { count: result.unreadable })] : [])];
  return byId('voting-result').replaceChildren(element('p', { class: 'hint' }, facts.join(' ')),
    element('ol', {}, ...result.places.slice(0, placesShown).map(placeRow)),
    ...(voting.revealed ? [button('voting.reveal-none', () => act('reveal', text('voting.did-hide'), { place: null }))] : []));
}

function askFor(name, go, action) {
  return askFirst({ title: text(`voting.${name}-title`), words: text(`voting.${name}-text`), keep: text('voting.count-not'), go: text(go) }, action);
}

const count = () => askFor('count', 'voting.count', () => attempt('', async () => {
  await request('/api/voting/result');
  await reload();
}));

function actions() {
  const open = () => act('open', text('voting.did-open'));
  const reopen = () => act('reopen', text('voting.did-reopen'), { reason: byId('voting-reason').value.trim() });
  const publish = () => askFor('publish', 'voting.publish', () => act('publish', text('voting.did-publish')));
  return {
    setup: () => [button('voting.open', () => (hasUnusedKey() ? askFor('unsealed', 'voting.open', open) : open()), { class: 'primary' })],
    open: () => [button('voting.close', () => askFor('close', 'voting.close', () => act('close', text('voting.did-close'))), { class: 'primary' })],
    closed: () => [...(seen.seal ? [] : [seen.result ? button('voting.publish', publish, { class: 'primary' }) : button('voting.count', count, { class: 'primary' })]),
      button('voting.reopen', () => (hasUnusedKey() ? askFor('unsealed', 'voting.reopen', reopen) : reopen()))],
    published: () => [],
  }[seen.voting.state]();
}

function asideRow({ ballot, reason }) {
  return element('li', {}, element('p', {}, element('strong', {}, ballot), ' ', element('bdi', {}, reason)),
    button('voting.aside-undo', () => act('aside', text('voting.saved'), { ballot, reason: null }), { values: { ballot } }));
}

/** Sets a group of ballots aside; they are counted again one by one. */
async function setAllAside({ ballots, kind }) {
  await request('/api/voting/aside', { method: 'POST', body: { ballots, reason: text(`voting.odd-${kind}-why`) } });
  await reload();
}

function oddRow(group) {
  const { kind, at, ballots } = group;
  const aside = new Set(seen.setAside.map(({ ballot }) => ballot));
  const open = ballots.filter((ballot) => !aside.has(ballot));
  return element('li', {}, element('p', {}, text(`voting.odd-${kind}`, { count: ballots.length, time: hourText(at) })),
    button('voting.odd-aside', () => attempt(text('voting.aside-done'), () => setAllAside({ ballots: open, kind })), { values: { count: open.length }, disabled: open.length === 0 }));
}

function showVote() {
  const { voting, batches, turnout, setAside, odd } = seen;
  const { runOff, state, mode } = voting;
  byId('voting-state').textContent = [text(`voting.state-${state}`), ...(runOff ? [text('voting.is-run-off', { n: runOff.place })] : [])].join(' ');
  byId('voting-turnout').textContent = mode === 'device' ? text('vote.turnout', { count: turnout }) : text('voting.turnout', { count: turnout, of: cardCount(batches) });
  byId('voting-reopen').hidden = state !== 'closed';
  const wanted = JSON.stringify([state, Boolean(seen.result), seen.seal]);
  if (byId('voting-actions').dataset.shown !== wanted) {
    byId('voting-actions').dataset.shown = wanted;
    byId('voting-actions').replaceChildren(...actions());
  }
  showResult();
  showBatches(batches, reload);
  showSeal(seen, reload);
  // What nobody has changed stays, with the focus.
  const rows = JSON.stringify([setAside, odd]);
  if (byId('odd').dataset.shown === rows) return;
  byId('odd').dataset.shown = rows;
  byId('asides').replaceChildren(...setAside.map(asideRow));
  byId('odd').replaceChildren(...odd.map(oddRow));
}

// MARK: Single ballots

/** Keys in a ballot of paper: the card's own list tells which entries its numbers are. */
async function keyIn() {
  const code = byId('paper-code').value;
  const { entries } = await request('/api/vote/check', { method: 'POST', body: { code } });
  const choices = (byId('paper-numbers').value.match(/\d+/g) ?? []).map((number) => {
    const entry = entries.find((each) => each.number === Number(number));
    if (!entry) throw new Error(text('voting.no-number', { number }));
    return entry.id;
  });
  await request('/api/voting/paper', { method: 'POST', body: { code, choices, ballotId: newID('paper') } });
  for (const id of ['paper-code', 'paper-numbers']) byId(id).value = '';
  await reload();
}

let looking;

/** Looks soon, and once for many: a hall votes within minutes. */
function lookSoon() {
  looking ??= setTimeout(() => {
    looking = undefined;
    reload().catch(() => {});
  }, 1000);
}

/** What events of the desk ask for. */
export const votingEvents = { ballotKept: lookSoon, votingUpdated: lookSoon };

export function wireVoting() {
  wireCards(reload);
  const onSubmit = (id, action) => byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    action();
  });
  onSubmit('voting-form', () => attempt(text('voting.saved'), async () => {
    await request('/api/voting', { method: 'POST', body: changes() });
    await loadVoting();
  }));
  onSubmit('key-in', () => attempt(text('voting.keyed-in'), keyIn));
  onSubmit('set-aside', () => attempt(text('voting.aside-done'), async () => {
    await request('/api/voting/aside', { method: 'POST', body: { ballot: byId('aside-ballot').value.trim().toUpperCase(), reason: byId('aside-reason').value.trim() } });
    byId('aside-ballot').value = '';
    await reload();
  }));
  // No event tells that a vote has opened or closed by its time.
  setInterval(() => {
    const { state, opensAt, closesAt } = seen.voting ?? {};
    const next = { setup: opensAt, open: closesAt }[state];
    if (next && siteNow() >= next) lookSoon();
  }, 1000 * secondsBetweenLooks);
}
