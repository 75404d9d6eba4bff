// What a reading is asked before it counts, by the ranges that the server uses, when there is no server to ask.
// Nothing here touches a page; the server judges again when it is sent.

const number = (typed) => (/^\d*[.,]?\d*$/.test(typed) && /\d/.test(typed) ? Number(typed.replace(",", ".")) : NaN);

const say = (text, ...args) => args.reduce((s, a) => s.replace("%s", a), text);

// judge returns { refuse, ask }: sentences, of texts. measure is { measure, parts, units: [{ code, decimals, parts:
// [[least, low, high, most]], apart: [nearest, furthest], last, jump }] }, numbers in that unit.
export function judge(measure, { values, unit: code }, texts) {
  const out = { refuse: [], ask: [] };
  const unit = measure.units.find((u) => u.code === code);
  if (!unit) return { refuse: [texts.number], ask: [] };
  const all = values.map((typed, i) => {
    const n = number(typed);
    const decimals = /[.,](\d+)$/.exec(typed)?.[1].length ?? 0;
    if (Number.isNaN(n) || decimals > 3 || (unit.decimals === 0 && decimals > 0)) {
      out.refuse.push(texts.number);
      return NaN;
    }
    const [least, low, high, most] = unit.parts[i];
    if (n < least || n > most) out.refuse.push(say(texts.between, least, most));
    else if (n < low || n > high) out.ask.push(say(texts.unusual, low, high));
    return n;
  });
  if (out.refuse.length) return { refuse: [...new Set(out.refuse)], ask: [] };
  if (all.length === 2) {
    if (all[0] <= all[1]) return { refuse: [texts.under], ask: [] };
    if (unit.apart && (all[0] - all[1] < unit.apart[0] || all[0] - all[1] > unit.apart[1])) out.ask.push(texts.apart);
  }
  if (unit.last && Math.abs(all[0] - unit.last) > unit.last * unit.jump) out.ask.push(say(texts.jump, unit.last));
  return out;
}
