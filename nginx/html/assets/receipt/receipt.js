// A receipt: asks whether the entry of a submission exists, again and again until that is settled.
import { timeText } from '../shared/clock.js';
import { byId, element } from '../shared/elements.js';
import { site } from '../shared/event.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

const secondsBetweenLooks = 5;
const submission = new URLSearchParams(location.search).get('id') ?? '';
let timer;

function answer(key, isGood) {
  byId('answer').textContent = text(key);
  byId('answer').className = isGood ? 'success' : 'problem';
}

async function showFacts({ submissionId, category, createdAt, number }) {
  const categories = await request('/categories.json').catch(() => []);
  const name = categories.find(({ id }) => id === category)?.name ?? category;
  const facts = [['receipt.number', submissionId], ['receipt.category', name], ['receipt.time', timeText(createdAt)]];
  const ofNumber = number ? [element('dt', {}, text('receipt.contestant')), element('dd', { class: 'number' }, String(number))] : [];
  byId('facts').replaceChildren(...ofNumber, ...facts.flatMap(([key, value]) =>
    [element('dt', {}, text(key)), element('dd', { dir: 'auto' }, value)]));
}

/** Shows the photo while the entry is pending: then it is nowhere public. */
function showPhoto({ submissionId, status }) {
  const box = byId('photo');
  if (status !== 'pending' || box.childElementCount > 0) {
    if (status !== 'pending') box.replaceChildren();
    return;
  }
  const photo = element('img', { alt: text('receipt.photo') });
  photo.addEventListener('error', () => box.replaceChildren());
  photo.src = `/api/submissions/${encodeURIComponent(submissionId)}/photo`;
  box.replaceChildren(photo);
}

async function look() {
  clearTimeout(timer);
  if (!submission) { answer('receipt.none', false); return; }
  try {
    const receipt = await request(`/api/submissions/${encodeURIComponent(submission)}`);
    const state = { pending: 'receipt.pending', rejected: 'receipt.rejected' }[receipt.status] ?? 'receipt.kept';
    answer(state, receipt.status !== 'rejected');
    await showFacts(receipt);
    showPhoto(receipt);
    if (receipt.status === 'pending') timer = setTimeout(look, 1000 * secondsBetweenLooks);
  } catch (error) {
    if (error.status === 404) answer('receipt.missing', false);
    else { byId('answer').textContent = error.message; byId('answer').className = 'problem'; }
    timer = setTimeout(look, 1000 * secondsBetweenLooks);
  }
}

byId('again').addEventListener('click', look);
// Times are the event's.
site.then(look);
