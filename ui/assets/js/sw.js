// The service worker of the patient's app. It keeps pages that the server marked for it, as last seen, with the
// files that they need, and nothing else; it shows them when the network doesn't answer, marked as old. It
// keeps one person's pages only, for a week, and until they sign out or the server says that they are.
import { flush, owners, disown } from "./offline-queue.js";

const pages = "mitral-my-pages";
const files = "mitral-my-files";
const mark = "Offline-Owner"; // the server's header: this page may be kept, for whom
const since = "X-Kept-At";
const week = 7 * 24 * 3600_000;
const patience = 500; // ms after which a kept page is shown while the network still thinks

const within = (path) => path === "/my" || path.startsWith("/my/");

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(file(event.request));
  else if (event.request.mode === "navigate" && within(url.pathname)) event.respondWith(page(event, url));
});

// forget takes everything private off this phone but what waits to be sent, which stays sealed.
async function forget() {
  fresh.clear();
  await Promise.all([caches.delete(pages), disown().catch(() => {})]);
}

async function file(request) {
  const kept = await caches.match(request.url, { cacheName: files });
  return kept ?? fetch(request);
}

// fresh are pages that came after their kept copy was shown; each is used once.
const fresh = new Map();

async function page(event, url) {
  const ready = fresh.get(url.pathname);
  fresh.delete(url.pathname);
  if (ready && !url.search && Date.now() - ready.at < 20_000) return ready.answer;
  let late = false; // the kept copy was shown meanwhile
  const answer = fetch(event.request).then(async (said) => {
    if (said.type === "opaqueredirect" || said.status === 401) {
      await forget();
      if (late) await tell(event, "gone");
    } else if (!url.search) {
      const copy = said.clone();
      const keep = learn(url.pathname, said.clone());
      if (late && said.ok) {
        fresh.set(url.pathname, { answer: copy, at: Date.now() });
        await keep;
        await tell(event, "fresh");
      } else {
        event.waitUntil(keep);
      }
    }
    return said;
  });
  const kept = await held(url.pathname);
  if (!kept) return answer.catch(() => nothing(url));
  const first = await Promise.race([answer.catch(() => null), url.search ? answer.catch(() => null) : new Promise((done) => setTimeout(done, patience))]);
  if (first) return first;
  late = true;
  event.waitUntil(answer.catch(() => {}));
  return kept;
}

async function tell(event, what) {
  const client = await clients.get(event.resultingClientId);
  client?.postMessage(what);
}

// learn keeps a page that may be kept. With another owner than before, everything of the other goes first.
async function learn(path, answer) {
  const owner = answer.headers.get(mark);
  if (!answer.ok || answer.redirected || !owner) return;
  const cache = await caches.open(pages);
  const before = await cache.match("/my");
  if (before && before.headers.get(mark) !== owner) {
    await caches.delete(pages);
    return learn(path, answer);
  }
  const headers = new Headers(answer.headers);
  for (const name of ["Content-Encoding", "Content-Length", "Set-Cookie"]) headers.delete(name);
  headers.set(since, new Date().toISOString());
  const text = await answer.text();
  await Promise.all([cache.put(path, new Response(text, { headers })), need(text)]);
}

// need keeps the files that a page or a file names. Their addresses carry the hash of what is in them.
async function need(text, base = "/assets/js/") {
  const named = [...text.matchAll(/["'(](\/assets\/[a-zA-Z0-9./-]+)/g)].map((m) => m[1]);
  const beside = [...text.matchAll(/["']\.\/([a-z0-9.-]+\.js)["']/g)].map((m) => base + m[1]);
  const cache = await caches.open(files);
  for (const path of new Set([...named, ...beside])) {
    if (path.includes("/img/app-") || (await cache.match(path))) continue;
    const got = await fetch(path).catch(() => null);
    if (!got?.ok || !got.headers.get("Cache-Control")?.includes("immutable")) continue;
    await cache.put(path, got.clone());
    if (/\.(js|css)$/.test(path)) await need(await got.text());
  }
}

// held returns a kept page, marked as such, or nothing.
async function held(path) {
  const kept = await caches.match(path, { cacheName: pages });
  if (!kept) return null;
  const at = kept.headers.get(since);
  if (!(Date.now() - new Date(at) < week)) {
    await (await caches.open(pages)).delete(path);
    return null;
  }
  const text = await kept.text();
  return new Response(text.replace("<body ", `<body data-kept="${at}" `), { headers: kept.headers });
}

// nothing is for a page that was never seen: the first page if there is one, else the browser says that it is offline.
async function nothing(url) {
  if (url.pathname !== "/my" && (await held("/my"))) return Response.redirect("/my", 302);
  return Response.error();
}

// sweep drops files that no kept page names any more, as after a new version of the program.
async function sweep() {
  const used = new Set();
  const look = async (text) => {
    for (const [, path] of text.matchAll(/["'(](\/assets\/[a-zA-Z0-9./-]+)/g)) used.add(path);
    for (const [, name] of text.matchAll(/["']\.\/([a-z0-9.-]+\.js)["']/g)) used.add("/assets/js/" + name);
  };
  const cache = await caches.open(files);
  for (const [name, all] of [[pages, await caches.open(pages)], [files, cache]]) {
    for (const request of await all.keys()) {
      if (name === pages || /\.(js|css)$/.test(request.url)) await look(await (await all.match(request)).text());
    }
  }
  for (const request of await cache.keys()) if (!used.has(new URL(request.url).pathname)) await cache.delete(request);
}

// A page asks to keep others beside it: those on which readings are added.
addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(forget());
  if (!Array.isArray(event.data?.keep)) return;
  event.waitUntil((async () => {
    for (const path of event.data.keep) {
      if (typeof path !== "string" || !within(path)) continue;
      const got = await fetch(path, { redirect: "manual", headers: { Accept: "text/html" } }).catch(() => null);
      if (got?.type === "opaqueredirect" || got?.status === 401) return forget();
      if (got?.ok) await learn(path, got);
    }
    await sweep();
  })());
});

// Where the browser knows background sync, what waits goes as soon as there is a network again.
addEventListener("sync", (event) => {
  if (event.tag !== "unsent") return;
  event.waitUntil((async () => {
    for (const one of await owners()) if ((await flush(one.owner, one.root)).gone) await forget();
  })());
});

addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data.json();
  } catch {
    // a notice must be shown all the same
  }
  const url = within(said.url ?? "") ? said.url : "/my";
  event.waitUntil(registration.showNotification(said.title ?? "", { body: said.body ?? "", tag: said.tag ?? "todo", lang: said.lang ?? "", data: { url } }));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const to = event.notification.data?.url ?? "/my";
    for (const client of await clients.matchAll({ type: "window" })) {
      if (within(new URL(client.url).pathname)) return (await client.focus()).navigate(to);
    }
    return clients.openWindow(to);
  })());
});
