// Keeps one page for where there is no network; what the site gives within ten seconds comes first.
// The page names itself: /page-worker.js?page=judge.
const page = new URL(self.location.href).searchParams.get('page');
const pageCache = `${page}-page`;
/** The photos that a judge's page has kept; a voter's page keeps none. */
const photoCache = page === 'judge' ? 'judge-photos' : null;
const secondsOfPatience = 10;
const shared = [
  ...['style.css', 'icon.svg', 'clock.js', 'code.js', 'elements.js', 'event.js', 'id.js', 'kept.js', 'label.js', 'live.js', 'pictures.js', 'request.js'].map((name) => `/assets/shared/${name}`),
  '/assets/text/text.js', '/assets/text/text-de.js', '/assets/text/text-en.js',
];
const own = {
  judge: ['/judge', ...['judge.css', 'judge.js', 'judge-cards.js', 'judge-sending.js'].map((name) => `/assets/judge/${name}`)],
  vote: ['/vote', ...['vote.css', 'vote.js', 'ballots.js', 'result.js'].map((name) => `/assets/vote/${name}`), '/assets/shared/votes.js'],
};
const files = [...(own[page] ?? []), ...shared];

self.addEventListener('install', (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

/** Keeps all files or none: what a log-in page gives instead is not kept. */
async function keepAll() {
  const answers = await Promise.all(files.map((path) => fresh(path, path)));
  const cache = await caches.open(pageCache);
  await Promise.all(answers.map((answer, index) => cache.put(files[index], answer)));
}

self.addEventListener('activate', (event) => { event.waitUntil(self.clients.claim()); });

/** The site's answer if it comes soon and is of the right type: a network's log-in page is not. */
async function fresh(request, path) {
  const response = await fetch(request, { signal: AbortSignal.timeout(1000 * secondsOfPatience) });
  const type = response.headers.get('Content-Type') ?? '';
  const wanted = path.endsWith('.js') ? 'javascript' : path.endsWith('.css') ? 'css' : path.endsWith('.svg') ? 'svg' : 'html';
  if (!response.ok || response.redirected || !type.includes(wanted)) throw new Error(`${path} is ${response.status} ${type}`);
  return response;
}

async function pageFile(request, path) {
  const cache = await caches.open(pageCache);
  try {
    const response = await fresh(request, path);
    // Storage may be full: the page is shown all the same.
    cache.put(path, response.clone()).catch(() => {});
    return response;
  } catch {
    return (await cache.match(path)) ?? Response.error();
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (files.includes(pathname) && !searchParams.has('code')) event.respondWith(pageFile(request, pathname));
  else if (photoCache && pathname.startsWith('/thumbs/')) {
    event.respondWith(caches.open(photoCache).then((cache) => cache.match(pathname)).then((kept) => kept ?? fetch(request)));
  }
});
