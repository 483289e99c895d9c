// The code on a receipt that people read aloud, `17-K7QM`, as the server makes it: FNV-1a in Crockford's base 32.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The code of an entry; nothing while it has no number. */
export function receiptCode({ number, submissionId }) {
  if (!number) return '';
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(submissionId ?? '')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `${number}-${[15, 10, 5, 0].map((shift) => alphabet[(hash >>> shift) & 31]).join('')}`;
}

/** What somebody typed, with the letters that are taken for digits as digits. */
export const heardCode = (word) => word.toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0');
