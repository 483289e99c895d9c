// A new round: of a category, or of several categories' winners.
import { attempt, desk } from '../desk/desk.js';
import { jury } from './jury.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

const form = () => byId('new-round').elements;

function fill(select, options) {
  const chosen = select.options.length > 0 ? select.value : null;
  select.replaceChildren(...options.map(([value, label]) => element('option', { value }, label)));
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}

/** Offers what there is to choose from; what is typed stays. */
export function showNewRound() {
  const categories = desk.categories.map(({ id, name }) => [id, name]);
  fill(form().category, [...categories, ['', text('jury.from-winners')]]);
  fill(form().sheet, jury.sheets.map(({ id, name }) => [id, name]));
  fill(form().award, [['', text('jury.award-own')], ...categories]);
  byId('new-round').hidden = jury.sheets.length === 0;
  byId('no-sheet').hidden = jury.sheets.length > 0;
  showSource();
}

function showSource() {
  for (const each of document.querySelectorAll('.of-winners')) each.hidden = form().category.value !== '';
}

function typed() {
  const { category, name, sheet, method, minJudges, take, award, feedback } = form();
  const isOfWinners = category.value === '';
  const chosen = isOfWinners ? text('jury.best-of-show') : category.selectedOptions[0]?.textContent ?? '';
  return {
    name: name.value.trim() || chosen, sheet: sheet.value, method: method.value, minJudges: minJudges.valueAsNumber || 1, feedback: feedback.checked,
    from: isOfWinners
      ? { winnersOf: desk.categories.map(({ id }) => id).filter((id) => id !== award.value), take: take.valueAsNumber || 1 }
      : { category: category.value },
    ...(isOfWinners && award.value ? { award: award.value } : {}),
  };
}

export function wireNewRound(load) {
  form().category.addEventListener('change', showSource);
  byId('new-round').addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(text('jury.round-made'), async () => {
      const { ids } = await request('/api/rounds', { method: 'POST', body: typed() });
      jury.round = ids.at(-1);
      byId('new-round').reset();
      await load();
    });
  });
}
