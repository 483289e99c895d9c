// Sends an entry until its outcome is known.
import { text } from '../text/text.js';

const maxAttempts = 60;
const maxSecondsOfSilence = 75;
const maxSecondsBetweenAttempts = 15;

function send(data, key, onProgress) {
  return new Promise((resolve) => {
    const upload = new XMLHttpRequest();
    upload.open('POST', '/api/submit');
    upload.setRequestHeader('Idempotency-Key', key);
    upload.setRequestHeader('Accept', 'application/json');
    upload.responseType = 'json';
    // A silent connection is given up after a while; a slow one is not.
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
    upload.addEventListener('loadend', () => resolve({
      status: upload.status,
      answer: upload.response,
      retryAfterSeconds: Number(upload.getResponseHeader('Retry-After')) || 0,
    }));
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

/** Only the site's own JSON counts as an answer, not any 200 from a page in between. */
function outcomeOf({ status, answer }) {
  if (status === 200) return answer?.success === true && answer.persistenceConfirmed === true ? 'entered' : 'unknown';
  const isOurs = typeof answer?.code === 'string';
  if (!isOurs || status === 0 || status === 408 || status === 429 || status === 502 || status === 503 || status === 504) return 'unknown';
  return 'refused';
}

function wordsOf({ status, answer }, seconds) {
  if (status === 429) return text('form.many', { seconds: Math.ceil(seconds) });
  const isSomebodyElse = status !== 0 && typeof answer?.code !== 'string';
  return text(isSomebodyElse ? 'form.not-ours' : 'form.retrying');
}

/**
 * Sends until the site answers; `onWaiting` gets, in words, what is being waited for.
 * Returns the outcome: `entered`, `refused`, or `unknown` after giving up.
 */
export async function sendUntilAnswered(data, key, onProgress, onWaiting) {
  for (let attempt = 1; ; attempt += 1) {
    const result = await send(data, key, onProgress);
    const outcome = outcomeOf(result);
    if (outcome !== 'unknown' || attempt === maxAttempts) return { ...result, outcome };
    const usual = Math.min(maxSecondsBetweenAttempts, 2 ** (attempt - 1));
    // A random delay keeps a crowd from coming back all at once.
    const seconds = Math.max(usual, result.retryAfterSeconds) * (1 + Math.random() / 2);
    onWaiting(wordsOf(result, seconds));
    onProgress(0);
    await pause(seconds);
  }
}
