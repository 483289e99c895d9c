// The pictures of entries: in the width that fits, and until they are there in their colour and size.
import { element } from './elements.js';
import { text } from '../text/text.js';

// As the server has them; a browser takes the one that fits.
const widths = [320, 480, 800, 1600];
const maxSecondsBetweenAttempts = 10;
/** Wider and higher pictures are cut: a wall of towers and ribbons is none. */
const [minRatio, maxRatio] = [0.75, 16 / 9];
const usualRatio = 4 / 3;

/** What a photo's name tells of its looks: `<ms>-<6><3: ratio><5: colour>`, to the base 36. */
function lookOf(url) {
  const [, ratio, colour] = /\/\d+-[0-9a-z]{6}([0-9a-z]{3})([0-9a-z]{5})\.\w+$/.exec(url ?? '') ?? [];
  if (!ratio) return { ratio: usualRatio };
  const value = parseInt(colour, 36) & 0xffffff;
  return { ratio: 2 ** ((parseInt(ratio, 36) - 1536) / 256), colour: `#${value.toString(16).padStart(6, '0')}` };
}

/** The addresses of a photo in all its widths; one that is elsewhere has only its own. */
function sources(url) {
  // Cloudinary makes them itself, of what its address says.
  const [before, after] = url.split('/image/upload/');
  if (after) return widths.map((width) => `${before}/image/upload/c_limit,f_auto,q_auto,w_${width}/${after} ${width}w`).join(', ');
  const name = url.startsWith('/uploads/') ? url.slice('/uploads/'.length) : null;
  return name === null ? '' : widths.map((width) => `/thumbs/${width}/${name} ${width}w`).join(', ');
}

/**
 * A picture of an entry, in the width that fits; `sizes` says how wide it will be. It is seen when it is
 * there: what a browser shows of one that is not is nobody's wish.
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
  // It may be one of many that are being made, or the connection was gone.
  made.addEventListener('error', () => {
    made.classList.add('coming');
    attempts += 1;
    const seconds = Math.min(maxSecondsBetweenAttempts, attempts) * (0.5 + Math.random());
    // Also of a card that is not shown: it may be shown again.
    setTimeout(() => {
      made.removeAttribute('srcset');
      made.removeAttribute('src');
      load();
    }, 1000 * seconds);
  });
  load();
  return made;
}

/** The text for a picture: its caption, or what it is. */
function alternative(entry, categoryName) {
  return entry.caption?.trim() || text('wall.alternative', { category: categoryName });
}

/** The box in which an entry's picture stands, in its colour and proportions, or words where there is none. */
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

/** Has the cards of a wall stand close, whatever their heights are. */
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
