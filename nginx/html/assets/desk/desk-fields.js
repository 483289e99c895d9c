// Fields of the desk's forms.
import { localTime, shownZone, timeOfLocal } from '../shared/clock.js';
import { element } from '../shared/elements.js';
import { text } from '../text/text.js';

export function field(key, attributes) {
  const id = `field-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  return element('div', { class: 'field' }, element('label', { for: id }, text(key)), element('input', { id, ...attributes }));
}

/** A button of the desk, with the text of a key. */
export function button(key, action, { values = {}, ...attributes } = {}) {
  const made = element('button', { type: 'button', ...attributes }, text(key, values));
  made.addEventListener('click', action);
  return made;
}

/** Puts a time into an input, in the event's time zone. */
export function setTime(input, milliseconds) {
  input.value = localTime(milliseconds);
  // A browser may write the same time in another way.
  Object.assign(input.dataset, { value: input.value, milliseconds: milliseconds ?? '', zone: shownZone() ?? '' });
}

export function timeField(key, name, milliseconds) {
  const made = field(key, { type: 'datetime-local', step: 1, name });
  setTime(made.querySelector('input'), milliseconds);
  return made;
}

/**
 * The time that an input holds, in the zone that it was made in unless another one is given. An unchanged
 * input gives the very time that it was made from: in the hour that a clock change repeats, a local time is
 * ambiguous.
 */
export function millisecondsOf(input, zone = input.dataset.zone || undefined) {
  if (!input.value) return null;
  const isSameZone = (zone ?? '') === input.dataset.zone;
  if (input.value === input.dataset.value && isSameZone) return Number(input.dataset.milliseconds);
  return timeOfLocal(input.value, zone);
}
