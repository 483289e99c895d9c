// What an entry is called where judges and organizers speak of it.
import { element } from './elements.js';

/** The contestant's number; the caption of an entry of an earlier version, which has none. */
export const labelOf = ({ number, caption, id }) => String(number ?? (caption?.trim() || id));

/** The labels of several entries in a row; `known` has them by identifier, and others are left out. */
export const labelsOf = (ids, known) => ids.map((id) => known.get(id)).filter(Boolean)
  .map((entry) => (entry.number ? `#${entry.number}` : labelOf(entry))).join(', ');

/** The label as an element, marked as a number if it is one. */
export const labelElement = (entry) => element('span', { class: entry.number ? 'number' : '' }, labelOf(entry));
