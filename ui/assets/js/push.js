// Notifications on this phone: the browser subscribes with our public key, and the server is told where.
const part = document.getElementById("here");
const status = part?.querySelector("[role=status]");
const press = part?.querySelector("button");
const key = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

async function begin() {
  if (!part || !navigator.serviceWorker || !globalThis.PushManager || !globalThis.Notification) return;
  const registration = await navigator.serviceWorker.register("/my/sw.js", { scope: "/my", updateViaCache: "none" });
  part.hidden = false;
  document.getElementById("nopush").hidden = true;
  if (Notification.permission === "denied") {
    press.hidden = true;
    status.textContent = part.dataset.denied;
  } else if (Notification.permission === "granted" && (await registration.pushManager.getSubscription())) {
    press.hidden = true;
    status.textContent = part.dataset.on;
  }
  press.addEventListener("click", () => turnOn(registration));
}

async function turnOn(registration) {
  status.textContent = "";
  if ((await Notification.requestPermission()) !== "granted") {
    status.textContent = part.dataset.denied;
    return;
  }
  try {
    await navigator.serviceWorker.ready;
    const s = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key(part.dataset.key) });
    const name = navigator.userAgentData?.platform || (/iPhone|iPad|Android|Mac|Windows|Linux/.exec(navigator.userAgent)?.[0] ?? "");
    const answer = await fetch("/my/me/reminders/phone", {
      method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ endpoint: s.endpoint, p256dh: text(s.getKey("p256dh")), auth: text(s.getKey("auth")), name }),
    });
    if (!answer.ok) {
      await s.unsubscribe();
      throw new Error(String(answer.status));
    }
    location.assign("/my/me/reminders?done=saved");
  } catch {
    status.textContent = part.dataset.failed;
  }
}

begin().catch(() => {}); // mail and the app itself are there all the same
