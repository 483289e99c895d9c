// The desk's sections, each with an address of its own: `/admin#judging`.
const links = () => document.querySelectorAll('.sections a');
const sections = () => document.querySelectorAll('[data-section]');
/** What is shown without an address: what is at work while the contest runs. */
const overview = { name: 'everything', sections: ['winners', 'entries'] };

/** Shows what the address names. */
export function showSection() {
  if (document.getElementById('desk').hidden) return;
  const names = new Set(Array.from(sections(), ({ dataset }) => dataset.section));
  const asked = location.hash.slice(1);
  const chosen = names.has(asked) ? asked : overview.name;
  for (const section of sections()) {
    const { section: name } = section.dataset;
    section.hidden = chosen === overview.name ? !overview.sections.includes(name) : name !== chosen;
  }
  document.body.dataset.shown = chosen;
  for (const link of links()) {
    if (link.hash === `#${chosen}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

window.addEventListener('hashchange', () => {
  showSection();
  window.scrollTo(0, 0);
});
