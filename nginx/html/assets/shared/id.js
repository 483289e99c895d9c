// Identifiers by which the contest tells what was sent again from what is new.

/** A new one: 96 random bits after a word. */
export const newID = (kind) => `${kind}-${Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join('-')}`;
