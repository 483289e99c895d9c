// A ZIP of files as they are, without compression: photos are compressed already (APPNOTE 6.3.10).
import { text } from '../text/text.js';

const maxBytes = 0xFFFFFFFF;
const utf8Names = 0x0800;

const codes = Uint32Array.from({ length: 256 }, (_, byte) => {
  let code = byte;
  for (let bit = 0; bit < 8; bit += 1) code = code & 1 ? code >>> 1 ^ 0xEDB88320 : code >>> 1;
  return code;
});

/** The CRC-32 of a ZIP entry (section 4.4.7). */
function cyclicRedundancyCode(bytes) {
  let code = 0xFFFFFFFF;
  for (const byte of bytes) code = code >>> 8 ^ codes[(code ^ byte) & 255];
  return (code ^ 0xFFFFFFFF) >>> 0;
}

/** Numbers of 2 or 4 bytes, in little-endian byte order. */
function numbers(...pairs) {
  const bytes = new Uint8Array(pairs.reduce((sum, [, count]) => sum + count, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const [value, count] of pairs) {
    if (count === 2) view.setUint16(offset, value, true);
    else view.setUint32(offset, value, true);
    offset += count;
  }
  return bytes;
}

/** A time in DOS format (section 4.4.6): local, to two seconds. */
function dosTime(milliseconds) {
  const date = new Date(milliseconds);
  const day = Math.max(0, date.getFullYear() - 1980) << 9 | date.getMonth() + 1 << 5 | date.getDate();
  return [[date.getHours() << 11 | date.getMinutes() << 5 | date.getSeconds() >> 1, 2], [day, 2]];
}

/**
 * Packs files: `{name, content, time}` with a blob and milliseconds since 1970.
 * Throws when it would be longer than 4 GB.
 */
export async function zip(files) {
  const [parts, directory] = [[], []];
  let offset = 0;
  for (const { name, content, time } of files) {
    const bytes = new Uint8Array(await content.arrayBuffer());
    const encoded = new TextEncoder().encode(name);
    const common = [[20, 2], [utf8Names, 2], [0, 2], ...dosTime(time ?? 0),
      [cyclicRedundancyCode(bytes), 4], [bytes.length, 4], [bytes.length, 4], [encoded.length, 2], [0, 2]];
    const head = numbers([0x04034B50, 4], ...common);
    directory.push(numbers([0x02014B50, 4], [20, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]), encoded);
    parts.push(head, encoded, content);
    offset += head.length + encoded.length + bytes.length;
    if (offset > maxBytes) throw new Error(text('export.too-large'));
  }
  const directoryBytes = directory.reduce((sum, part) => sum + part.length, 0);
  const end = numbers([0x06054B50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [directoryBytes, 4], [offset, 4], [0, 2]);
  return new Blob([...parts, ...directory, end], { type: 'application/zip' });
}
