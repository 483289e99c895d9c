// Exports: the server makes them, and the browser saves them.
import { attempt } from './desk.js';
import { byId } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { language, text } from '../text/text.js';

/** Where the decimal sign is a comma, spreadsheets expect semicolons. */
const separator = language === 'de' ? ';' : ',';
const addresses = {
  csv: `/api/export?format=csv&bom=1&separator=${encodeURIComponent(separator)}`,
  json: '/api/export?format=json',
  zip: '/api/export?format=zip',
};

export function wireExports() {
  for (const [ending, address] of Object.entries(addresses)) {
    byId(`export-${ending}`).addEventListener('click', () => attempt(text('export.begun'), async () => {
      // What is refused would replace this page.
      await request('/api/winners-draft');
      location.assign(address);
    }));
  }
}
