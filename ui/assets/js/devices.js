// A measurement from a Bluetooth health device, over Web Bluetooth: the person picks the device, it
// sends what it has, and the connection is closed again. It touches no page and keeps nothing.
import * as packets from "./packets.js";

export * from "./packets.js";

const name = (number) => `0000${number.toString(16)}-0000-1000-8000-00805f9b34fb`;

// profiles say for each measure which service to look for and which characteristics speak. The first
// that a device has is listened to; stream means that it speaks all the time, and the last value
// counts that stood still for a while.
const profiles = {
  "blood-pressure": { service: 0x1810, speaks: [{ id: 0x2a35, decode: packets.bloodPressure }] },
  glucose: { service: 0x1808, speaks: [{ id: 0x2a18, decode: packets.glucose }], context: 0x2a34, control: 0x2a52 },
  weight: { service: 0x181d, speaks: [{ id: 0x2a9d, decode: packets.weight }] },
  "oxygen-saturation": { service: 0x1822, speaks: [{ id: 0x2a5e, decode: packets.oxygenSpot }, { id: 0x2a5f, decode: packets.oxygenContinuous, stream: true }] },
  temperature: { service: 0x1809, speaks: [{ id: 0x2a1c, decode: packets.temperature }] },
  "heart-rate": { service: 0x180d, speaks: [{ id: 0x2a37, decode: packets.heartRate, stream: true }] },
};

// measures that connect can take from a device.
export const measures = Object.keys(profiles);

// available says whether this browser can talk to devices at all.
export const available = (bluetooth = globalThis.navigator?.bluetooth) => typeof bluetooth?.requestDevice === "function";

class Stop extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

// connect asks for a device and returns { readings, device, reason }: readings in the order in which
// they came, each once; reason is "" or why there is none or not all of them:
//   unsupported  this browser or device can't        cancelled  nobody chose a device, or it was stopped
//   blocked      the browser or the person forbids   far        it doesn't answer: off, or too far away
//   foreign      it lacks the service                nothing    it said nothing in time
//   lost         the connection broke off            or the reason that a packet gave
// It never throws. It must be called from a click. Options: after (glucose: the number of the first record wanted),
// patience (ms for the first word), quiet (ms of silence after which a device has said everything),
// steady (ms for which a streamed value must stand), signal (an AbortSignal), onState ("asking",
// "connecting", "waiting", "receiving") and, to try it, bluetooth.
export async function connect(measure, options = {}) {
  const { bluetooth = globalThis.navigator?.bluetooth, onState = () => {}, patience = 120_000, signal } = options;
  const profile = profiles[measure];
  const found = { readings: [], device: "", reason: "" };
  if (!profile || !available(bluetooth)) return { ...found, reason: "unsupported" };
  let device = null;
  try {
    if (signal?.aborted) throw new Stop("cancelled");
    onState("asking");
    device = await bluetooth.requestDevice({ filters: [{ services: [name(profile.service)] }] }).catch((error) => {
      throw new Stop(error?.name === "NotFoundError" || error?.name === "AbortError" ? "cancelled" : "blocked");
    });
    found.device = String(device.name ?? "").slice(0, 100);
    onState("connecting");
    const server = await within(patience, signal, "far", device.gatt.connect());
    const service = await within(patience, signal, "foreign", server.getPrimaryService(name(profile.service)));
    await listen(service, profile, device, found, options);
  } catch (error) {
    found.reason = error instanceof Stop ? error.reason : "lost";
  } finally {
    try {
      device?.gatt?.disconnect();
    } catch {
      // it is gone already
    }
  }
  return found;
}

// within waits for a promise, but not for ever; if it fails the reason is this.
function within(ms, signal, reason, promise) {
  return new Promise((resolve, reject) => {
    const stop = (why) => () => reject(new Stop(why));
    const timer = setTimeout(stop(reason), ms);
    const aborted = stop("cancelled");
    signal?.addEventListener("abort", aborted);
    promise.then(resolve, stop(reason)).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
    });
  });
}

// listen takes what the device says into found until it is done, falls silent or goes away.
async function listen(service, profile, device, found, { onState = () => {}, patience = 120_000, quiet = 4_000, steady = 5_000, signal, after }) {
  const has = (id) => service.getCharacteristic(name(id)).catch(() => null);
  let source = null;
  let speaker = null;
  for (const one of profile.speaks) {
    if (!speaker) [source, speaker] = [one, await within(patience, signal, "foreign", has(one.id))];
  }
  const control = profile.control && (await within(patience, signal, "foreign", has(profile.control)));
  if (!speaker || (profile.control && !control)) throw new Stop("foreign");
  const context = profile.context && (await within(patience, signal, "foreign", has(profile.context)));

  const heard = [];
  const contexts = new Map();
  const said = new Set();
  const refused = [];
  let timer = 0;
  let stood = null; // of a stream: the value, and since when
  const done = new Promise((resolve, reject) => {
    const finish = () => (found.readings.length ? resolve() : reject(new Stop(refused.at(-1) ?? "nothing")));
    const wait = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(finish, ms);
    };
    const on = (target, event, f) => {
      const safe = (e) => {
        try {
          f(e);
        } catch {
          reject(new Stop("lost"));
        }
      };
      target.addEventListener(event, safe);
      heard.push(() => target.removeEventListener(event, safe));
    };
    on(speaker, "characteristicvaluechanged", ({ target }) => {
      const reading = source.decode(target.value);
      onState("receiving");
      if (source.stream) {
        if (reading.reason) refused.push(reading.reason);
        const value = reading.reason || reading.status.length ? "" : reading.values[0]; // it is still looking for the pulse
        if (stood?.value !== value) stood = { value, since: performance.now() };
        if (!value || performance.now() - stood.since < steady) return;
        found.readings = [reading];
        resolve();
        return;
      }
      wait(control ? patience : quiet);
      const key = new Uint8Array(target.value.buffer, target.value.byteOffset, target.value.byteLength).join();
      if (said.has(key)) return; // it says again what was not acknowledged
      said.add(key);
      if (reading.reason) refused.push(reading.reason);
      else found.readings.push(reading);
    });
    if (context) {
      on(context, "characteristicvaluechanged", ({ target }) => {
        const about = packets.glucoseContext(target.value);
        if (!about.reason) contexts.set(about.sequence, about);
      });
    }
    if (control) {
      on(control, "characteristicvaluechanged", ({ target }) => {
        const answer = packets.recordsAnswer(target.value);
        if (answer.reason) reject(new Stop(answer.reason));
        else if (answer.done) finish();
      });
    }
    on(device, "gattserverdisconnected", () => (found.readings.length && !control ? resolve() : reject(new Stop(refused.at(-1) ?? "lost"))));
    const aborted = () => reject(new Stop("cancelled"));
    signal?.addEventListener("abort", aborted);
    heard.push(() => signal?.removeEventListener("abort", aborted));
    wait(patience);
  });
  done.catch(() => {}); // it may fail before somebody waits for it
  try {
    onState("waiting");
    for (const one of [speaker, context, control]) if (one) await within(patience, signal, "lost", one.startNotifications());
    if (control) await within(patience, signal, "lost", control.writeValueWithResponse(packets.records(after)));
    await done;
  } finally {
    clearTimeout(timer);
    for (const off of heard) off();
    for (const reading of found.readings) {
      const about = contexts.get(reading.sequence);
      if (about) Object.assign(reading, { meal: about.meal, tester: about.tester, health: about.health });
    }
  }
}
