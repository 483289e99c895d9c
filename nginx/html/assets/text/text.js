// The texts of the pages: one file per language, assets/text/text-<language>.js.

const languages = ['en', 'de'];

/** The language of the page: asked for by `?lang=`, chosen before, or the browser's. */
function chosenLanguage() {
  const asked = new URLSearchParams(location.search).get('lang');
  if (languages.includes(asked)) {
    try { localStorage.setItem('language', asked); } catch { /* Without storage it holds for this page. */ }
    return asked;
  }
  let kept = null;
  try { kept = localStorage.getItem('language'); } catch { /* Then the browser's. */ }
  const wanted = [kept, ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return wanted.find((tag) => languages.includes(tag)) ?? languages[0];
}

export const language = chosenLanguage();
const { texts } = await import(`./text-${language}.js`);

/**
 * Text that a person wrote, as part of a sentence: if it has another direction, it is isolated, and its
 * own direction controls are removed (Unicode Standard Annex 9, section 2.4).
 */
function isolated(value) {
  const plain = String(value);
  if (!/[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]/.test(plain)) return plain;
  return `\u2068${plain.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069`;
}

/** A text, with values in place of `{name}`. */
export function text(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? isolated(values[name]) : whole));
}

/** What an error of the site means, in the page's language. */
export function errorText(code, sentence) {
  return texts[`error.${code}`] ?? sentence;
}

/** Puts the texts into the elements that name one: `data-text`, and `data-label` for `aria-label`. */
function translate() {
  document.documentElement.lang = language;
  for (const made of document.querySelectorAll('[data-text]')) made.textContent = text(made.dataset.text);
  for (const made of document.querySelectorAll('[data-label]')) made.setAttribute('aria-label', text(made.dataset.label));
  for (const link of document.querySelectorAll('[data-language]')) {
    link.hidden = link.dataset.language === language;
    link.href = `?lang=${link.dataset.language}`;
  }
}

translate();
