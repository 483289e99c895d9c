// The pictures of entries, in the width that fits; a box of their colour and size stands in until they load.
import { element } from './elements.js';
import { text } from '../text/text.js';

// The widths that the server offers; a browser takes the one that fits.
const widths = [320, 480, 800, 1600];
const maxSecondsBetweenAttempts = 10;
/** Wider and taller pictures are cropped: towers and ribbons would spoil the wall. */
const [minRatio, maxRatio] = [0.75, 16 / 9];
const usualRatio = 4 / 3;

/** What a photo's name says about its looks: `<ms>-<6><3: ratio><5: colour>`, in base 36. */
function lookOf(url) {
  const [, ratio, colour] = /\/\d+-[0-9a-z]{6}([0-9a-z]{3})([0-9a-z]{5})\.\w+$/.exec(url ?? '') ?? [];
  if (!ratio) return { ratio: usualRatio };
  const value = parseInt(colour, 36) & 0xffffff;
  return { ratio: 2 ** ((parseInt(ratio, 36) - 1536) / 256), colour: `#${value.toString(16).padStart(6, '0')}` };
}

/** The address of a photo in one width; Cloudinary makes the widths itself, as the address asks. */
export function sourceAt(url, width) {
  const [before, after] = url.split('/image/upload/');
  if (after) return `${before}/image/upload/c_limit,f_auto,q_auto,w_${width}/${after}`;
  return url.startsWith('/uploads/') ? `/thumbs/${width}/${url.slice('/uploads/'.length)}` : url;
}

/** The addresses of a photo in all its widths; a photo hosted elsewhere has only its own. */
function sources(url) {
  const isOffered = url.startsWith('/uploads/') || url.includes('/image/upload/');
  return isOffered ? widths.map((width) => `${sourceAt(url, width)} ${width}w`).join(', ') : '';
}

/**
 * A picture of an entry, in the width that fits; `sizes` says how wide it will be. It stays invisible
 * until it has loaded: nobody wants to see a browser's mark for a missing picture.
 */
export function picture(entry, alt, sizes, loading = 'lazy') {
  const srcset = sources(entry.imageUrl);
  const made = element('img', { alt, loading, decoding: 'async', class: 'coming', ...(srcset ? { sizes } : {}) });
  function load() {
    if (srcset) made.srcset = srcset;
    else made.src = entry.imageUrl;
  }
  let attempts = 0;
  made.addEventListener('load', () => made.classList.remove('coming'));
  // The server may still be making it, or the connection was lost.
  made.addEventListener('error', () => {
    made.classList.add('coming');
    attempts += 1;
    const seconds = Math.min(maxSecondsBetweenAttempts, attempts) * (0.5 + Math.random());
    // Also for a card that is not shown: it may be shown again.
    setTimeout(() => {
      made.removeAttribute('srcset');
      made.removeAttribute('src');
      load();
    }, 1000 * seconds);
  });
  load();
  return made;
}

/** The alternative text of a picture: its caption, or its category. */
function alternative(entry, categoryName) {
  return entry.caption?.trim() || text('wall.alternative', { category: categoryName });
}

/** The box for an entry's picture, in its colour and proportions; words if there is no picture. */
export function frame(entry, categoryName, sizes = '(min-width: 36rem) 18rem, 50vw') {
  const box = element('div', { class: 'frame' });
  if (!entry.imageUrl) {
    box.append(element('div', { class: 'words' }, text('wall.no-photo')));
    return box;
  }
  const { ratio, colour } = lookOf(entry.imageUrl);
  box.style.aspectRatio = String(Math.min(maxRatio, Math.max(minRatio, ratio)));
  if (colour) box.style.backgroundColor = colour;
  box.append(picture(entry, alternative(entry, categoryName), sizes));
  return box;
}

const pixelsOfRow = 8;

/** Packs the cards of a wall closely, whatever their heights. */
export function standClose(wall) {
  wall.classList.add('close');
  const sizes = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      const height = target.getBoundingClientRect().height;
      const gap = parseFloat(getComputedStyle(wall).columnGap) || 0;
      if (height > 0) target.style.gridRowEnd = `span ${Math.ceil((height + gap) / pixelsOfRow)}`;
    }
  });
  new MutationObserver((changes) => {
    for (const { addedNodes, removedNodes } of changes) {
      for (const card of removedNodes) if (card instanceof Element) sizes.unobserve(card);
      for (const card of addedNodes) if (card instanceof Element) sizes.observe(card);
    }
  }).observe(wall, { childList: true });
}
