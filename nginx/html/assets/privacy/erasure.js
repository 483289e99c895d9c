// Erasing personal data: a plan first, then a question, then a certificate.
import { askFirst, attempt } from '../desk/desk.js';
import { byId, element } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

function line(key, values) { return element('li', {}, text(key, values)); }

/** Whose entries they are, so that nobody erases a stranger's. */
const whose = ({ number, name, phone, caption }) => element('li', { dir: 'auto' }, [number, name, phone, caption].filter(Boolean).join(' · '));

function showPlan(plan) {
  const archives = Object.values(plan.archives).reduce((sum, count) => sum + count, 0);
  byId('erasure-plan').replaceChildren(
    line('erasure.plan', { count: plan.entries.length, contest: plan.contest, history: plan.history, archives, photos: plan.photos }),
    ...plan.found.map(whose),
    line('erasure.elsewhere'));
}

function showCertificate({ count, lines, states, toLookAt }) {
  byId('erasure-plan').replaceChildren(
    line('erasure.certificate', { count, lines, states }),
    ...toLookAt.map((file) => line('erasure.look', { file })));
}

async function plan() {
  const phone = byId('erasure-phone').value.trim();
  if (!phone) throw new Error(text('erasure.none'));
  return request('/api/erasures', { method: 'POST', body: { phone, scope: byId('erasure-scope').value } });
}

/** Wires the form; `load` reads the desk anew. */
export function wireErasure(load) {
  byId('erasure').addEventListener('submit', (event) => {
    event.preventDefault();
    let planned;
    attempt(text('erasure.planned'), async () => {
      planned = await plan();
      showPlan(planned);
      if (planned.entries.length === 0) throw new Error(text('erasure.nothing'));
      const texts = {
        title: text('erasure.title'), words: text('erasure.words', { count: planned.entries.length }),
        keep: text('ending.not'), go: text('erasure.go'),
      };
      askFirst(texts, () => attempt(text('erasure.done'), async () => {
        const { certificate } = await request(`/api/erasures/${planned.token}`, { method: 'POST', body: {} });
        byId('erasure-phone').value = '';
        await load();
        showCertificate(certificate);
      }));
    });
  });
}
