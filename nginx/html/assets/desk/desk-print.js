// What goes on paper in place of the desk.
import { byId } from '../shared/elements.js';

/** Prints some parts alone; style sheets go by their kind. No code or key stays in the page. */
export function printOut(parts, kind) {
  document.body.dataset.prints = kind;
  byId('print-list').replaceChildren(...parts);
  window.print();
  delete document.body.dataset.prints;
  byId('print-list').replaceChildren();
}
