// The state of the storage, in words.
import { timeText } from '../shared/clock.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

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

export async function showHealth() {
  let lines;
  try {
    const metrics = await request('/api/metrics');
    const found = warnings(metrics);
    lines = found.length > 0 ? found.map((line) => element('li', { class: 'warning' }, line)) : [element('li', {}, summary(metrics))];
  } catch {
    lines = [element('li', { class: 'warning' }, text('health.unknown'))];
  }
  byId('health').replaceChildren(...lines);
}
