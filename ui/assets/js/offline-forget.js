// Whoever signs out takes everything of theirs off the phone: the kept pages, the key of what waits to be sent, the
// notifications. What waits stays, sealed, until the same person signs in again.
import { disown } from "./offline-queue.js";

export async function forget() {
  const registration = await navigator.serviceWorker?.getRegistration("/my").catch(() => null);
  await Promise.allSettled([
    globalThis.caches?.delete("mitral-my-pages"),
    globalThis.indexedDB?.databases?.().then((all) => all.some((d) => d.name === "mitral-my") && disown()) ?? disown(),
    forgetDrafts(),
    registration?.pushManager?.getSubscription().then((s) => s?.unsubscribe()),
  ]);
}

// Words that were not sent: what a message began with.
async function forgetDrafts() {
  for (const key of Object.keys(localStorage)) if (key.startsWith("mitral-draft:")) localStorage.removeItem(key);
}
