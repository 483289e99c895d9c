// Elements of a page: found, made, filled.

/** The element of an id. */
export const byId = (id) => document.getElementById(id);

/** Makes an element; texts become text, never markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Shows a text in one of the page's message boxes, or hides it. */
export function say(box, text) {
  box.textContent = text ?? '';
  box.hidden = !text;
}
