// The lists of judges and of sheets.
import { attempt, desk } from '../desk/desk.js';
import { field } from '../desk/desk-fields.js';
import { printOut } from '../desk/desk-print.js';
import { jury } from './jury.js';
import { cardOfJudge } from './jury-print.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

function checkField(key, attributes) {
  const made = field(key, { type: 'checkbox', ...attributes });
  made.className = 'check';
  return made;
}

// MARK: Judges

function panelChoice(panels) {
  const fields = desk.categories.map(({ id, name }) => {
    const made = checkField('jury.panel', { name: 'panel', value: id, checked: panels?.includes(id) ?? false });
    made.querySelector('label').textContent = name;
    return made;
  });
  return element('details', { open: Boolean(panels) }, element('summary', {}, text('jury.panels')), ...fields);
}

function judgeRow({ id, name = '', studio = '', panels = null, revoked = false, hasLink = false } = {}) {
  const row = element('li', { 'data-id': id });
  const link = element('button', { type: 'button', disabled: !id || revoked }, text(hasLink ? 'jury.link-again' : 'jury.link'));
  link.addEventListener('click', () => attempt(text('jury.linked', { name }), () => giveLink({ id, name })));
  const remove = element('button', { type: 'button' }, text('categories.remove'));
  remove.addEventListener('click', () => row.remove());
  row.append(
    element('div', { class: 'pair' }, field('jury.judge-name', { name: 'name', value: name, maxlength: 100 }),
      field('jury.judge-studio', { name: 'studio', value: studio, maxlength: 100 })),
    panelChoice(panels),
    element('div', { class: 'buttons' }, checkField('jury.revoked', { name: 'revoked', checked: revoked }), link, remove));
  return row;
}

function editedJudges() {
  return Array.from(byId('judge-rows').children, (row) => {
    const panels = Array.from(row.querySelectorAll('[name="panel"]:checked'), ({ value }) => value);
    return {
      ...(row.dataset.id ? { id: row.dataset.id } : {}),
      name: row.querySelector('[name="name"]').value.trim(), studio: row.querySelector('[name="studio"]').value.trim(),
      panels: panels.length > 0 ? panels : null, revoked: row.querySelector('[name="revoked"]').checked,
    };
  });
}

export function showJudges() { byId('judge-rows').replaceChildren(...jury.judges.map(judgeRow)); }

/** A new link, on a card to print; it is shown this once. */
async function giveLink({ id, name }) {
  const { link } = await request(`/api/judges/${encodeURIComponent(id)}/link`, { method: 'POST', body: {} });
  const address = new URL(link, location.href).href;
  const card = cardOfJudge(name, address);
  byId('link-card').replaceChildren(card);
  byId('print-link').onclick = () => printOut([cardOfJudge(name, address)], 'jury');
  byId('link').showModal();
}

// MARK: Sheets

function criterionRow({ id = '', name = '', min = 1, max = 10, weight = 1, labels } = {}) {
  const row = element('li', { 'data-id': id, 'data-labels': labels ? JSON.stringify(labels) : null });
  const remove = element('button', { type: 'button' }, text('categories.remove'));
  remove.addEventListener('click', () => row.remove());
  const number = (key, attributes) => field(key, { type: 'number', step: 1, ...attributes });
  row.append(field('jury.criterion', { name: 'name', value: name, maxlength: 100 }),
    element('div', { class: 'triple' }, number('jury.min', { name: 'min', value: min }), number('jury.max', { name: 'max', value: max }),
      number('jury.weight', { name: 'weight', value: weight, min: 1 })),
    remove);
  return row;
}

function sheetRow({ id, name = '', criteria = [{}] } = {}) {
  const rows = element('ul', { class: 'rows' }, ...criteria.map(criterionRow));
  const add = element('button', { type: 'button' }, text('jury.add-criterion'));
  add.addEventListener('click', () => rows.append(criterionRow()));
  const remove = element('button', { type: 'button' }, text('jury.remove-sheet'));
  const row = element('li', { 'data-id': id }, field('jury.sheet-name', { name: 'sheet', value: name, maxlength: 100 }), rows,
    element('div', { class: 'buttons' }, add, remove));
  remove.addEventListener('click', () => row.remove());
  return row;
}

/** An identifier that says what it is for, and is not in use. */
function identifierFor(name, taken) {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '').toLowerCase().slice(0, 40) || 'x';
  let id = plain;
  for (let count = 2; taken.has(id); count += 1) id = `${plain}-${count}`;
  taken.add(id);
  return id;
}

function editedCriteria(row) {
  const rows = [...row.querySelector('.rows').children];
  const taken = new Set(rows.map(({ dataset }) => dataset.id).filter(Boolean));
  return rows.map((line) => {
    const number = (name) => line.querySelector(`[name="${name}"]`).valueAsNumber;
    const name = line.querySelector('[name="name"]').value.trim();
    return {
      id: line.dataset.id || identifierFor(name, taken), name, min: number('min'), max: number('max'), weight: number('weight'),
      ...(line.dataset.labels ? { labels: JSON.parse(line.dataset.labels) } : {}),
    };
  });
}

function editedSheets() {
  return Array.from(byId('sheet-rows').children, (row) => ({
    ...(row.dataset.id ? { id: row.dataset.id } : {}),
    name: row.querySelector('[name="sheet"]').value.trim(), criteria: editedCriteria(row),
  }));
}

export function showSheets() { byId('sheet-rows').replaceChildren(...jury.sheets.map(sheetRow)); }

/** Saves a list unless somebody else was quicker; what was typed stays then. */
async function save(name, list) {
  try {
    await request(`/api/${name}`, { method: 'POST', body: { [name]: list }, fields: { 'If-Match': jury.tags[name] } });
  } catch (error) {
    if (error.status !== 412) throw error;
    const tag = { value: null };
    const now = (await request(`/api/${name}`, { knownTag: tag }))[name];
    jury.tags[name] = tag.value;
    throw new Error(text('jury.changed', { names: now.map((each) => each.name).join(', ') }));
  }
}

export function wireLists(load) {
  byId('add-judge').addEventListener('click', () => {
    const row = judgeRow();
    byId('judge-rows').append(row);
    row.querySelector('input').focus();
  });
  byId('add-sheet').addEventListener('click', () => {
    const row = sheetRow();
    byId('sheet-rows').append(row);
    row.querySelector('input').focus();
  });
  for (const [form, name, edited] of [['judges', 'judges', editedJudges], ['sheets', 'sheets', editedSheets]]) {
    byId(form).addEventListener('submit', (event) => {
      event.preventDefault();
      attempt(text('jury.saved'), async () => {
        await save(name, edited());
        await load({ shown: [name] });
      });
    });
  }
}
