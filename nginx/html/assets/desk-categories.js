// The categories: their names, and when they take entries.
import { attempt, desk } from './desk.js';
import { byId, element, request } from './page.js';
import { text } from './text.js';

/** A time as an input takes it: local, to the minute. */
function localTime(milliseconds) {
  if (!milliseconds) return '';
  const date = new Date(milliseconds);
  return new Date(milliseconds - 60000 * date.getTimezoneOffset()).toISOString().slice(0, 16);
}

const millisecondsOf = (value) => (value ? new Date(value).getTime() : null);

function field(key, attributes) {
  const id = `field-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  return element('div', { class: 'field' }, element('label', { for: id }, text(key)), element('input', { id, ...attributes }));
}

function categoryRow({ id, name, opensAt, closesAt, closed }) {
  const row = element('li');
  const remove = element('button', { type: 'button' }, text('categories.remove'));
  remove.addEventListener('click', () => row.remove());
  const close = field('categories.closed', { type: 'checkbox', name: 'closed', checked: closed === true });
  close.className = 'check';
  row.append(
    field('categories.id', { name: 'id', value: id, maxlength: 64, readonly: id !== '' }),
    field('categories.name', { name: 'name', value: name, maxlength: 100 }),
    element('div', { class: 'clock' },
      field('categories.opens', { type: 'datetime-local', name: 'opensAt', value: localTime(opensAt) }),
      field('categories.closes', { type: 'datetime-local', name: 'closesAt', value: localTime(closesAt) })),
    element('div', { class: 'buttons' }, close, remove,
      ...(id ? [element('a', { href: `/?category=${encodeURIComponent(id)}`, class: 'tag' }, text('categories.link'))] : [])));
  return row;
}

export function showCategories() {
  byId('category-rows').replaceChildren(...desk.categories.map(categoryRow));
}

/** The list as it is edited; a category without a clock is just its id and name. */
function editedCategories() {
  return Array.from(byId('category-rows').children, (row) => {
    const value = (name) => row.querySelector(`[name="${name}"]`).value.trim();
    const category = { id: value('id'), name: value('name') };
    for (const name of ['opensAt', 'closesAt']) {
      const milliseconds = millisecondsOf(value(name));
      if (milliseconds !== null) category[name] = milliseconds;
    }
    if (row.querySelector('[name="closed"]').checked) category.closed = true;
    return category;
  });
}

/** Makes the form save itself; `load` is called after a success. */
export function wireCategories(load) {
  byId('add-category').addEventListener('click', () => {
    const row = categoryRow({ id: '', name: '' });
    byId('category-rows').append(row);
    row.querySelector('input').focus();
  });
  byId('categories').addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(text('categories.saved'), async () => {
      await request('/api/categories', { method: 'POST', body: { categories: editedCategories() } });
      await load();
    });
  });
}
