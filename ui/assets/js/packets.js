// What health devices say over Bluetooth, packet by packet: the measurement characteristics of the
// blood pressure, glucose, weight scale, pulse oximeter, health thermometer and heart rate services, as the GATT
// Specification Supplement lays them out. Nothing here touches a page or a device.
//
// A decoder takes the bytes (a DataView, a typed array or an ArrayBuffer) and returns a reading,
//   { measure, values, unit, at, parts, user, status, also }
// with the numbers as decimal text in the UCUM unit of the device, or { reason } if there is none:
//   truncated   the packet ends too early, or is no bytes at all
//   no-result   the device measured and failed: a special number stands where the result should
//   too-low, too-high   it could only say that the value is beyond what it can show
//   impossible  no living person has this value
//   control     the control solution of a glucose meter was measured, not blood
//   invalid     the device itself says that the value is not to be used
// at is the local time on the device's clock, "2026-03-01T08:05:00", null if it is not wholly known;
// then parts holds what is known of it. A decoder never throws and never makes up a number.

class Short extends Error {}

// reader takes little-endian fields off a packet, one after the other.
function reader(packet) {
  const view = packet instanceof DataView ? packet
    : ArrayBuffer.isView(packet) ? new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
    : packet instanceof ArrayBuffer ? new DataView(packet) : new DataView(new ArrayBuffer(0));
  let at = 0;
  const take = (n) => {
    if (at + n > view.byteLength) throw new Short();
    at += n;
    return at - n;
  };
  const u8 = () => view.getUint8(take(1));
  const u16 = () => view.getUint16(take(2), true);
  const s16 = () => view.getInt16(take(2), true);
  const u24 = () => u16() | (u8() << 16);
  const time = () => ({ year: u16(), month: u8(), day: u8(), hour: u8(), minute: u8(), second: u8() });
  return { u8, u16, s16, u24, time, sfloat: () => sfloat(u16()), float: () => float(u24(), view.getInt8(take(1))) };
}

const decoder = (decode) => (packet) => {
  try {
    return decode(reader(packet));
  } catch (error) {
    if (error instanceof Short) return { reason: "truncated" };
    throw error;
  }
};

const signed = (n, bits) => (n >= 2 ** (bits - 1) ? n - 2 ** bits : n);

// sfloat and float are the two floats of IEEE 11073-20601: a mantissa, a power of ten, and five
// mantissas that with the power 0 mean no number. They return { m, e } or { special }.
function sfloat(raw) {
  const special = { 0x07ff: "nan", 0x0800: "nres", 0x07fe: "+inf", 0x0802: "-inf", 0x0801: "reserved" }[raw];
  return special ? { special } : { m: signed(raw & 0xfff, 12), e: signed(raw >> 12, 4) };
}

function float(mantissa, e) {
  const special = e === 0 && { 0x7fffff: "nan", 0x800000: "nres", 0x7ffffe: "+inf", 0x800002: "-inf", 0x800001: "reserved" }[mantissa];
  return special ? { special } : { m: signed(mantissa, 24), e };
}

// decimal writes m * 10^e exactly, but with so many decimals at most, half away from zero.
function decimal({ m, e }, decimals) {
  let n = Math.abs(m);
  if (-e > decimals) {
    const drop = 10 ** Math.min(-e - decimals, 9);
    n = Math.floor((n + drop / 2) / drop);
    e = -decimals;
  }
  let text = e < 0 ? String(n).padStart(1 - e, "0") : String(n) + "0".repeat(e);
  if (e < 0) text = `${text.slice(0, e)}.${text.slice(e)}`.replace(/\.?0+$/, "");
  return m < 0 && n ? "-" + text : text;
}

// what a number of each unit may be, and how many decimals are kept of it.
const units = {
  "mm[Hg]": [10, 350, 0], kPa: [1.3, 47, 3], "mg/dL": [10, 1000, 0], "mmol/L": [0.5, 56, 3], kg: [1, 650, 3], "[lb_av]": [2, 1440, 3],
  "%": [35, 100, 0], "/min": [15, 300, 0], Cel: [25, 46, 3], "[degF]": [77, 115, 3],
};

// number returns { text } or { reason }.
function number(value, unit) {
  if (value.special) return { reason: { "+inf": "too-high", "-inf": "too-low" }[value.special] ?? "no-result" };
  const [least, most, decimals] = units[unit];
  const about = value.m * 10 ** value.e;
  return about >= least && about <= most ? { text: decimal(value, decimals) } : { reason: "impossible" };
}

// moment reads a date-time: 0 stands for a year, month or day that the device doesn't know.
function moment(t, minutes = 0) {
  const known = t.year >= 1582 && t.year <= 9999 && t.month && t.day;
  const date = new Date(0);
  date.setUTCFullYear(known ? t.year : 2000, (t.month || 1) - 1, t.day || 1); // of a year that has every day
  const real = t.month <= 12 && (!t.day || date.getUTCDate() === t.day) && t.hour < 24 && t.minute < 60 && t.second < 60 && (t.year === 0 || (t.year >= 1582 && t.year <= 9999));
  if (!real) return nowhen;
  if (!known) {
    const { year, month, day, ...clock } = t;
    return { at: null, parts: { ...(year && { year }), ...(month && { month }), ...(day && { day }), ...clock } };
  }
  date.setUTCHours(t.hour, t.minute + minutes, t.second);
  return date.getUTCFullYear() > 9999 ? nowhen : { at: date.toISOString().slice(0, 19), parts: null };
}

