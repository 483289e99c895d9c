// The first run: the host is examined, the organizers' password is set.
import { byId, element, say } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

/** What was found out about the host, the worst first. */
function showFindings({ findings }) {
  const order = ['bad', 'warning', 'unknown', 'good'];
  const sorted = findings.toSorted((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict));
  byId('findings').replaceChildren(...sorted.map(({ check, verdict, detail, advice }) =>
    element('li', { class: verdict === 'good' ? '' : 'warning' },
      element('strong', {}, `${check}: ${text(`setup.${verdict}`)}`), ` – ${detail}${advice ? `. ${advice}` : ''}`)));
  byId('report').hidden = false;
}

async function send(body, button) {
  say(byId('problem'));
  button.disabled = true;
  try {
    showFindings(await request('/api/setup', { method: 'POST', body }));
    return true;
  } catch (error) {
    say(byId('problem'), error.message);
    return false;
  } finally {
    button.disabled = false;
  }
}

byId('examine').addEventListener('click', () => send({ code: byId('code').value }, byId('examine')));
byId('setup').addEventListener('submit', async (event) => {
  event.preventDefault();
  const isSet = await send({ code: byId('code').value, password: byId('password').value }, event.submitter);
  if (!isSet) return;
  byId('setup').hidden = true;
  byId('success').replaceChildren(text('setup.done'), ' ', element('a', { href: '/admin' }, text('nav.organizers')));
  byId('success').hidden = false;
});

try {
  const { codeFile } = await request('/api/setup');
  byId('where').textContent = text('setup.where', { file: codeFile });
  byId('setup').hidden = false;
} catch (error) {
  say(byId('problem'), error.status === 404 ? text('setup.over') : error.message);
}
