// The patient's app without a network: pages as last seen say so, and a reading is kept on this phone until it is
// sent, once. Everything works without this script, as long as there is a network.
import { own, disown, put, drop, waiting, flush, local } from "./offline-queue.js";
import { judge } from "./offline-judge.js";

const part = document.getElementById("unsent");
const told = part?.querySelector("div");
const { owner, root } = part?.dataset ?? {};
const t = JSON.parse(part?.dataset.texts ?? "{}");
const say = (text, ...args) => args.reduce((s, a) => s.replace("%s", a), text);
const kept = document.body.dataset.kept; // when this copy of the page was made; none for the page itself
const able = Boolean(part && globalThis.isSecureContext && globalThis.indexedDB && crypto.subtle);

export const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

function element(name, text, attributes = {}) {
  const e = document.createElement(name);
  e.textContent = text;
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  return e;
}

function button(text, kind, press) {
  const b = element("button", text, { type: "button", class: `btn compact ${kind}` });
  b.addEventListener("click", press, { once: true });
  return b;
}

// show draws what there is to say: the age of the page, what waits, what was asked or refused.
async function show(extra = "") {
  if (!able) return;
  const all = await waiting(owner);
  const open = all.filter((one) => !one.state.why);
  const lines = [];
  if (kept) {
    const at = new Date(kept);
    const today = at.toDateString() === new Date().toDateString();
    const clock = at.toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit", hourCycle: "h23" });
    lines.push(element("p", say(t.asOf, today ? clock : `${at.toLocaleDateString(document.documentElement.lang, { day: "numeric", month: "long" })}, ${clock}`)));
    lines[0].className = "strong";
  }
  if (extra) lines.push(element("p", extra, { class: "strong" }));
  if (open.length) lines.push(element("p", open.length === 1 ? t.one : say(t.many, open.length)));
  const list = element("ul", "");
  for (const { entry, state } of all) {
    const item = element("li", "");
    item.append(element("b", entry.label));
    if (state.why) {
      item.append(element("p", state.why === "ask" ? `${t.ask} ${state.said.join(" ")}` : state.why === "foreign" ? t.foreign : `${t.refused} ${state.said.join(" ")}`));
      const row = element("p", "", { class: "row tight" });
      if (state.why === "ask") row.append(button(t.yes, "", () => put(owner, { ...entry, sure: true }).then(send)));
      row.append(button(t.drop, "second", () => drop(entry.key).then(() => show())));
      item.append(row);
    }
    list.append(item);
  }
  if (all.length) lines.push(list);
  told.replaceChildren(...lines);
  part.hidden = lines.length === 0;
}

// send sends what waits, and says what came of it.
async function send() {
  if (!able) return null;
  try {
    const done = await flush(owner, root);
    if (done.gone) await gone();
    else if (done.sent.length && kept) location.reload();
    else await show(done.sent.length ? t.sent : "");
    return done;
  } catch { // no network, or a server that is busy: the next opening tries again
    await show(navigator.onLine === false ? t.offline : "");
    (await navigator.serviceWorker?.getRegistration(root).catch(() => null))?.sync?.register("unsent").catch(() => {});
    return null;
  }
}

// gone: nobody is signed in any more. What waits is sealed; the kept pages go.
async function gone() {
  navigator.serviceWorker?.controller?.postMessage("forget");
  await disown();
  location.assign("/sign-in?next=" + encodeURIComponent(root));
}

// keep puts readings on this phone and tries to send them at once. It returns what became of the first: "stored",
// "asked", "refused" (the server wants to say something about it), "kept", or "" if it could not even be kept.
export async function keep(entries) {
  if (!able) return "";
  for (const entry of entries) {
    const why = await put(owner, entry).catch(() => "noStorage");
    if (why) return "";
  }
  if (navigator.onLine === false) return "kept";
  try {
    const done = await flush(owner, root);
    if (done.gone) return "gone";
    const left = (await waiting(owner)).find((one) => one.entry.key === entries[0].key);
    return left ? left.state.why || "kept" : "stored";
  } catch {
    return "kept";
  }
}

// The form of a reading. With a network it is sent as ever if anything is to be said about it; the queue only
// holds it meanwhile.
const form = document.querySelector("form[data-adding]");
const field = (name) => form.elements.namedItem(name);

export function entryOf() {
  const measure = JSON.parse(form.dataset.adding);
  const values = measure.parts.map((_, i) => field("n" + i).value.trim());
  const unit = field("unit")?.value || measure.units[0].code;
  const chosen = field("at")?.value;
  const symbol = measure.units.find((u) => u.code === unit)?.symbol ?? "";
  return {
    key: field("key").value, measure: measure.measure, values, unit, at: local(chosen ? new Date(chosen) : new Date()),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "", note: field("note")?.value ?? "", device: form.dataset.device ?? "", sure: false,
    label: `${measure.label}: ${values.join("/")} ${symbol}`,
  };
}

