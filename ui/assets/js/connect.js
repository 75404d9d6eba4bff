// "Take it from my device": what a Bluetooth device says goes into the form, and its owner confirms it. Several
// stored readings are offered as a list. Each has a key made of what it says, so it is sent once.
import { available, connect } from "./devices.js";
import { keep, entryOf, newKey } from "./offline.js";

const part = document.querySelector("[data-device]");
const form = part?.closest("form");
const t = JSON.parse(part?.dataset.texts ?? "{}");
const status = part?.querySelector("[role=status]");
const press = part?.querySelector("button");
const decimal = (text) => (document.documentElement.lang === "es" ? text.replace(".", ",") : text);

function element(name, text, attributes = {}) {
  const e = document.createElement(name);
  e.textContent = text;
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  return e;
}

function button(text, kind, f) {
  const b = element("button", text, { type: "button", class: `btn ${kind}` });
  b.addEventListener("click", f);
  return b;
}

// keyOf is the same for the same reading of the same device; one without a time is always another.
async function keyOf(reading, device, measure = reading.measure) {
  if (!reading.at) return newKey();
  const owner = document.getElementById("unsent")?.dataset.owner ?? "";
  const said = [owner, device, measure, reading.values.join("/"), reading.unit, reading.at, reading.sequence ?? "", reading.user ?? ""].join("|");
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(said)));
  return "d" + [...sum.slice(0, 16)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

function when(reading) {
  return reading.at ? new Date(reading.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }) : t.noTime;
}

function shown(reading) {
  const measure = JSON.parse(form.dataset.adding);
  return `${reading.values.map(decimal).join("/")} ${measure.units.find((u) => u.code === reading.unit)?.symbol ?? reading.unit}`;
}

// inForm is what a reading is in a unit of the form: some devices count in kilopascals.
function inForm(reading) {
  const units = JSON.parse(form.dataset.adding).units.map((u) => u.code);
  if (units.includes(reading.unit)) return reading;
  if (reading.unit === "kPa") return { ...reading, unit: "mm[Hg]", values: reading.values.map((v) => String(Math.round(Number(v) * 7.50062))) };
  if (reading.unit === "[degF]") return { ...reading, unit: "Cel", values: reading.values.map((v) => String(Math.round((Number(v) - 32) / 0.18) / 10)) };
  if (reading.unit === "[lb_av]") return { ...reading, unit: "kg", values: reading.values.map((v) => String(Math.round(Number(v) * 4.5359237) / 10)) };
  return null;
}

// changed: what is typed over a device's number is the person's own, and another reading.
function changed(event) {
  if (!form.dataset.device || !/^(n\d|unit|at)$/.test(event.target.name)) return;
  for (const name of ["device", "also"]) delete form.dataset[name];
  form.elements.namedItem("key").value = newKey();
}

// fill puts a reading into the form. Nothing is sent by that.
async function fill(reading, device) {
  const field = (name) => form.elements.namedItem(name);
  reading.values.forEach((value, i) => (field("n" + i).value = decimal(value)));
  for (const radio of form.querySelectorAll("[name=unit]")) if (radio.value === reading.unit) radio.checked = true;
  field("at").value = reading.at ? reading.at.slice(0, 16) : "";
  if (reading.at) field("at").closest("details").open = true;
  field("key").value = await keyOf(reading, device);
  form.dataset.device = device;
  form.dataset.also = JSON.stringify(await also(reading, device));
  const lines = [element("p", t.one, { class: "strong" })];
  for (const one of reading.also ?? []) lines.push(element("p", t.pulse.replace("%s", one.values[0])));
  status.replaceChildren(...lines);
  form.querySelector(".bigfield").scrollIntoView({ block: "center" });
}

// also are the readings that came with one, as what is kept on the phone: the pulse of a blood pressure.
async function also(reading, device) {
  const at = form.dataset.adding ? entryOf().at : "";
  return Promise.all((reading.also ?? []).map(async (one) => ({
    ...entryOf(), key: await keyOf({ ...reading, values: one.values, unit: one.unit }, device, one.measure), measure: one.measure, values: one.values, unit: one.unit,
    at, note: "", device, label: `${t.pulseLabel}: ${one.values[0]}`,
  })));
}

// entry is a stored reading as what is kept on the phone.
async function entry(reading, device) {
  await fill(reading, device);
  const made = { ...entryOf(), values: reading.values, unit: reading.unit, note: "", device, label: shown(reading) };
  return [made, ...JSON.parse(form.dataset.also)];
}

function offer(readings, device) {
  const list = element("ul", "", { class: "offered" });
  readings.forEach((reading, i) => {
    const item = element("li", "", { class: "pick" });
    const box = element("input", "", { type: "checkbox", id: "offered-" + i });
    box.checked = true;
    const label = element("label", "", { for: "offered-" + i });
    label.append(element("b", shown(reading)), element("span", ` ${when(reading)}${reading.user ? ", " + t.person.replace("%s", reading.user) : ""}`, { class: "soft" }));
    item.append(box, label);
    list.append(item);
  });
  const send = button(t.send, "wide", async () => {
    send.disabled = true;
    const chosen = readings.filter((_, i) => list.children[i].firstElementChild.checked);
    const entries = [];
    for (const reading of chosen) entries.push(...(await entry(reading, device)));
    form.reset();
    for (const name of ["device", "also"]) delete form.dataset[name];
    form.elements.namedItem("key").value = newKey();
    const result = entries.length ? await keep(entries) : "stored";
    if (result === "gone") return location.assign("/sign-in");
    if (result === "") {
      send.disabled = false;
      return;
    }
    status.replaceChildren(element("p", result === "stored" ? t.gone : result === "kept" ? t.kept : t.some, { class: "strong" }));
  });
  status.replaceChildren(element("p", t.many, { class: "strong" }), list, send);
}

const plain = ["unsupported", "cancelled", "blocked", "far", "foreign", "nothing", "lost"];

async function take() {
  const stop = new AbortController();
  press.hidden = true;
  const said = element("p", "");
  status.replaceChildren(said, button(t.stop, "second compact", () => stop.abort()));
  const found = await connect(part.dataset.device, { signal: stop.signal, onState: (state) => (said.textContent = t[state] ?? "") });
  press.hidden = false;
  const readings = found.readings.map(inForm).filter(Boolean).filter((r, i, all) => all.findIndex((o) => o.at && o.at === r.at && o.values.join() === r.values.join() && o.user === r.user) === i || !r.at);
  readings.sort((a, b) => ((a.at ?? "9") < (b.at ?? "9") ? 1 : -1));
  if (readings.length === 1) await fill(readings[0], found.device);
  else if (readings.length > 1) offer(readings, found.device);
  else status.replaceChildren(element("p", plain.includes(found.reason) ? t[found.reason] : t.failed));
}

if (part && form && available() && globalThis.isSecureContext) {
  part.hidden = false;
  form.addEventListener("input", changed);
  press.addEventListener("click", () => take().catch(() => status.replaceChildren(element("p", t.lost))));
}
