// What waits on this phone to be sent: in IndexedDB, each reading sealed with a key that the phone has only as long
// as its owner is signed in. Both the pages and the service worker use this file; the worker gets it as plain
// script, so it imports nothing and every line that begins with "export" or "import" stands alone.

const most = 500; // readings that one phone keeps
const batch = 100; // readings in one request

// store opens the database anew each time: nobody holds it open across a sign-out.
function store() {
  return new Promise((resolve, reject) => {
    const open = indexedDB.open("mitral-my", 1);
    open.onupgradeneeded = () => {
      open.result.createObjectStore("queue", { keyPath: "key" }).createIndex("owner", "owner");
      open.result.createObjectStore("owners", { keyPath: "owner" });
    };
    open.onsuccess = () => resolve(open.result);
    open.onerror = () => reject(open.error);
  });
}

// transact runs f on the object stores in one transaction and returns what its request says; a strict one once that is
// on the disk, which can take long. What can be had again needs no more than the browser's word.
async function transact(mode, f, durability = "strict") {
  const db = await store();
  try {
    return await new Promise((resolve, reject) => {
      const tx = db.transaction(["queue", "owners"], mode, { durability });
      const request = f(tx.objectStore("queue"), tx.objectStore("owners"));
      tx.oncomplete = () => resolve(request?.result);
      tx.onerror = tx.onabort = () => reject(tx.error);
    });
  } finally {
    db.close();
  }
}

// own tells the phone who is signed in now. Keys of others go.
export async function own(owner, root, raw) {
  const bytes = Uint8Array.from(atob(raw.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  await transact("readwrite", (_, owners) => {
    if (root === "/my") owners.clear();
    owners.put({ owner, root, key });
  }, "relaxed");
}

// disown takes the keys away: what waits stays, and nobody can read it until its owner signs in again.
export const disown = () => transact("readwrite", (_, owners) => owners.clear());

export const owners = () => transact("readonly", (_, all) => all.getAll());

async function keyOf(owner) {
  return (await transact("readonly", (_, all) => all.get(owner)))?.key;
}

// put keeps a reading: { key, measure, values, unit, at, zone, note, device, sure, label }. It returns "" or why not.
export async function put(owner, entry, state = {}) {
  const key = await keyOf(owner);
  if (!key) return "noStorage";
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(JSON.stringify({ entry, state })));
  if ((await transact("readonly", (queue) => queue.count())) >= most) return "tooMany";
  await transact("readwrite", (queue) => queue.put({ key: entry.key, owner, iv, data }));
  return "";
}

export const drop = (key) => transact("readwrite", (queue) => queue.delete(key), "relaxed"); // sent twice it counts once

// waiting lists what an owner has here, as [{ entry, state }]; what can't be opened is left alone.
export async function waiting(owner) {
  const key = await keyOf(owner);
  if (!key) return [];
  const all = [];
  for (const row of await transact("readonly", (queue) => queue.index("owner").getAll(owner))) {
    try {
      const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, key, row.data);
      all.push(JSON.parse(new TextDecoder().decode(text)));
    } catch {
      // sealed with another key
    }
  }
  return all.sort((a, b) => (a.entry.at < b.entry.at ? -1 : 1));
}

// local writes an instant as the clock on the wall shows it, with its distance from UTC.
export function local(date = new Date()) {
  const two = (n) => String(Math.floor(Math.abs(n))).padStart(2, "0");
  const off = -date.getTimezoneOffset();
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${off < 0 ? "-" : "+"}${two(off / 60)}:${two(Math.abs(off) % 60)}`;
}

// flush sends what waits, once: what the server answers for goes or is marked. It returns { sent, left, gone }:
// sent are the keys that are in the record now, gone that nobody is signed in, or somebody else.
export function flush(owner, root) {
  const run = async () => {
    const done = { sent: [], left: 0, gone: false };
    for (;;) {
      const all = (await waiting(owner)).filter((one) => !one.state.why);
      done.left = all.length;
      if (all.length === 0) return done;
      const part = all.slice(0, batch);
      const entries = part.map(({ entry: { key, measure, values, unit, at, zone, note, device, sure } }) => ({ key, measure, values, unit, at, zone, note, device, sure }));
      const answer = await fetch(root + "/sync", {
        method: "POST", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(30_000),
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ owner, sent: local(), entries }),
      });
      if (answer.status === 401 || answer.type === "opaqueredirect") return { ...done, gone: true };
      if (answer.status === 403 || answer.status === 404 || answer.status === 409) {
        for (const one of part) await put(owner, one.entry, { why: "foreign" });
        continue;
      }
      if (!answer.ok) throw new Error(`sync: ${answer.status}`);
      const told = new Map((await answer.json()).answers.map((one) => [one.key, one]));
      for (const one of part) {
        const said = told.get(one.entry.key);
        if (said?.result === "stored" || said?.result === "same") {
          await drop(one.entry.key);
          done.sent.push(one.entry.key);
        } else {
          await put(owner, one.entry, { why: said?.result === "ask" ? "ask" : "refused", said: said?.why ?? [] });
        }
      }
    }
  };
  return navigator.locks ? navigator.locks.request("mitral-queue", run) : run();
}