const known = ["key", "n0", "n1", "unit", "at", "note"];

async function submitted(event) {
  if (event.submitter?.name || !able || event.defaultPrevented) return; // an answer to the server's question goes to the server
  const offline = navigator.onLine === false || Boolean(kept);
  if (!offline && [...form.elements].some((e) => e.name && e.value && !known.includes(e.name))) return;
  const entry = entryOf();
  if (!entry.at || entry.at.includes("NaN")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  try {
    await owned;
    const sure = form.dataset.sure === entry.values.join(" ") + " " + entry.unit;
    const said = judge(JSON.parse(form.dataset.adding), entry, t);
    if (offline && (said.refuse.length || (said.ask.length && !sure))) return question(said, entry);
    entry.sure = offline && sure;
    const also = JSON.parse(form.dataset.also || "[]");
    const result = !offline && (said.refuse.length || said.ask.length) ? "ask" : await keep([entry, ...also]);
    if (result === "stored") return location.assign(root + "?sent=" + entry.measure);
    if (result === "gone") return gone();
    if (result === "kept") return await saved();
    // The server has something to say, or this phone can keep nothing: the form goes as it does without scripts.
    await drop(entry.key).catch(() => {});
    if (!offline) return HTMLFormElement.prototype.submit.call(form);
    problem([t.noStorage]);
  } finally {
    delete form.dataset.busy;
  }
}

async function saved() {
  if (kept || (root === "/my" && navigator.serviceWorker?.controller)) return location.assign(root);
  form.reset();
  renew();
  await show(t.kept);
  part.scrollIntoView();
}

function renew() {
  field("key").value = newKey();
  delete form.dataset.sure;
  delete form.dataset.device;
  delete form.dataset.also;
  for (const e of form.querySelectorAll("[data-asked]")) e.remove();
}

// problem says what is wrong, where the server would.
function problem(lines, ...more) {
  for (const e of form.querySelectorAll("[data-asked]")) e.remove();
  const box = element("div", "", { class: "notice warn", role: "alert", "data-asked": "" });
  const text = element("div", "", { class: "notice-text" });
  text.append(...lines.map((line, i) => element("p", line, i === 0 ? { class: "strong" } : i === 1 && more.length ? { class: "figure m wraps" } : {})), ...more);
  box.append(text);
  form.prepend(box);
  box.scrollIntoView({ block: "center" });
}

// question asks what the server would ask, by the same ranges.
function question(said, entry) {
  if (said.refuse.length) return problem(said.refuse);
  const more = [button(t.yes, "", () => {
    form.dataset.sure = entry.values.join(" ") + " " + entry.unit;
    form.requestSubmit();
  })];
  const number = part.dataset.emergency;
  if (number) {
    const help = element("a", "", { class: "helpstrip", href: "tel:" + number });
    help.append(element("span", `${t.unwell} `), element("b", say(t.call, number), { class: "nowrap" }));
    more.push(help);
  }
  problem([t.ask, entry.label, ...said.ask], ...more);
}

// The form is listened to at once: a press while the phone is still opening its storage is not lost.
const owned = able ? own(owner, root, part.dataset.key).catch(() => {}) : null;
if (able && form) {
  form.addEventListener("submit", submitted);
  if (kept) renew();
  window.addEventListener("pageshow", (event) => event.persisted && renew()); // a page that came back is for another reading
}

async function begin() {
  if (!able) return;
  await owned;
  if (form) document.getElementById("kept-without")?.removeAttribute("hidden");
  await show();
  if (root === "/my" && navigator.serviceWorker) {
    const workers = navigator.serviceWorker;
    workers.addEventListener("message", ({ data }) => {
      if (data === "gone") location.reload();
      if (data !== "fresh") return;
      if (form || document.activeElement?.closest("form") || scrollY > 100) told.append(button(t.newer, "second", () => location.reload()));
      else location.reload();
    });
    await workers.register("/my/sw.js", { scope: "/my", updateViaCache: "none" }).catch(() => null);
    if (!kept && location.pathname === root) later(async () => (await workers.ready).active?.postMessage({ keep: JSON.parse(part.dataset.keep || "[]") }));
  }
  window.addEventListener("online", send);
  if ((await waiting(owner)).some((one) => !one.state.why)) await send();
}

// later waits until the page itself is done and the browser has nothing else to do.
function later(f) {
  const idle = () => (globalThis.requestIdleCallback ?? ((g) => setTimeout(g, 200)))(f);
  if (document.readyState === "complete") setTimeout(idle, 1500);
  else window.addEventListener("load", () => setTimeout(idle, 1500));
}

begin().catch(() => {}); // without storage the app is as it is without this script
