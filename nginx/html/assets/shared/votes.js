// A place of the audience's vote in words.
import { text } from '../text/text.js';

/** How many votes a place has, also in a run-off. */
export function votesText({ votes, runOffVotes }) {
  const own = text(votes === 1 ? 'vote.one-vote' : 'vote.votes', { count: votes });
  return runOffVotes === undefined ? own : `${own}, ${text('voting.run-off-votes', { count: runOffVotes })}`;
}
