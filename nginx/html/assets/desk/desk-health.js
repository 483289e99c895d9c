// The state of the storage, in words, and what the site knows to be waiting.
import { timeText } from '../shared/clock.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';
import { complain } from './desk.js';
import { showBar } from './desk-bar.js';

const megabytes = (bytes) => (bytes / 1048576).toFixed(1);

/** A sentence for each part that is not as it should be. */
function warnings({ status, persistence }) {
  return Object.entries(status).filter(([, grade]) => grade !== 'good').map(([part, grade]) => {
    const { count, sizeBytes = 0 } = persistence[part];
    return text(`health.${part}.${grade}`, { count, size: megabytes(sizeBytes) });
  });
}

function summary({ submissions, persistence }) {
  const last = persistence.lastTransaction?.timestamp;
  return text('health.good', {
    entries: submissions.total, size: megabytes(persistence.dataFile.sizeBytes), backups: persistence.backups.count,
    time: last ? timeText(last) : '–',
  });
}

/** Reads the state of the storage, and shows it. */
export async function showHealth() {
  let [lines, found, cards] = [[], [], 0];
  try {
    const metrics = await request('/api/metrics');
    found = warnings(metrics);
    lines = found.length > 0 ? found : [summary(metrics)];
    cards = metrics.judging?.pendingCards ?? 0;
  } catch (error) {
    if (error.status === 401) {
      complain(error);
      return;
    }
    found = lines = [text('health.unknown')];
  }
  byId('health').replaceChildren(...lines.map((line) => element('li', { class: found.length > 0 ? 'warning' : '' }, line)));
  showBar({ cards, warnings: found.length });
}
