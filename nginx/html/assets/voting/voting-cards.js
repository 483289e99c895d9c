// The cards of a batch: on the list, and on paper, ten a page.
import { askFirst, attempt, desk } from '../desk/desk.js';
import { button, field } from '../desk/desk-fields.js';
import { printOut } from '../desk/desk-print.js';
import { byId, element } from '../shared/elements.js';
import { qrPicture } from '../shared/qr.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

const cardsOfPage = 10;

function card(code) {
  const { origin, host } = location;
  const serial = code.slice(0, 4);
  return element('div', { class: 'vote-card' }, qrPicture(`${origin}/vote#${code}`, text('voting.card-code', { serial })),
    element('div', {}, element('h3', { dir: 'auto' }, desk.event?.name ?? text('voting.card-title')), element('p', { class: 'typed' }, code),
      element('p', {}, text('voting.card-hint', { address: `${host}/vote` }))));
}

const aMoment = () => new Promise((resolve) => { setTimeout(resolve); });

/** Prints the codes; the page answers while it draws them. */
async function print(codes) {
  const pages = [];
  for (let start = 0; start < codes.length; start += cardsOfPage) {
    pages.push(element('section', { class: 'vote-page' }, ...codes.slice(start, start + cardsOfPage).map(card)));
    await aMoment();
  }
  printOut(pages, 'cards');
}

async function printBatch(id) {
  const { codes } = await request(`/api/vote-batches/${encodeURIComponent(id)}`);
  await print(codes);
}

function voidForm(batch, reload) {
  const made = element('form', { class: 'line', novalidate: true }, field('voting.void-from', { name: 'from', maxlength: 4, value: batch.from }),
    field('voting.void-to', { name: 'to', maxlength: 4, value: batch.to }), element('button', { type: 'submit' }, text('voting.void-go')));
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    const [from, to] = [made.elements.from.value, made.elements.to.value];
    askFirst({ title: text('voting.void-title', { from, to }), words: text('voting.void-text'), keep: text('voting.count-not'), go: text('voting.void-go') }, () => attempt(text('voting.voided'), async () => {
      await request(`/api/vote-batches/${encodeURIComponent(batch.id)}/void`, { method: 'POST', body: { from, to } });
      await reload();
    }));
  });
  return element('details', {}, element('summary', {}, text('voting.void-go')), made);
}

function batchRow(batch, reload) {
  const words = [text('voting.batch', batch)];
  if (batch.void.length > 0) words.push(text('voting.void', { ranges: batch.void.map(({ from, to }) => (from === to ? from : `${from}–${to}`)).join(', ') }));
  return element('li', { 'data-batch': batch.id }, element('p', {}, words.join('; ')), element('div', { class: 'buttons' }, button('voting.print', () => attempt('', () => printBatch(batch.id)))), voidForm(batch, reload));
}

let shown = '';

/** Shows the batches; a form that somebody is filling in stays while they are the same. */
export function showBatches(batches, reload) {
  const wanted = JSON.stringify(batches);
  if (wanted === shown) return;
  shown = wanted;
  byId('batches').replaceChildren(...batches.map((batch) => batchRow(batch, reload)));
}

/** How many cards may vote. */
export function cardCount(batches) {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const serial = (characters) => [...characters].reduce((sum, digit) => 32 * sum + digits.indexOf(digit), 0);
  return batches.reduce((sum, { count, void: ranges }) => {
    const taken = new Set();
    for (const { from, to } of ranges) for (let each = serial(from); each <= serial(to); each += 1) taken.add(each);
    return sum + count - taken.size;
  }, 0);
}

export function wireCards(reload) {
  byId('make-cards').addEventListener('submit', (event) => {
    event.preventDefault();
    const count = byId('card-count').valueAsNumber;
    attempt(text('voting.made', { count }), async () => {
      await request('/api/vote-batches', { method: 'POST', body: { count } });
      await reload();
    });
  });
}
