// JSON requests, and their errors in words.
import { setClock } from './clock.js';
import { errorText, text } from '../text/text.js';

/** A failed request, with a sentence for a person. */
class RequestError extends Error {
  constructor(message, status, retryAfterSeconds) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Sends a request, with JSON or a form, and returns the JSON of the response; `undefined` when it has not changed.
 *
 * A response that is not the site's JSON counts as an error: it is the login page of a network, or a
 * proxy's own error page. A write has succeeded only if the response has `success`; 202 says that it is under way.
 */
export async function request(path, { method = 'GET', body, form, knownTag, fields = {} } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      cache: knownTag ? 'no-store' : 'default',
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(knownTag?.value ? { 'If-None-Match': knownTag.value } : {}),
        ...fields,
      },
      body: form ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
  } catch {
    throw new RequestError(text('request.no-connection'), 0);
  }
  setClock(response);
  if (response.status === 304) return undefined;
  const isJSON = /^application\/json\b/.test(response.headers.get('Content-Type') ?? '');
  const answer = isJSON ? await response.json().catch(() => null) : null;
  const isDone = method === 'GET' || response.status === 202 || answer?.success === true;
  if (answer === null || (response.ok && !isDone)) {
    throw new RequestError(text('request.not-ours'), response.ok ? 0 : response.status);
  }
  if (!response.ok) {
    throw new RequestError(
      errorText(answer.code, answer.error) ?? text('request.failed', { status: response.status }), response.status,
      Number(response.headers.get('Retry-After')) || undefined);
  }
  if (knownTag) knownTag.value = response.headers.get('ETag');
  return answer;
}

const secondsOfRequest = 12;

/**
 * What the contest answers, `{ status, answer }`, for what is sent again by itself until it is answered; `null`
 * where nothing came in time, or it was not the contest that answered.
 */
export async function ask(path, { method = 'GET', body, fields = {} } = {}) {
  let response;
  // `AbortSignal.timeout` is younger than many phones.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), 1000 * secondsOfRequest);
  try {
    response = await fetch(path, {
      method,
      cache: 'no-store',
      headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...fields },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: limit.signal,
    });
  } catch {
    clearTimeout(timer);
    return null;
  }
  // A network's log-in page answers with 200 and HTML: that is not the contest.
  if (!/^application\/json\b/.test(response.headers.get('Content-Type') ?? '')) return null;
  setClock(response);
  const answer = await response.json().catch(() => null);
  clearTimeout(timer);
  return answer === null || typeof answer !== 'object' ? null : { status: response.status, answer };
}
