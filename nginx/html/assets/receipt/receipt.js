// A receipt: asks whether the entry of a submission exists, again and again until that is settled.
import { timeText } from '../shared/clock.js';
import { byId, element } from '../shared/elements.js';
import { site } from '../shared/event.js';
import { frame } from '../shared/pictures.js';
import { qrPicture } from '../shared/qr.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';
import { showWithdrawal, wireWithdrawal } from './withdrawal.js';

const secondsBetweenLooks = 5;
const submission = new URLSearchParams(location.search).get('id') ?? '';
let timer;

function answer(key, isGood) {
  byId('answer').textContent = text(key);
  byId('answer').className = isGood ? 'success' : 'problem';
}

async function showFacts({ submissionId, category, createdAt, number, code, place }) {
  const categories = await request('/categories.json').catch(() => []);
  const name = categories.find(({ id }) => id === category)?.name ?? category;
  const facts = [
    ...(place ? [['receipt.place', text('winners.place', { n: place })]] : []), ...(code ? [['receipt.code', code]] : []),
    ['receipt.category', name], ['receipt.time', timeText(createdAt)], ['receipt.number', submissionId],
  ];
  const ofNumber = number ? [element('dt', {}, text('receipt.contestant')), element('dd', { class: 'number' }, String(number))] : [];
  byId('facts').replaceChildren(...ofNumber, ...facts.flatMap(([key, value]) =>
    [element('dt', {}, text(key)), element('dd', { dir: 'auto' }, value)]));
}

/** Shows the photo; while the entry is pending, it is nowhere public. */
function showPhoto({ submissionId, status, imageUrl }) {
  const box = byId('photo');
  if (status !== 'pending') {
    // Its room is there before the photo: nothing moves when it comes.
    box.replaceChildren(...(imageUrl ? [frame({ imageUrl, caption: text('receipt.photo') }, '', '24rem')] : []));
    return;
  }
  if (box.childElementCount > 0) return;
  const photo = element('img', { alt: text('receipt.photo') });
  photo.addEventListener('error', () => box.replaceChildren());
  photo.src = `/api/submissions/${encodeURIComponent(submissionId)}/photo`;
  box.replaceChildren(photo);
}

/** The medians of the judges' marks, where the organizers want them to be known. */
function showFeedback({ feedback = [] }) {
  byId('feedback').hidden = feedback.length === 0;
  byId('medians').replaceChildren(...feedback.flatMap(({ round, judges, criteria }) => [
    element('h3', {}, element('bdi', {}, round)), element('p', { class: 'hint' }, text('receipt.judges', { count: judges })),
    element('dl', { class: 'facts' }, ...criteria.flatMap(({ name, median, max }) =>
      [element('dt', {}, element('bdi', {}, name)), element('dd', {}, text('receipt.median', { median, max }))])),
  ]));
}

/** The way back to this page: a code to scan. */
function showCode() {
  byId('keep').hidden = byId('print').hidden = false;
  const code = qrPicture(location.href, text('receipt.qr'));
  if (code) byId('code').replaceChildren(code);
}

async function look() {
  clearTimeout(timer);
  if (!submission) { answer('receipt.none', false); return; }
  try {
    const receipt = await request(`/api/submissions/${encodeURIComponent(submission)}`);
    const decided = { pending: 'receipt.pending', rejected: 'receipt.rejected' }[receipt.status] ?? 'receipt.kept';
    answer(receipt.withdrawnAt ? 'receipt.withdrawn' : decided, receipt.status !== 'rejected' && !receipt.withdrawnAt);
    await showFacts(receipt);
    showPhoto(receipt);
    showFeedback(receipt);
    showCode();
    showWithdrawal(receipt);
    if (receipt.status === 'pending') timer = setTimeout(look, 1000 * secondsBetweenLooks);
  } catch (error) {
    for (const id of ['facts', 'photo', 'medians']) if (error.status === 410) byId(id).replaceChildren();
    for (const id of ['back', 'keep', 'feedback']) if (error.status === 410) byId(id).hidden = true;
    if (error.status === 410) { answer('receipt.erased', false); return; }
    if (error.status === 404) answer('receipt.missing', false);
    else { byId('answer').textContent = error.message; byId('answer').className = 'problem'; }
    timer = setTimeout(look, 1000 * secondsBetweenLooks);
  }
}

byId('again').addEventListener('click', look);
wireWithdrawal(look);
byId('print').addEventListener('click', () => window.print());
// Times are the event's.
site.then(look);
