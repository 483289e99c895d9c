// The draft of an entry, which survives a reload: kept as long as the tab is open, and an hour longer.

const millisecondsKept = 60 * 60 * 1000;
const secondsOfPatience = 2;
const millisecondsBetweenSigns = 5 * 60 * 1000;

/** A key that makes repeated attempts one submission. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The tab's name; a duplicated tab gets one of its own. */
async function nameOfTab() {
  let name = null;
  try { name = sessionStorage.getItem('tab'); } catch { /* Then it is kept as long as the page. */ }
  if (name && await isHeld(name)) name = null;
  name ??= newKey();
  try { sessionStorage.setItem('tab', name); } catch { /* As above. */ }
  // Held as long as the page is open; without locks, a duplicated tab is recognized by the site's answer.
  navigator.locks?.request(`draft-${name}`, () => new Promise(() => {}));
  return name;
}

async function isHeld(name) {
  if (!navigator.locks) return false;
  // A page that is being left may hold it for a moment more.
  for (let look = 0; look < 5; look += 1) {
    const { held } = await navigator.locks.query();
    if (!held.some((lock) => lock.name === `draft-${name}`)) return false;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  return true;
}

function open() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('contest', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('drafts', { keyPath: 'tab' });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

async function inStore(mode, body) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction('drafts', mode);
      const request = body(transaction.objectStore('drafts'));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

const tab = nameOfTab();

/** Keeps a draft: its key, its fields, its photo, and whether it has been sent. */
export async function keep(draft) {
  // A browser that keeps nothing, as in a private window, can enter all the same.
  const name = await tab;
  await atMost(inStore('readwrite', (store) => store.put({ ...draft, tab: name, at: Date.now() })).catch(() => {}));
}

/** The name of this tab, as soon as it is known. */
let ownName = null;
tab.then((name) => { ownName = name; });

/** Keeps what a page can still keep while it is being left: all but the photo, which was kept when chosen. */
export function keepNow(draft) {
  try {
    sessionStorage.setItem('draft', JSON.stringify({ ...draft, tab: ownName, at: Date.now() }));
  } catch { /* Then the last one that was kept counts. */ }
}

/** What was kept when the page was left; what a duplicated tab has copied from the other is not its own. */
function keptLast(name) {
  try {
    const draft = JSON.parse(sessionStorage.getItem('draft'));
    return draft?.tab === name ? draft : null;
  } catch {
    return null;
  }
}

/** The draft of this tab, if there is one: the later of the two. */
export async function kept() {
  const draft = await atMost(keptBefore(), null);
  const last = keptLast(await tab);
  if (!last || (draft && draft.at > last.at)) return draft;
  return { ...last, photo: draft?.key === last.key ? draft.photo : null };
}

/** Limits a wait: a browser's storage may never answer, and no entrant should wait for it. */
function atMost(promise, otherwise) {
  return Promise.race([promise, new Promise((resolve) => { setTimeout(() => resolve(otherwise), 1000 * secondsOfPatience); })]);
}

async function keptBefore() {
  try {
    const name = await tab;
    const all = await inStore('readonly', (store) => store.getAll());
    const old = all.filter(({ at }) => Date.now() - at > millisecondsKept);
    if (old.length > 0) await inStore('readwrite', (store) => { for (const draft of old) store.delete(draft.tab); });
    return all.find((draft) => draft.tab === name && !old.includes(draft)) ?? null;
  } catch {
    return null;
  }
}

/** Forgets the draft of this tab. */
export async function forget() {
  try { sessionStorage.removeItem('draft'); } catch { /* There is none, then. */ }
  const name = await tab;
  await atMost(inStore('readwrite', (store) => store.delete(name)).catch(() => {}));
}

/** Keeps the draft from expiring while the tab is open. */
setInterval(async () => {
  const draft = await keptBefore();
  if (draft) await keep(draft);
}, millisecondsBetweenSigns);
