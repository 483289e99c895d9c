// The entry form: a photo is read when it is chosen, a draft survives a reload, and every attempt has the
// same key, so that an entry sent again over a bad connection stays one entry.
import { forget, keep, keepNow, kept, newKey } from './draft.js';
import { byId, element, say } from '../shared/elements.js';
import { site } from '../shared/event.js';
import { request } from '../shared/request.js';
import { PhotoProblem, prepare } from './photo-file.js';
import { sendUntilAnswered } from './sending.js';
import { errorText, text } from '../text/text.js';

const fieldNames = ['category', 'caption', 'name', 'phone', 'artist', 'studio'];

let key = newKey();
/** The photo to be sent; `null` when there is none. */
let photo = null;
/** What is wrong with the chosen photo: nothing is sent without it unless the entrant says so. */
let photoProblem = null;
/** Whether the entry has been sent, or is about to be. */
let isSent = false;
/** Settles when the chosen photo has been read. */
let reading = Promise.resolve();
/** How many photos were chosen: only the last one counts, however long the others take. */
let choices = 0;
let isSubmitting = false;

function showPreview() {
  const preview = byId('preview');
  if (preview.src) URL.revokeObjectURL(preview.src);
  preview.hidden = !photo;
  byId('photo-text').hidden = Boolean(photo);
  if (photo) {
    preview.src = URL.createObjectURL(photo.blob);
    preview.alt = text('form.preview', { name: photo.name });
  } else {
    preview.removeAttribute('src');
    preview.alt = '';
  }
}

function showPhotoProblem() {
  byId('without-photo').hidden = !photoProblem;
  if (photoProblem) say(byId('problem'), text(photoProblem.key, photoProblem.values));
}

function fieldsOf(form) {
  return Object.fromEntries(fieldNames.map((name) => [name, form.elements[name].value]));
}

async function keepDraft(form) {
  await keep({ key, fields: fieldsOf(form), photo, isSent });
}

/** Reads the chosen photo at once: later the file may have changed, or be gone. */
function take(form, file) {
  choices += 1;
  const mine = choices;
  reading = read(file).then((found) => {
    if (mine !== choices) return undefined;
    ({ photo, photoProblem } = found);
    if (!photoProblem) say(byId('problem'), '');
    showPreview();
    showPhotoProblem();
    return keepDraft(form);
  });
}

/** The photo in a file, or what is wrong with it. */
async function read(file) {
  if (!file) return { photo: null, photoProblem: null };
  try {
    return { photo: await prepare(file, await site), photoProblem: null };
  } catch (error) {
    return { photo: null, photoProblem: error instanceof PhotoProblem ? error : new PhotoProblem('form.photo-changed') };
  }
}

function dropPhoto(form) {
  choices += 1;
  [photo, photoProblem] = [null, null];
  form.elements.photo.value = '';
  byId('camera').value = '';
  showPreview();
  showPhotoProblem();
}

function problemOf({ outcome, status, answer }) {
  if (outcome === 'unknown') return text('form.gave-up');
  return errorText(answer.code, answer.error) ?? text('form.failed', { status });
}

function showSuccess(submissionId, isPending) {
  const box = byId('success');
  const address = `/receipt.html?id=${encodeURIComponent(submissionId)}`;
  box.replaceChildren(
    `${text(isPending ? 'form.entered-pending' : 'form.entered')} ${text('form.receipt')}: `,
    element('a', { href: address }, submissionId));
  box.hidden = false;
}

/** Shows what the organizers want entrants to read first. */
async function showTerms() {
  const { consent, rules } = await site;
  say(byId('consent'), consent);
  byId('rules').hidden = !rules;
  byId('rules-text').textContent = rules ?? '';
}

/** The entry as it is sent; `fields` takes precedence, as the list of categories may not have arrived yet. */
function dataOf(form, fields) {
  const data = new FormData(form);
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  data.delete('photo');
  if (photo) {
    data.set('photo', photo.blob, photo.name);
    if (photo.colour) data.set('photoColor', photo.colour);
  }
  return data;
}

/**
 * Whether an answer is about another entry with this key: from a duplicated tab, or from an attempt
 * before something was changed. The site leaves out name and phone unless the same ones were sent.
 */
