// Keeps the judges' page for where there is no network; what the site gives within ten seconds comes first.
const pageCache = 'judge-page';
const photoCache = 'judge-photos';
const secondsOfPatience = 10;
const files = [
  '/judge', '/assets/judge/judge.css', '/assets/judge/judge.js', '/assets/judge/judge-cards.js', '/assets/judge/judge-sending.js',
  '/assets/shared/style.css', '/assets/shared/icon.svg', '/assets/shared/clock.js', '/assets/shared/elements.js', '/assets/shared/event.js',
  '/assets/shared/label.js', '/assets/shared/live.js', '/assets/shared/pictures.js', '/assets/shared/request.js',
  '/assets/text/text.js', '/assets/text/text-de.js', '/assets/text/text-en.js',
];

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

async function page(request, path) {
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
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (files.includes(pathname)) event.respondWith(page(request, pathname));
  else if (pathname.startsWith('/thumbs/')) {
    event.respondWith(caches.open(photoCache).then((cache) => cache.match(pathname)).then((kept) => kept ?? fetch(request)));
  }
});
