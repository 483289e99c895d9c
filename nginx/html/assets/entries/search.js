// Which entries somebody looks for: by words, number, receipt or code, category and state.
import { allEntries, stateOfEntry } from '../desk/desk.js';
import { byId } from '../shared/elements.js';
import { heardCode, receiptCode } from './receipt-code.js';

/** A few digits are in every receipt. */
const charactersOfReceipt = 6;
const looksLikeCode = /^\d+-[0-9a-z]+$/;

/** What the text of an entry is searched in, made once. */
const said = new WeakMap();

function saidOf(entry) {
  let words = said.get(entry);
  if (words === undefined) {
    words = [entry.caption, entry.name, entry.phone, entry.artist, entry.studio].join('\n').toLowerCase();
    said.set(entry, words);
  }
  return words;
}

function hasReceipt({ submissionId, id }, word) {
  return `${submissionId}\n${id}`.toLowerCase().includes(word);
}

/** A test of entries for one word. */
function testOf(word) {
  const number = word.replace('#', '');
  const code = looksLikeCode.test(word) ? heardCode(word) : null;
  return (entry) => number === String(entry.number) || saidOf(entry).includes(word)
    || (code !== null && code.startsWith(`${entry.number}-`) && receiptCode(entry) === code)
    || (word.length >= charactersOfReceipt && hasReceipt(entry, word));
}

/** The entries that the controls ask for, newest first. */
export function searched() {
  const tests = byId('search').value.toLowerCase().split(/\s+/).filter(Boolean).map(testOf);
  const [category, state] = [byId('in-category').value, byId('in-state').value];
  return allEntries().filter((entry) => (!category || entry.category === category)
    && (!state || stateOfEntry(entry) === state) && tests.every((test) => test(entry)));
}
