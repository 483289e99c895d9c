// The chosen photo: read at once, examined, and made smaller if it is too large.

/** The long side after shrinking, in pixels: enough for any screen, and small enough for a bad connection. */
const longSide = 4096;
const qualities = [0.9, 0.8, 0.65, 0.5];
const stepsOfSize = [1, 0.75, 0.5];

/** What is wrong with a photo: the key of a text, and its values. */
export class PhotoProblem extends Error {
  constructor(key, values = {}) {
    super(key);
    [this.key, this.values] = [key, values];
  }
}

/** The bytes as they are now: the file may be changed or gone by the time it is sent. */
async function read(file) {
  if (file.size === 0) throw new PhotoProblem('form.photo-empty');
  try {
    return new Blob([await file.arrayBuffer()], { type: file.type });
  } catch {
    throw new PhotoProblem('form.photo-changed');
  }
}

/** The picture, if this browser can show it. */
function decoded(blob) {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => resolve(null);
    image.src = URL.createObjectURL(blob);
  });
}

function drawn(image, width, height) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))];
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  // Drawn upright: the camera's orientation is applied, and then dropped.
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** The average colour. */
function colourOf(image) {
  try {
    const side = 8;
    const { data } = drawn(image, side, side).getContext('2d').getImageData(0, 0, side, side);
    const sum = [0, 0, 0];
    for (let place = 0; place < data.length; place += 4) for (const part of [0, 1, 2]) sum[part] += data[place + part];
    return `#${sum.map((value) => Math.round(value / side ** 2).toString(16).padStart(2, '0')).join('')}`;
  } catch {
    return null;
  }
}

/** The picture as JPEG, in the best quality that fits; `null` when none does. */
async function smaller(image, maxBytes, maxPixels) {
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  const fit = Math.min(1, longSide / Math.max(width, height), Math.sqrt(maxPixels / (width * height)));
  for (const step of stepsOfSize) {
    const canvas = drawn(image, width * fit * step, height * fit * step);
    for (const quality of qualities) {
      const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', quality); });
      if (blob && blob.size <= maxBytes) return blob;
    }
  }
  return null;
}

/**
 * What to send for a file: the file as it is, or the picture made smaller if it must be.
 * Throws a `PhotoProblem`.
 */
export async function prepare(file, { maxUploadBytes = Infinity, maxPixels = Infinity } = {}) {
  const blob = await read(file);
  const image = await decoded(blob);
  try {
    const isTooLarge = blob.size > maxUploadBytes
      || (image && image.naturalWidth * image.naturalHeight > maxPixels);
    const photo = { blob, name: file.name, colour: image && colourOf(image) };
    if (!isTooLarge) return photo;
    photo.blob = image && await smaller(image, maxUploadBytes, maxPixels).catch(() => null);
    if (!photo.blob) throw new PhotoProblem('form.too-large', { size: Math.floor(maxUploadBytes / 1048576) });
    photo.name = `${file.name.replace(/\.\w*$/, '')}.jpg`;
    return photo;
  } finally {
    if (image) URL.revokeObjectURL(image.src);
  }
}

