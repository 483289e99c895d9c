// What can be done with one entry, in a menu: beside its button where there is room, else at the thumb.
import { stateOfEntry, titleOf } from '../desk/desk.js';
import { byId, element } from '../shared/elements.js';
import { text } from '../text/text.js';
import { isLeaving } from './removal.js';

const gap = 4;

function place(dialog, opener) {
  const { bottom, right } = opener.getBoundingClientRect();
  const { offsetHeight, offsetWidth } = dialog;
  dialog.style.top = `${Math.max(gap, Math.min(bottom + gap, innerHeight - offsetHeight - gap))}px`;
  dialog.style.left = `${Math.max(gap, right - offsetWidth)}px`;
}

/** The actions that an entry's state allows, in the menu's order. */
export function allowed(entry) {
  if (isLeaving(entry)) return ['closer'];
  const state = stateOfEntry(entry);
  return [
    'closer', ...(state === 'shown' ? [] : ['approve']), ...(state === 'rejected' ? [] : ['reject', 'pick']), 'correct', 'remove',
  ];
}

/** Opens the menu of an entry; `actions` has a function for each of its words. */
function open(entry, actions, opener) {
  const dialog = byId('entry-menu');
  byId('entry-menu-title').textContent = titleOf(entry);
  byId('entry-menu-actions').replaceChildren(...allowed(entry).map((name) => {
    const made = element('button', { type: 'button', class: name === 'remove' ? 'danger' : '', 'data-action': name }, text(`menu.${name}`));
    made.addEventListener('click', () => { dialog.close(); actions[name](entry); });
    return made;
  }));
  dialog.showModal();
  place(dialog, opener);
}

/** The button that opens the menu of an entry. */
export function menuButton(entry, actions) {
  const made = element('button', {
    type: 'button', class: 'more-of', 'aria-haspopup': 'dialog', 'aria-label': text('menu.open', { caption: titleOf(entry) }), disabled: isLeaving(entry),
  }, '⋯');
  made.addEventListener('click', () => open(entry, actions, made));
  return made;
}

/** Closes the menu when somebody presses beside it. */
export function wireMenu() {
  byId('entry-menu').addEventListener('click', (event) => { if (event.target === event.currentTarget) event.currentTarget.close(); });
}
