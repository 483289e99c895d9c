// QR codes (ISO/IEC 18004): byte mode, error correction level M, versions 1 to 6, up to 106 bytes.

/** Per version: error correction codewords per block, number of blocks, data codewords per block. */
const versions = [[10, 1, 16], [16, 1, 28], [26, 1, 44], [18, 2, 32], [24, 2, 43], [16, 4, 27]];

// Arithmetic in GF(256) with the polynomial 0x11D.
const exponents = new Uint8Array(512);
const logarithms = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  exponents[power] = value;
  exponents[power + 255] = value;
  logarithms[value] = power;
  value = (value << 1) ^ (value & 0x80 ? 0x11D : 0);
}
const multiply = (one, other) => (one && other ? exponents[logarithms[one] + logarithms[other]] : 0);

/** The Reed-Solomon codewords of a block. */
function correction(data, count) {
  let generator = [1];
  for (let root = 0; root < count; root += 1) {
    const next = [...generator, 0];
    generator.forEach((factor, index) => { next[index + 1] ^= multiply(factor, exponents[root]); });
    generator = next;
  }
  const rest = [...data, ...new Array(count).fill(0)];
  for (let index = 0; index < data.length; index += 1) {
    const factor = rest[index];
    generator.forEach((coefficient, offset) => { rest[index + offset] ^= multiply(coefficient, factor); });
  }
  return rest.slice(data.length);
}

/** Data and correction of all blocks, interleaved. */
function codewords(bytes, [correctionCount, blockCount, dataCount]) {
  const bits = [0, 1, 0, 0, ...bitsOf(bytes.length, 8), ...Array.from(bytes).flatMap((byte) => bitsOf(byte, 8))];
  const capacity = 8 * blockCount * dataCount;
  bits.push(...new Array(Math.min(4, capacity - bits.length)).fill(0));
  while (bits.length % 8) bits.push(0);
  for (let padding = 0xEC; bits.length < capacity; padding ^= 0xEC ^ 0x11) bits.push(...bitsOf(padding, 8));
  const data = [];
  for (let start = 0; start < capacity; start += 8) data.push(parseInt(bits.slice(start, start + 8).join(''), 2));
  const blocks = Array.from({ length: blockCount }, (_, index) => data.slice(index * dataCount, (index + 1) * dataCount));
  const corrections = blocks.map((block) => correction(block, correctionCount));
  const woven = [];
  for (let index = 0; index < dataCount; index += 1) for (const block of blocks) woven.push(block[index]);
  for (let index = 0; index < correctionCount; index += 1) for (const block of corrections) woven.push(block[index]);
  return woven;
}

const bitsOf = (value, count) => Array.from({ length: count }, (_, index) => (value >> (count - 1 - index)) & 1);

const masks = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

/** Finder, timing and alignment patterns, and modules reserved for the format; `null` is a data module. */
function patterns(version) {
  const size = 17 + 4 * version;
  const grid = Array.from({ length: size }, () => new Array(size).fill(null));
  const square = (centerX, centerY, radius, isDark) => {
    for (let y = centerY - radius; y <= centerY + radius; y += 1) {
      for (let x = centerX - radius; x <= centerX + radius; x += 1) {
        if (grid[y]?.[x] === undefined) continue;
        grid[y][x] = isDark(Math.max(Math.abs(x - centerX), Math.abs(y - centerY))) ? 1 : 0;
      }
    }
  };
  for (let place = 8; place < size - 8; place += 1) grid[6][place] = grid[place][6] = (place + 1) % 2;
  if (version > 1) square(size - 7, size - 7, 2, (distance) => distance !== 1);
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(x, y, 4, (distance) => distance !== 2 && distance !== 4);
  for (let place = 0; place < 9; place += 1) {
    grid[8][place] ??= 0;
    grid[place][8] ??= 0;
    if (place < 8) {
      grid[8][size - 1 - place] ??= 0;
      grid[size - 1 - place][8] ??= 0;
    }
  }
  grid[size - 8][8] = 1;
  return grid;
}

/** Fills the data modules with masked bits: in columns of two, from the right, alternately up and down. */
function fill(grid, bits, mask) {
  const size = grid.length;
  const filled = grid.map((row) => [...row]);
  let next = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = (right + 1) & 2 ? step : size - 1 - step;
      for (const x of [right, right - 1]) {
        if (grid[y][x] !== null) continue;
        filled[y][x] = (bits[next] ?? 0) ^ (masks[mask](x, y) === 0 ? 1 : 0);
        next += 1;
      }
    }
  }
  return filled;
}

function addFormat(grid, mask) {
  const size = grid.length;
  let rest = mask << 10;
  for (let bit = 14; bit >= 10; bit -= 1) if ((rest >> bit) & 1) rest ^= 0x537 << (bit - 10);
  const format = ((mask << 10) | rest) ^ 0x5412;
  for (let index = 0; index < 15; index += 1) {
    const bit = (format >> index) & 1;
    // Beside the finder at the top left, around its corner; then beside the other two.
    if (index < 8) {
      grid[index < 6 ? index : index + 1][8] = bit;
      grid[8][size - 1 - index] = bit;
    } else {
      grid[8][index < 9 ? 7 : 14 - index] = bit;
      grid[size - 15 + index][8] = bit;
    }
  }
}

/** How hard a grid is to read: runs, blocks, what looks like a finder, imbalance. */
function penalty(grid) {
  const lines = [...grid, ...grid[0].map((_, x) => grid.map((row) => row[x]))].map((line) => line.join(''));
  let sum = 0;
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
    for (const pattern of ['10111010000', '00001011101']) {
      for (let at = line.indexOf(pattern); at >= 0; at = line.indexOf(pattern, at + 1)) sum += 40;
    }
  }
  for (let y = 1; y < grid.length; y += 1) {
    for (let x = 1; x < grid.length; x += 1) {
      const around = grid[y][x] + grid[y - 1][x] + grid[y][x - 1] + grid[y - 1][x - 1];
      if (around === 0 || around === 4) sum += 3;
    }
  }
  const dark = grid.flat().reduce((one, other) => one + other, 0) / grid.length ** 2;
  return sum + 10 * Math.floor(Math.abs(dark * 100 - 50) / 5);
}

/** The modules of a text's code, rows of 0 and 1; `null` when it is too long. */
export function qrModules(text) {
  const bytes = new TextEncoder().encode(text);
  const index = versions.findIndex(([, blocks, data]) => bytes.length <= blocks * data - 2);
  if (index < 0) return null;
  const bits = codewords(bytes, versions[index]).flatMap((byte) => bitsOf(byte, 8));
  const grid = patterns(index + 1);
  const candidates = masks.map((_, mask) => {
    const filled = fill(grid, bits, mask);
    addFormat(filled, mask);
    return filled;
  });
  return candidates.reduce((best, other) => (penalty(other) < penalty(best) ? other : best));
}

/** A text's code as a picture with the margin it needs; `null` when it is too long. */
export function qrPicture(text, label) {
  const modules = qrModules(text);
  if (!modules) return null;
  const size = modules.length + 8;
  const space = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(space, 'svg');
  picture.setAttribute('viewBox', `0 0 ${size} ${size}`);
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', label);
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', modules.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : ''))).join(''));
  picture.append(path);
  return picture;
}
