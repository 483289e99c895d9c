// The entry form: preview, upload with progress, the same key for every attempt.
import { byId, request, say } from './page.js';

/** How long a photo may be; without an answer the upload itself will tell. */
async function maxPhotoBytes() {
  const { maxUploadBytes } = await request('/health').catch(() => ({}));
  return maxUploadBytes ?? Infinity;
}

/** A key that makes repeated attempts one submission. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function send(form, key, onProgress) {
  return new Promise((resolve) => {
    const upload = new XMLHttpRequest();
    upload.open('POST', '/api/submit');
    upload.setRequestHeader('Idempotency-Key', key);
    upload.responseType = 'json';
    upload.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(100 * event.loaded / event.total);
    });
    upload.addEventListener('loadend', () => resolve({ status: upload.status, answer: upload.response ?? {} }));
    upload.send(new FormData(form));
  });
}

function showPreview(form) {
  const photo = form.elements.photo.files[0];
  const preview = byId('preview');
  if (preview.src) URL.revokeObjectURL(preview.src);
  preview.hidden = !photo;
  byId('photo-text').hidden = Boolean(photo);
  if (photo) {
    preview.src = URL.createObjectURL(photo);
    preview.alt = `Preview of ${photo.name}`;
  } else {
    preview.removeAttribute('src');
    preview.alt = '';
  }
}

function problemOf(status, answer) {
  if (status === 0) return 'No connection. Your entry is still here: press the button again when you are back online.';
  return answer.error ?? `The site answered ${status}. Try again.`;
}

/** Makes the form send itself; `onEntered` is called after a success. */
export function wireForm(form, onEntered) {
  const button = form.querySelector('[type="submit"]');
  const progress = byId('progress');
  let key = newKey();

  form.elements.photo.addEventListener('change', async () => {
    showPreview(form);
    say(byId('problem'), '');
    const photo = form.elements.photo.files[0];
    const maxBytes = photo ? await maxPhotoBytes() : Infinity;
    if (!photo || photo.size <= maxBytes || photo !== form.elements.photo.files[0]) return;
    say(byId('problem'), `The photo is larger than ${Math.floor(maxBytes / 1048576)} MB. Choose a smaller one.`);
    form.elements.photo.value = '';
    showPreview(form);
  });

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    say(byId('problem'), '');
    say(byId('success'), '');
    button.disabled = true;
    progress.value = 0;
    progress.hidden = false;
    const { status, answer } = await send(form, key, (percent) => { progress.value = percent; });
    progress.hidden = true;
    button.disabled = false;
    if (status !== 200) {
      say(byId('problem'), problemOf(status, answer));
      return;
    }
    key = newKey();
    const category = form.elements.category.value;
    form.reset();
    form.elements.category.value = category;
    showPreview(form);
    say(byId('success'), `You are in. Your receipt: ${answer.submissionId}`);
    onEntered();
  });
}
