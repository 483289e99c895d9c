// A small picture of an entry with its number, which can be dragged to a place.
import { stateOfEntry } from '../desk/desk.js';
import { element } from '../shared/elements.js';
import { labelElement } from '../shared/label.js';
import { picture } from '../shared/pictures.js';
import { shownTo } from '../entries/card.js';

/** What a drag carries: an entry's identifier, and nothing of another page. */
const type = 'application/x-contest-entry';

export const isDrag = ({ dataTransfer }) => dataTransfer?.types.includes(type) ?? false;
export const draggedEntry = ({ dataTransfer }) => dataTransfer.getData(type);

/** Lets an element be dragged as an entry. */
export function carries(made, { id }) {
  made.draggable = true;
  made.addEventListener('dragstart', ({ dataTransfer }) => {
    dataTransfer.setData(type, id);
    dataTransfer.effectAllowed = 'move';
  });
  return made;
}

/** The picture in a square, and the number; the caption where there is no number. */
export function thumbContents(entry) {
  const hasPicture = entry.imageUrl && !['rejected', 'withdrawn'].includes(stateOfEntry(entry));
  const image = hasPicture ? picture(shownTo(entry), '', '6rem') : '';
  if (image) image.draggable = false;
  return [element('span', { class: 'square' }, image), labelElement(entry)];
}

/** The thumbnail of a chosen entry. */
export const thumbOf = (entry) => carries(element('span', { class: 'thumbnail' }, ...thumbContents(entry)), entry);
