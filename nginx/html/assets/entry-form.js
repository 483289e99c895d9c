// The entry form: preview, upload with progress, and the same key for every attempt: an entry that
// is sent over a lost connection again and again is one entry.
import { byId, element, request, say } from './page.js';
import { errorText, text } from './text.js';

const maxAttempts = 12;
const maxSecondsOfSilence = 75;
const maxSecondsBetweenAttempts = 15;

/** What the site says of itself; without an answer the upload itself will tell. */
export const site = request('/api/site').catch(() => ({}));

/** A key that makes repeated attempts one submission. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function send(data, key, onProgress) {
  return new Promise((resolve) => {
    const upload = new XMLHttpRequest();
    upload.open('POST', '/api/submit');
    upload.setRequestHeader('Idempotency-Key', key);
    upload.setRequestHeader('Accept', 'application/json');
    upload.responseType = 'json';
    // A connection that is dead without saying so is not waited for; one that is slow is.
    let silence;
    function listen() {
      clearTimeout(silence);
      silence = setTimeout(() => upload.abort(), 1000 * maxSecondsOfSilence);
    }
    listen();
    upload.upload.addEventListener('progress', (event) => {
      listen();
      if (event.lengthComputable) onProgress(100 * event.loaded / event.total);
    });
    upload.addEventListener('loadend', () => clearTimeout(silence));
    upload.addEventListener('loadend', () => resolve({ status: upload.status, answer: upload.response ?? {} }));
    upload.send(data);
  });
}

/** Waits for a time, or until the connection is back. */
function pause(seconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, 1000 * seconds);
    function done() {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      resolve();
    }
    window.addEventListener('online', done);
  });
}

/** Whether nobody can tell from an answer that the entry was refused. */
const isUncertain = (status) => status === 0 || status >= 502 && status <= 504;

/** Sends until there is an answer; says meanwhile what it is waiting for. */
async function sendUntilAnswered(data, key, onProgress) {
  for (let attempt = 1; ; attempt += 1) {
    const result = await send(data, key, onProgress);
    if (!isUncertain(result.status) || attempt === maxAttempts) return result;
    say(byId('problem'), text('form.retrying'));
    onProgress(0);
    // Chance keeps a crowd from coming back all at once.
    await pause(Math.min(maxSecondsBetweenAttempts, 2 ** (attempt - 1)) * (0.75 + Math.random() / 2));
  }
}

function showPreview(form) {
  const photo = form.elements.photo.files[0];
  const preview = byId('preview');
  if (preview.src) URL.revokeObjectURL(preview.src);
  preview.hidden = !photo;
  byId('photo-text').hidden = Boolean(photo);
  if (photo) {
    preview.src = URL.createObjectURL(photo);
    preview.alt = text('form.preview', { name: photo.name });
  } else {
    preview.removeAttribute('src');
    preview.alt = '';
  }
}

function problemOf(status, answer) {
  if (status === 0) return text('form.gave-up');
  return errorText(answer.code, answer.error) ?? text('form.failed', { status });
}

function showSuccess(answer) {
  const box = byId('success');
  const address = `/receipt.html?id=${encodeURIComponent(answer.submissionId)}`;
  const isPending = answer.entry?.status === 'pending';
  box.replaceChildren(
    `${text(isPending ? 'form.entered-pending' : 'form.entered')} ${text('form.receipt')}: `,
    element('a', { href: address }, answer.submissionId));
  box.hidden = false;
}

async function checkPhoto(form) {
  showPreview(form);
  say(byId('problem'), '');
  const photo = form.elements.photo.files[0];
  const maxBytes = photo ? (await site).maxUploadBytes ?? Infinity : Infinity;
  if (!photo || photo.size <= maxBytes || photo !== form.elements.photo.files[0]) return;
  say(byId('problem'), text('form.too-large', { size: Math.floor(maxBytes / 1048576) }));
  form.elements.photo.value = '';
  showPreview(form);
}

/** What the organizers want to be read before one enters. */
async function showTerms() {
  const { consent, rules } = await site;
  say(byId('consent'), consent);
  byId('rules').hidden = !rules;
  byId('rules-text').textContent = rules ?? '';
}

/** Makes the form send itself; `onEntered` is called after a success. */
export function wireForm(form, onEntered) {
  const progress = byId('progress');
  let key = newKey();
  showTerms();

  form.elements.photo.addEventListener('change', () => checkPhoto(form));
  byId('camera').addEventListener('change', () => {
    form.elements.photo.files = byId('camera').files;
    checkPhoto(form);
  });

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    say(byId('problem'), '');
    say(byId('success'), '');
    const data = new FormData(form);
    // What is being sent is not changed meanwhile: the key stands for just that.
    const locked = Array.from(form.elements).filter((control) => !control.disabled);
    for (const control of locked) control.disabled = true;
    progress.value = 0;
    progress.hidden = false;
    const { status, answer } = await sendUntilAnswered(data, key, (percent) => { progress.value = percent; });
    progress.hidden = true;
    for (const control of locked) control.disabled = false;
    if (status !== 200) {
      say(byId('problem'), problemOf(status, answer));
      return;
    }
    say(byId('problem'), '');
    key = newKey();
    const category = form.elements.category.value;
    form.reset();
    form.elements.category.value = category;
    showPreview(form);
    showSuccess(answer);
    onEntered();
  });
}
