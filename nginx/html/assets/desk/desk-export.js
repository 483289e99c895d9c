// Exports, made here from what the desk has loaded: a table, everything, and the photos.
import { allEntries, attempt, desk, nameOf, stateOfEntry } from './desk.js';
import { byId, say } from '../shared/elements.js';
import { text } from '../text/text.js';
import { zip } from './zip.js';

/** How many photos are not in the last export. */
let missing = 0;

function download(name, content) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/**
 * A cell of a table (RFC 4180) that no spreadsheet takes for a formula: a ' precedes whatever would begin
 * one, also after what may pass for the end of a cell. A telephone number gets a space instead.
 */
function cell(value) {
  const plain = String(value ?? '');
  const isTelephone = /^\+?[0-9 \-/().]*$/.test(plain) && (plain.match(/[0-9]/g) ?? []).length > 3;
  const safe = isTelephone ? plain.replace(/^(?=.*[+\-])/, ' ')
    : plain.replace(/(^|[;\t\r\n|])([ "']*)(?=[=+\-@])/g, "$1$2'");
  return `"${safe.replaceAll('"', '""')}"`;
}

function table() {
  const heads = ['id', 'category', 'caption', 'name', 'phone', 'imageUrl', 'createdAt', 'status', 'submissionId', 'place', 'number', 'artist', 'studio'];
  const rows = allEntries().map((entry) => {
    const place = (desk.winners.published[entry.category] ?? []).indexOf(entry.id) + 1;
    return [entry.id, nameOf(entry.category), entry.caption, entry.name, entry.phone, entry.imageUrl,
      new Date(entry.createdAt ?? 0).toISOString(), stateOfEntry(entry), entry.submissionId, place || '', entry.number ?? '', entry.artist, entry.studio];
  });
  // The byte order mark tells spreadsheets that it is UTF-8.
  return `\uFEFF${[heads, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** A ZIP of the photos that can be fetched; those at Cloudinary, or gone, are only counted. */
async function photos() {
  const entries = allEntries().filter((entry) => entry.imageUrl && stateOfEntry(entry) !== 'rejected');
  const files = [];
  missing = 0;
  for (const [index, entry] of entries.entries()) {
    say(byId('export-progress'), text('export.progress', { n: index + 1, count: entries.length }));
    const address = stateOfEntry(entry) === 'pending' ? entry.imageUrl.replace('/uploads/', '/api/photos/') : entry.imageUrl;
    const answer = entry.imageUrl.startsWith('/uploads/') ? await fetch(address) : undefined;
    if (answer?.ok) files.push({ name: `${entry.category}/${entry.imageUrl.slice('/uploads/'.length)}`, content: await answer.blob(), time: entry.createdAt });
    else missing += 1;
  }
  return zip(files);
}

export function wireExports() {
  const makers = {
    csv: () => new Blob([table()], { type: 'text/csv' }),
    json: () => new Blob([JSON.stringify({ categories: desk.categories, submissions: desk.submissions, winners: desk.winners.published }, null, 2)],
      { type: 'application/json' }),
    zip: photos,
  };
  for (const [ending, make] of Object.entries(makers)) {
    byId(`export-${ending}`).addEventListener('click', () => attempt(text('export.done'), async () => {
      missing = 0;
      try {
        download(`tattoo-contest.${ending}`, await make());
      } finally {
        say(byId('export-progress'), missing > 0 ? text('export.missing', { n: missing }) : '');
      }
    }));
  }
}
