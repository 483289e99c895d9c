// The entrant's way back: an entry is withdrawn, and for an hour the withdrawal can be undone.
import { timeText } from '../shared/clock.js';
import { byId } from '../shared/elements.js';
import { request } from '../shared/request.js';
import { text } from '../text/text.js';

let submission = '';

function ask(isAsked, isWithdrawn) {
  byId('withdraw').hidden = isAsked || isWithdrawn;
  for (const id of ['withdraw-sure', 'withdraw-not']) byId(id).hidden = !isAsked;
  byId('withdraw-undo').hidden = !isWithdrawn;
}

/** Shows what can be done with the entry of a receipt. */
export function showWithdrawal({ submissionId, withdrawnAt, erasedAt }) {
  submission = submissionId;
  byId('back').hidden = false;
  byId('back-text').textContent = withdrawnAt ? text('withdraw.done', { time: timeText(erasedAt) }) : text('withdraw.hint');
  ask(false, Boolean(withdrawnAt));
}

/** Wires the buttons; `look` reads the receipt again. */
export function wireWithdrawal(look) {
  const send = async (confirm) => {
    try {
      await request(`/api/submissions/${encodeURIComponent(submission)}/withdraw`, { method: 'POST', body: { confirm } });
      await look();
    } catch (error) {
      byId('back-text').textContent = error.message;
    }
  };
  byId('withdraw').addEventListener('click', () => { ask(true, false); byId('withdraw-not').focus(); });
  byId('withdraw-not').addEventListener('click', () => { ask(false, false); byId('withdraw').focus(); });
  byId('withdraw-sure').addEventListener('click', () => send(true));
  byId('withdraw-undo').addEventListener('click', () => send(false));
}
