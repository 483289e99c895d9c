// The categories: their names, and when they take entries.
import { attempt, desk } from './desk.js';
import { field, millisecondsOf, timeField } from './desk-fields.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';


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
      timeField('categories.opens', 'opensAt', opensAt),
      timeField('categories.closes', 'closesAt', closesAt)),
    element('div', { class: 'buttons' }, close, remove,
      ...(id ? [element('a', { href: `/?category=${encodeURIComponent(id)}`, class: 'tag' }, text('categories.link'))] : [])));
  return row;
}

export function showCategories() {
  byId('category-rows').replaceChildren(...desk.categories.map(categoryRow));
}

/** The list as edited; a category without times is just its id and name. */
function editedCategories() {
  return Array.from(byId('category-rows').children, (row) => {
    const value = (name) => row.querySelector(`[name="${name}"]`).value.trim();
    const category = { id: value('id'), name: value('name') };
    for (const name of ['opensAt', 'closesAt']) {
      const milliseconds = millisecondsOf(row.querySelector(`[name="${name}"]`));
      if (milliseconds !== null) category[name] = milliseconds;
    }
    if (row.querySelector('[name="closed"]').checked) category.closed = true;
    return category;
  });
}

/** The categories that somebody else has saved, in a few words. */
function told(categories) {
  return categories.map(({ name, closed }) => (closed ? text('form.closed', { name }) : name)).join(', ');
}

/** Saves the edited list, unless somebody else was quicker: then both are shown, and nothing is lost. */
async function save() {
  const fields = desk.categoriesTag ? { 'If-Match': desk.categoriesTag } : {};
  try {
    await request('/api/categories', { method: 'POST', body: { categories: editedCategories() }, fields });
  } catch (error) {
    if (error.status !== 412) throw error;
    const tag = { value: null };
    const current = await request('/categories.json', { knownTag: tag });
    [desk.categories, desk.categoriesTag] = [current, tag.value];
    throw new Error(text('categories.changed', { names: told(current) }));
  }
}

/** Wires the form; `load` is called after a successful save. */
export function wireCategories(load) {
  byId('add-category').addEventListener('click', () => {
    const row = categoryRow({ id: '', name: '' });
    byId('category-rows').append(row);
    row.querySelector('input').focus();
  });
  byId('categories').addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(text('categories.saved'), async () => {
      await save();
      await load();
    });
  });
}
