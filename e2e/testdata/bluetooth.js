// A simulated navigator.bluetooth, and what connect must make of it. Returns what is wrong.
(async function (devices) {
  const uuid = (n) => `0000${n.toString(16)}-0000-1000-8000-00805f9b34fb`;
  const bytes = (hex) => new DataView(Uint8Array.from(hex.replaceAll(" ", "").match(/../g).map((x) => parseInt(x, 16))).buffer);
  const soon = (f, ms = 1) => setTimeout(f, ms);

  // device has services: { 0x1810: { 0x2a35: "what it sends when listened to", … } }. A characteristic
  // is a list of packets (hex, or a number of ms to wait), or a function of (written, device).
  function device(service, characteristics, { fails = {}, name = "Cuff" } = {}) {
    const d = new EventTarget();
    d.log = [];
    d.name = name;
    const made = {};
    for (const [id, script] of Object.entries(characteristics)) {
      const c = new EventTarget();
      c.say = (hex) => {
        c.value = bytes(hex);
        c.dispatchEvent(new Event("characteristicvaluechanged"));
      };
      c.startNotifications = async () => {
        d.log.push("listen " + Number(id).toString(16));
        if (fails.listen) throw new DOMException("no", "NetworkError");
        if (Array.isArray(script)) {
          let at = 1;
          for (const step of script) {
            if (typeof step === "number") at += step;
            else soon(() => (step === "gone" ? d.gatt.lose() : d.gatt.connected && c.say(step)), (at += 1));
          }
        }
        return c;
      };
      c.writeValueWithResponse = async (value) => {
        const hex = [...value].map((x) => x.toString(16).padStart(2, "0")).join("");
        d.log.push("write " + hex);
        script(hex, made, d);
      };
      made[Number(id)] = c;
    }
    d.gatt = {
      connected: false,
      connect: () => {
        if (fails.connect === "never") return new Promise(() => {});
        if (fails.connect) return Promise.reject(new DOMException("no", "NetworkError"));
        d.gatt.connected = true;
        return Promise.resolve(d.gatt);
      },
      lose: () => {
        d.gatt.connected = false;
        d.dispatchEvent(new Event("gattserverdisconnected"));
      },
      disconnect: () => {
        d.log.push("bye");
        d.gatt.connected = false;
      },
      getPrimaryService: async (id) => {
        if (id !== uuid(service)) throw new DOMException("no", "NotFoundError");
        return {
          getCharacteristic: async (id) => {
            const n = Object.keys(made).find((k) => uuid(Number(k)) === id);
            if (!n) throw new DOMException("no", "NotFoundError");
            return made[n];
          },
        };
      },
    };
    d.bluetooth = {
      requestDevice: async (options) => {
        d.asked = options.filters[0].services[0];
        if (fails.request) throw new DOMException("no", fails.request);
        return d;
      },
    };
    return d;
  }

  const wrong = [];
  const cuff = "00 7800 5000 5D00";
  const other = "02 8200 5500 5D00 EA07 03 01 08 05 00";
  const failed = "00 FF07 FF07 FF07";
  const meter = (n, mg) => `02 0${n}00 EA07 03 01 08 05 00 ${mg}B0 11`;
  const fast = { patience: 400, quiet: 40, steady: 60 };

  async function check(name, measure, d, options, values, reason, more = () => "") {
    const states = [];
    const got = await devices.connect(measure, { bluetooth: d.bluetooth, onState: (s) => states.push(s), ...fast, ...options });
    const read = got.readings.map((r) => r.values.join("/")).join(" ");
    if (read !== values || got.reason !== reason) wrong.push(`${name}: read "${read}", reason "${got.reason}"; not "${values}", "${reason}"`);
    const bye = d.log.at(-1) === "bye" || !d.asked || ["cancelled", "blocked"].includes(reason);
    if (!bye) wrong.push(`${name}: still connected: ${d.log}`);
    const why = more(got, d, states);
    if (why) wrong.push(`${name}: ${why}`);
  }

  await check("one reading", "blood-pressure", device(0x1810, { 0x2a35: [cuff] }), {}, "120/80", "", (got, d, states) =>
    (got.device !== "Cuff" && "its name is lost") || (d.asked !== uuid(0x1810) && "it asked for " + d.asked) || (states.join() !== "asking,connecting,waiting,receiving" && "it went through " + states));
  await check("stored ones, one of them twice", "blood-pressure", device(0x1810, { 0x2a35: [cuff, other, cuff] }), {}, "120/80 130/85", "");
  await check("gone when it has said all", "blood-pressure", device(0x1810, { 0x2a35: [cuff, "gone"] }), { quiet: 10_000 }, "120/80", "");
  await check("one of two failed", "blood-pressure", device(0x1810, { 0x2a35: [failed, other] }), {}, "130/85", "");
  await check("the cuff failed", "blood-pressure", device(0x1810, { 0x2a35: [failed] }), {}, "", "no-result");
  await check("the cuff failed and left", "blood-pressure", device(0x1810, { 0x2a35: [failed, "gone"] }), {}, "", "no-result");
  await check("garbage", "blood-pressure", device(0x1810, { 0x2a35: ["FF"] }), {}, "", "truncated");
  await check("silence", "blood-pressure", device(0x1810, { 0x2a35: [] }), { patience: 60 }, "", "nothing");
  await check("gone at once", "blood-pressure", device(0x1810, { 0x2a35: ["gone"] }), {}, "", "lost");
  await check("does not listen", "blood-pressure", device(0x1810, { 0x2a35: [] }, { fails: { listen: true } }), {}, "", "lost");
  await check("nobody chose", "blood-pressure", device(0x1810, {}, { fails: { request: "NotFoundError" } }), {}, "", "cancelled");
  await check("forbidden", "blood-pressure", device(0x1810, {}, { fails: { request: "SecurityError" } }), {}, "", "blocked");
  await check("too far", "blood-pressure", device(0x1810, {}, { fails: { connect: true } }), {}, "", "far");
  await check("never answers", "blood-pressure", device(0x1810, {}, { fails: { connect: "never" } }), { patience: 50 }, "", "far");
  await check("another service", "blood-pressure", device(0x180d, { 0x2a37: [] }), {}, "", "foreign");
  await check("another characteristic", "blood-pressure", device(0x1810, { 0x2a36: [cuff] }), {}, "", "foreign");
  const stop = new AbortController();
  soon(() => stop.abort(), 30);
  await check("stopped", "blood-pressure", device(0x1810, { 0x2a35: [] }), { signal: stop.signal, patience: 5000 }, "", "cancelled");
  await check("stopped before", "blood-pressure", device(0x1810, { 0x2a35: [cuff] }), { signal: stop.signal }, "", "cancelled");
  await check("weight", "weight", device(0x181d, { 0x2a9d: ["00 8538"] }), {}, "72.345", "");
  await check("temperature", "temperature", device(0x1809, { 0x2a1c: ["00 6E0100FF"] }), {}, "36.6", "");

  const report = (...steps) => (hex, made) => {
    let at = 1;
    for (const [id, packet] of steps) soon(() => made[id].say(packet), (at += 2));
  };
  const done = [0x2a52, "06 00 01 01"];
  await check("glucose", "glucose", device(0x1808, { 0x2a18: [], 0x2a34: [], 0x2a52: report([0x2a18, meter(1, "5F")], [0x2a34, "02 0100 03"], [0x2a18, meter(2, "64")], done) }), {}, "95 100", "", (got, d) =>
    (got.readings[0].meal !== "fasting" && "the meal is lost") || (got.readings[1].meal && "a meal that nobody had") || (d.log.join() !== "listen 2a18,listen 2a34,listen 2a52,write 0101,bye" && String(d.log)));
  await check("glucose from a number on", "glucose", device(0x1808, { 0x2a18: [], 0x2a52: report([0x2a18, meter(1, "5F")], done) }), { after: 0x0203 }, "95", "", (got, d) => (d.log.includes("write 0103010302") ? "" : String(d.log)));
  await check("an empty meter", "glucose", device(0x1808, { 0x2a18: [], 0x2a52: report([0x2a52, "06 00 01 06"]) }), {}, "", "nothing");
  await check("a meter that refuses", "glucose", device(0x1808, { 0x2a18: [], 0x2a52: report([0x2a52, "06 00 01 02"]) }), {}, "", "refused");
  await check("a meter without a way to ask", "glucose", device(0x1808, { 0x2a18: [meter(1, "5F")] }), {}, "", "foreign");
  await check("a meter that leaves in the middle", "glucose", device(0x1808, { 0x2a18: [], 0x2a52: (hex, made, d) => { soon(() => made[0x2a18].say(meter(1, "5F")), 2); soon(() => d.gatt.lose(), 8); } }), {}, "95", "lost");
  await check("control solution only", "glucose", device(0x1808, { 0x2a18: [], 0x2a52: report([0x2a18, "02 0700 EA07 03 01 08 05 00 5FB0 1A"], done) }), {}, "", "control");

  const stream = (...values) => values.map((v) => `00 ${v.toString(16)}00 4800`).flatMap((v) => [v, 10]);
  await check("spot check", "oxygen-saturation", device(0x1822, { 0x2a5e: ["00 6100 4800"], 0x2a5f: [] }), {}, "97", "");
  await check("a stream that settles", "oxygen-saturation", device(0x1822, { 0x2a5f: stream(90, 91, 93, 95, 96, ...Array(20).fill(97)) }), {}, "97", "");
  await check("a stream that never settles", "oxygen-saturation", device(0x1822, { 0x2a5f: stream(90, 91, 93, 95, 96, 94, 93, 92) }), { patience: 150 }, "", "nothing");
  await check("a stream that stops", "oxygen-saturation", device(0x1822, { 0x2a5f: [...stream(90, 91), "gone"] }), {}, "", "lost");

  for (const [measure, bluetooth] of [["blood-pressure", undefined], ["blood-pressure", {}], ["mood", device(0x1810, {}).bluetooth]]) {
    const got = await devices.connect(measure, { bluetooth: bluetooth ?? null });
    if (got.reason !== "unsupported" || got.readings.length) wrong.push(`${measure} is ${got.reason}`);
  }
  return wrong;
})