const nowhen = { at: null, parts: null };

// marks are the words of the bits that are set.
const marks = (bits, words) => Object.keys(words).filter((bit) => bits & (1 << bit)).map((bit) => words[bit]);

// pulse is a heart rate beside another reading; one that makes no sense is left out.
function pulse(value) {
  const rate = value && number(value, "/min");
  return rate?.text ? [{ measure: "heart-rate", values: [rate.text], unit: "/min" }] : [];
}

const pressureMarks = { 0: "moved", 1: "cuff-loose", 2: "irregular-pulse", 5: "posture" };

// bloodPressure reads 2A35, Blood Pressure Measurement (2A36, the cuff while it deflates, is none).
export const bloodPressure = decoder((r) => {
  const flags = r.u8();
  const unit = flags & 1 ? "kPa" : "mm[Hg]";
  const both = [r.sfloat(), r.sfloat()];
  r.sfloat(); // the mean; it follows from the others
  const when = flags & 2 ? moment(r.time()) : nowhen;
  const rate = flags & 4 ? r.sfloat() : null;
  const id = flags & 8 ? r.u8() : 0xff;
  const bits = flags & 16 ? r.u16() : 0;
  const numbers = both.map((value) => number(value, unit));
  const bad = numbers.find((n) => n.reason === "no-result") ?? numbers.find((n) => n.reason);
  if (bad) return { reason: bad.reason };
  const values = numbers.map((n) => n.text);
  if (Number(values[0]) <= Number(values[1])) return { reason: "impossible" };
  const status = [...marks(bits, pressureMarks), ...({ 1: ["pulse-high"], 2: ["pulse-low"] }[(bits >> 3) & 3] ?? [])];
  return { measure: "blood-pressure", values, unit, ...when, user: id === 0xff ? null : id, status, also: pulse(rate) };
});

const specimens = ["", "capillary-blood", "capillary-plasma", "venous-blood", "venous-plasma", "arterial-blood", "arterial-plasma", "blood", "plasma", "interstitial", "control"];
const glucoseMarks = { 0: "battery-low", 1: "malfunction", 2: "sample-small", 3: "strip-insertion", 4: "strip-wrong", 5: "too-high", 6: "too-low", 7: "too-warm", 8: "too-cold", 9: "interrupted", 10: "fault", 11: "time-fault" };
const glucoseUnusable = 0b11110011110; // all but a low battery, too high or low, and the clock

// glucose reads 2A18, Glucose Measurement. sequence is the record's number in the meter's memory,
// also beside a reason; context says that 2A34 follows with the same number.
export const glucose = decoder((r) => {
  const flags = r.u8();
  const sequence = r.u16();
  const base = r.time();
  const offset = flags & 1 ? r.s16() : 0; // minutes; the ends of the range mean that it ran over
  const value = flags & 2 ? r.sfloat() : null;
  const where = flags & 2 ? r.u8() : 0;
  const bits = flags & 8 ? r.u16() : 0;
  const not = (reason) => ({ reason, sequence });
  if (!value) return not("no-result");
  if ((where & 15) === 10 || where >> 4 === 4) return not("control");
  if (bits & glucoseUnusable) return not("invalid");
  if (bits & 0x60) return not(bits & 0x20 ? "too-high" : "too-low");
  const unit = flags & 4 ? "mmol/L" : "mg/dL";
  const found = number(value.special ? value : { m: value.m, e: value.e + (flags & 4 ? 3 : 5) }, unit);
  if (found.reason) return not(found.reason);
  const when = bits & 0x800 || offset === 0x7fff || offset === -0x8000 ? nowhen : moment(base, offset);
  return { measure: "glucose", values: [found.text], unit, ...when, user: null, status: marks(bits, glucoseMarks), also: [], sequence, specimen: specimens[where & 15] ?? "", context: Boolean(flags & 16) };
});

const meals = ["", "before-meal", "after-meal", "fasting", "casual", "bedtime"];
const healths = ["", "minor-issues", "major-issues", "menses", "stress", "none"];
const testers = ["", "self", "professional", "laboratory"];

// glucoseContext reads 2A34: { sequence, meal, tester, health }, or { reason }. What was eaten, done
// and injected is left where it is.
export const glucoseContext = decoder((r) => {
  const flags = r.u8();
  const sequence = r.u16();
  if (flags & 0x80) r.u8();
  if (flags & 1) r.u24();
  const meal = flags & 2 ? r.u8() : 0;
  const who = flags & 4 ? r.u8() : 0;
  if (flags & 8) r.u24();
  if (flags & 16) r.u24();
  if (flags & 64) r.u16();
  return { sequence, meal: meals[meal] ?? "", tester: testers[who & 15] ?? "", health: healths[who >> 4] ?? "" };
});

