// Requests for JSON, and what went wrong with them in words.
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
 * Sends a request and gives the JSON of the answer; `undefined` when it is what we have already.
 *
 * An answer that is not the site's JSON is none: somewhere a page wants to be logged in to, or a proxy
 * has an error of its own. Of a write only `success` is a success.
 */
export async function request(path, { method = 'GET', body, knownTag, fields = {} } = {}) {
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
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new RequestError(text('request.no-connection'), 0);
  }
  setClock(response);
  if (response.status === 304) return undefined;
  const isJSON = /^application\/json\b/.test(response.headers.get('Content-Type') ?? '');
  const answer = isJSON ? await response.json().catch(() => null) : null;
  if (answer === null || (response.ok && method !== 'GET' && answer.success !== true)) {
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