function isOfAnother({ replayed, entry }, fields) {
  if (replayed !== true) return false;
  const plain = (value) => (value ?? '').replace(/\r\n?/g, '\n');
  return fieldNames.some((name) => entry?.[name] === undefined || plain(entry[name]) !== plain(fields[name]))
    || Boolean(entry.imageUrl) !== Boolean(photo);
}

async function finish(form, onEntered, submissionId, isPending) {
  say(byId('problem'), '');
  [key, isSent] = [newKey(), false];
  const category = form.elements.category.value;
  form.reset();
  form.elements.category.value = category;
  dropPhoto(form);
  await forget();
  showSuccess(submissionId, isPending);
  onEntered();
}

/** Sends the form, and says how it goes. */
async function submit(form, onEntered, fields = fieldsOf(form)) {
  const progress = byId('progress');
  const data = dataOf(form, fields);
  isSent = true;
  await keepDraft(form);
  // The form is locked while it is sent: the key stands for exactly this content.
  const locked = Array.from(form.elements).filter((control) => !control.disabled);
  for (const control of locked) control.disabled = true;
  progress.value = 0;
  progress.hidden = false;
  const onProgress = (percent) => { progress.value = percent; };
  const onWaiting = (words) => say(byId('problem'), words);
  let result = await sendUntilAnswered(data, key, onProgress, onWaiting);
  if (result.outcome === 'entered' && isOfAnother(result.answer, fields)) {
    key = newKey();
    await keepDraft(form);
    result = await sendUntilAnswered(data, key, onProgress, onWaiting);
  }
  progress.hidden = true;
  for (const control of locked) control.disabled = false;
  if (result.outcome === 'entered') {
    await finish(form, onEntered, result.answer.submissionId, result.answer.entry?.status === 'pending');
    return;
  }
  say(byId('problem'), problemOf(result));
  // A refused entry was not kept; if the outcome is unknown, the next attempt with the same key tells.
  isSent = result.outcome === 'unknown';
  await keepDraft(form);
}

/** Resumes the draft that this tab had when it was left; first asks whether the entry was kept. */
async function goOn(form, onEntered) {
  const draft = await kept();
  // Somebody has started to type already.
  if (!draft || fieldNames.slice(1).some((name) => form.elements[name].value !== '') || photo) return;
  ({ key, photo, isSent } = draft);
  for (const name of fieldNames) if (draft.fields[name]) form.elements[name].value = draft.fields[name];
  form.dataset.category = draft.fields.category ?? '';
  showPreview();
  if (!isSent) return;
  const receipt = await request(`/api/submissions/${encodeURIComponent(key)}`).catch(() => null);
  if (receipt?.persisted === true) await finish(form, onEntered, receipt.submissionId, receipt.status === 'pending');
  else await submitOnce(form, onEntered, draft.fields);
}

/** Submits, unless that is under way already. */
async function submitOnce(form, onEntered, fields) {
  if (isSubmitting) return;
  isSubmitting = true;
  try {
    await reading;
    if (photoProblem) showPhotoProblem();
    else await submit(form, onEntered, fields);
  } finally {
    isSubmitting = false;
  }
}

/** Wires the form; `onEntered` is called after a success. */
export function wireForm(form, onEntered) {
  showTerms();
  form.elements.photo.addEventListener('change', () => take(form, form.elements.photo.files[0]));
  byId('camera').addEventListener('change', () => take(form, byId('camera').files[0]));
  byId('without-photo').addEventListener('click', () => {
    dropPhoto(form);
    say(byId('problem'), '');
    keepDraft(form);
  });
  let typing;
  form.addEventListener('input', (event) => {
    if (event.target.type === 'file') return;
    clearTimeout(typing);
    typing = setTimeout(() => keepDraft(form), 500);
  });
  window.addEventListener('pagehide', () => {
    const fields = fieldsOf(form);
    if (isSent || photo || fieldNames.slice(1).some((name) => fields[name] !== '')) keepNow({ key, fields, isSent });
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (isSubmitting) return;
    clearTimeout(typing);
    say(byId('problem'), '');
    say(byId('success'), '');
    submitOnce(form, onEntered);
  });
  return goOn(form, onEntered);
}