// records asks a meter (2A52) for what it stored: everything, or from a sequence number on.
export const records = (from) => (from === undefined ? Uint8Array.of(1, 1) : Uint8Array.of(1, 3, 1, from & 0xff, (from >> 8) & 0xff));

// abort tells a meter to stop reporting.
export const abort = () => Uint8Array.of(3, 0);

// recordsAnswer reads what the meter says when it is done: { done, none }, or { reason }.
export const recordsAnswer = decoder((r) => {
  const code = r.u8();
  r.u8();
  if (code === 5) return { done: false, count: r.u16() };
  if (code !== 6) return { reason: "invalid" };
  r.u8();
  const result = r.u8();
  return result === 1 || result === 6 ? { done: true, none: result === 6 } : { reason: "refused" };
});

// weight reads 2A9D, Weight Measurement.
export const weight = decoder((r) => {
  const flags = r.u8();
  const raw = r.u16();
  const when = flags & 2 ? moment(r.time()) : nowhen;
  const id = flags & 4 ? r.u8() : 0xff;
  if (flags & 8) r.u16(), r.u16(); // body mass index and height
  if (raw === 0xffff) return { reason: "no-result" };
  const unit = flags & 1 ? "[lb_av]" : "kg";
  const found = number(flags & 1 ? { m: raw, e: -2 } : { m: raw * 5, e: -3 }, unit);
  if (found.reason) return found;
  return { measure: "weight", values: [found.text], unit, ...when, user: id === 0xff ? null : id, status: [], also: [] };
});

const measurementMarks = { 5: "ongoing", 6: "early-estimate", 9: "stored", 14: "questionable" };
const sensorMarks = { 2: "signal-irregular", 4: "signal-poor", 5: "low-perfusion", 6: "signal-erratic", 8: "questionable-pulse", 9: "ongoing", 10: "interference", 13: "sensor-displaced" };
const unusable = (1 << 10) | (1 << 11) | (1 << 12) | (1 << 13) | (1 << 15); // shown or tested only, being calibrated, unavailable, invalid
const unusableSensor = (1 << 1) | (1 << 3) | (1 << 7) | (1 << 11) | (1 << 14) | (1 << 15); // broken, no signal, no pulse, not on a finger

function oxygen(saturation, rate, when, bits, sensor) {
  if (bits & unusable || sensor & unusableSensor) return { reason: "invalid" };
  const found = number(saturation, "%");
  if (found.reason) return found;
  const status = [...new Set([...marks(bits, measurementMarks), ...marks(sensor, sensorMarks)])];
  return { measure: "oxygen-saturation", values: [found.text], unit: "%", ...when, user: null, status, also: pulse(rate) };
}

// oxygenSpot reads 2A5E, PLX Spot-Check Measurement.
export const oxygenSpot = decoder((r) => {
  const flags = r.u8();
  const saturation = r.sfloat();
  const rate = r.sfloat();
  const time = flags & 1 ? r.time() : null;
  const bits = flags & 2 ? r.u16() : 0;
  const sensor = flags & 4 ? r.u24() : 0;
  if (flags & 8) r.sfloat(); // the amplitude of the pulse
  return oxygen(saturation, rate, time && !(flags & 16) ? moment(time) : nowhen, bits, sensor); // 16: its clock was never set
});

// oxygenContinuous reads 2A5F, PLX Continuous Measurement: of its three pairs the normal one.
export const oxygenContinuous = decoder((r) => {
  const flags = r.u8();
  const saturation = r.sfloat();
  const rate = r.sfloat();
  if (flags & 1) r.sfloat(), r.sfloat();
  if (flags & 2) r.sfloat(), r.sfloat();
  const bits = flags & 4 ? r.u16() : 0;
  const sensor = flags & 8 ? r.u24() : 0;
  if (flags & 16) r.sfloat();
  return oxygen(saturation, rate, nowhen, bits, sensor);
});

const sites = ["", "armpit", "body", "ear", "finger", "gut", "mouth", "rectum", "toe", "eardrum"];

// temperature reads 2A1C, Temperature Measurement.
export const temperature = decoder((r) => {
  const flags = r.u8();
  const unit = flags & 1 ? "[degF]" : "Cel";
  const value = r.float();
  const when = flags & 2 ? moment(r.time()) : nowhen;
  const site = flags & 4 ? r.u8() : 0;
  const found = number(value, unit);
  if (found.reason) return found;
  return { measure: "temperature", values: [found.text], unit, ...when, user: null, status: [], also: [], site: sites[site] ?? "" };
});

// heartRate reads 2A37, Heart Rate Measurement: a strap or a watch that speaks all the time.
export const heartRate = decoder((r) => {
  const flags = r.u8();
  const raw = flags & 1 ? r.u16() : r.u8();
  if (flags & 4 && !(flags & 2)) return { reason: "invalid" }; // it says that it touches nobody
  if (raw === 0) return { reason: "no-result" };
  const found = number({ m: raw, e: 0 }, "/min");
  if (found.reason) return found;
  return { measure: "heart-rate", values: [found.text], unit: "/min", ...nowhen, user: null, status: [], also: [] };
});
