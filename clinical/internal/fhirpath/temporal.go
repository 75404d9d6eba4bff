package fhirpath

import (
	"fmt"
	"math/big"
	"strings"
	"time"
)

// How precise a temporal is: how many of its parts are given.
const (
	toYear = iota + 1
	toMonth
	toDay
	toHour
	toMinute
	toSecond
)

// temporal is a date, a date with time or a time of day. What is given counts: 2015-02 has two parts.
// Seconds and their fraction are one part, as FHIRPath compares them.
type temporal struct {
	kind   kind
	part   [6]int // year month day hour minute second
	nanos  int
	prec   int // parts given; of a time of day, counted as if its day were known
	zoned  bool
	offset int // minutes east of UTC
}

// parseTemporal reads a date (2015-02), a date with time (2015-02-04T10:00+01:00, 2015T) or, after a
// T, a time of day. kDateTime may be a date alone, as FHIR's dateTime.
func parseTemporal(text string, k kind) (t temporal, ok bool) {
	t.kind = k
	date, clock, dated := text, "", false
	if k == kTime {
		date, clock = "", text
		t.part, t.prec = [6]int{1, 1, 1}, toDay
	} else {
		date, clock, dated = strings.Cut(text, "T")
		if dated && k == kDate {
			return t, false
		}
		if t.prec = fields(date, '-', t.part[:3], 4); t.prec == 0 {
			return t, false
		}
		if clock != "" && t.prec < toDay {
			return t, false
		}
	}
	if clock != "" {
		if k == kDateTime {
			if clock, ok = t.zone(clock); !ok {
				return t, false
			}
		}
		clock, fraction, dotted := strings.Cut(clock, ".")
		n := fields(clock, ':', t.part[3:], 2)
		if n == 0 || dotted && (n < 3 || fraction == "" || len(fraction) > 30) {
			return t, false
		}
		t.prec = toDay + n
		for i, unit := 0, 100_000_000; i < len(fraction); i, unit = i+1, unit/10 {
			if !digit(fraction[i]) {
				return t, false
			}
			t.nanos += int(fraction[i]-'0') * unit
		}
	}
	return t, t.sane()
}

// fields reads numbers apart by sep into to: the first of width digits, the others of two. It returns
// how many there are, 0 if there is anything else.
func fields(text string, sep byte, to []int, width int) int {
	for n := 0; ; n, width = n+1, 2 {
		if n == len(to) || len(text) < width {
			return 0
		}
		for _, c := range []byte(text[:width]) {
			if !digit(c) {
				return 0
			}
			to[n] = to[n]*10 + int(c-'0')
		}
		switch text = text[width:]; {
		case text == "":
			return n + 1
		case text[0] != sep:
			return 0
		}
		text = text[1:]
	}
}

// zone takes the time zone off the end of a time.
func (t *temporal) zone(clock string) (string, bool) {
	if rest, z := strings.CutSuffix(clock, "Z"); z {
		t.zoned = true
		return rest, true
	}
	at := strings.LastIndexAny(clock, "+-")
	if at < 0 {
		return clock, true
	}
	var hm [2]int
	if fields(clock[at+1:], ':', hm[:], 2) != 2 || hm[0] > 14 || hm[1] > 59 {
		return "", false
	}
	t.zoned, t.offset = true, hm[0]*60+hm[1]
	if clock[at] == '-' {
		t.offset = -t.offset
	}
	return clock[:at], true
}

func (t *temporal) sane() bool {
	return t.part[0] >= 1 && (t.prec < toMonth || t.part[1] >= 1 && t.part[1] <= 12) &&
		(t.prec < toDay || t.part[2] >= 1 && t.part[2] <= days(t.part[0], t.part[1])) &&
		t.part[3] < 24 && t.part[4] < 60 && t.part[5] <= 60
}

func days(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// instant is t with its missing parts at their least.
func (t *temporal) instant() time.Time {
	p := t.part
	return time.Date(p[0], time.Month(max(p[1], 1)), max(p[2], 1), p[3], p[4], p[5], t.nanos, time.UTC)
}

// set takes the parts from u; kind, precision and zone stay.
func (t *temporal) set(u time.Time) {
	t.part = [6]int{u.Year(), int(u.Month()), u.Day(), u.Hour(), u.Minute(), u.Second()}
	t.nanos = u.Nanosecond()
}

// anyZone is how far two times may lie apart on the clock and still be the same, for all that is
// known if only one of them has a zone.
const anyZone = 14 * time.Hour

// compare says how a lies to b; known is false if that depends on parts, or a zone, that one of them
// lacks. Times of zones are compared as instants.
func (a temporal) compare(b temporal) (order int, known bool) {
	if timed := a.prec > toDay && b.prec > toDay; timed && a.zoned != b.zoned {
		apart := a.instant().Add(-time.Duration(a.offset) * time.Minute).Sub(b.instant().Add(-time.Duration(b.offset) * time.Minute))
		return sign(int(apart / time.Second)), apart.Abs() > anyZone
	} else if timed && (a.offset != 0 || b.offset != 0) {
		a.set(a.instant().Add(-time.Duration(a.offset) * time.Minute))
		b.set(b.instant().Add(-time.Duration(b.offset) * time.Minute))
	}
	for i := range min(a.prec, b.prec) {
		if a.part[i] != b.part[i] {
			return sign(a.part[i] - b.part[i]), true
		}
	}
	if a.prec == b.prec && a.prec == toSecond {
		return sign(a.nanos - b.nanos), true
	}
	return 0, a.prec == b.prec
}

func sign(n int) int { return max(-1, min(1, n)) }

// plus adds q, a duration of calendar units or of UCUM's definite ones up to weeks; ok is false if
// the result is no date of the years 1 to 9999. A part finer than t has is cut off.
func (t temporal) plus(q quantity, back bool) (_ temporal, ok bool) {
	n := q.value
	if back {
		n = n.neg()
	}
	unit, months := q.unit, 0
	switch unit {
	case "year":
		months = 12
	case "month":
		months = 1
	default:
		if t.prec == toYear || t.prec == toMonth { // days to whole months or years, as the standard counts them
			per := int64(30)
			if months = 1; t.prec == toYear {
				per, months = 365, 12
			}
			nanos := durationNanos(n, unit)
			if nanos == nil {
				return t, false
			}
			n = &decimal{new(big.Int).Quo(nanos, big.NewInt(per*24*int64(time.Hour))), 0}
		}
	}
	if months > 0 {
		whole := n.whole(0)
		if t.kind == kTime || !whole.IsInt64() || whole.BitLen() > 24 {
			return t, false
		}
		at := t.part[0]*12 + max(t.part[1], 1) - 1 + int(whole.Int64())*months
		if at < 12 || at >= 10000*12 {
			return t, false
		}
		t.part[0] = at / 12
		if t.prec >= toMonth {
			t.part[1] = at%12 + 1
		}
		if t.prec >= toDay {
			t.part[2] = min(t.part[2], days(t.part[0], t.part[1]))
		}
		return t, true
	}
	nanos := durationNanos(n, unit)
	if nanos == nil {
		return t, false
	}
	day := big.NewInt(24 * int64(time.Hour))
	if t.prec == toDay && t.kind != kTime { // a date knows whole days only
		nanos.Quo(nanos, day).Mul(nanos, day)
	}
	wholeDays, rest := nanos.QuoRem(nanos, day, new(big.Int))
	if wholeDays.BitLen() > 23 {
		return t, false
	}
	u := t.instant().AddDate(0, 0, int(wholeDays.Int64())).Add(time.Duration(rest.Int64()))
	if t.kind == kTime {
		u = time.Date(1, 1, 1, u.Hour(), u.Minute(), u.Second(), u.Nanosecond(), time.UTC)
	}
	t.set(u)
	return t, t.part[0] >= 1 && t.part[0] <= 9999
}

// durationNanos is n of a unit in nanoseconds, nil if the unit is no time.
func durationNanos(n *decimal, unit string) *big.Int {
	u, ok := units[unit]
	if !ok || u.dimension != "s" || unit == "a" || unit == "mo" {
		return nil
	}
	return n.mul(parseDecimal(u.factor)).mul(decimalOf(int64(time.Second))).whole(0)
}

// text writes t as FHIRPath does.
func (t temporal) text() string {
	var b strings.Builder
	for i := range t.prec {
		switch {
		case t.kind == kTime && i < toDay:
			continue
		case i == 0:
			fmt.Fprintf(&b, "%04d", t.part[0])
			continue
		case i < toDay:
			b.WriteByte('-')
		case i == toDay && t.kind != kTime:
			b.WriteByte('T')
		case i > toDay:
			b.WriteByte(':')
		}
		fmt.Fprintf(&b, "%02d", t.part[i])
	}
	if t.prec == toSecond && t.nanos > 0 {
		fraction := fmt.Sprintf(".%09d", t.nanos)
		if trimmed := strings.TrimRight(fraction, "0"); len(trimmed) < 4 {
			fraction = fraction[:4]
		} else {
			fraction = trimmed
		}
		b.WriteString(fraction)
	}
	switch {
	case t.zoned && t.offset == 0:
		b.WriteByte('Z')
	case t.zoned:
		off, s := t.offset, byte('+')
		if off < 0 {
			off, s = -off, '-'
		}
		b.WriteByte(s)
		fmt.Fprintf(&b, "%02d:%02d", off/60, off%60)
	}
	return b.String()
}

// temporal is the value of a date, date with time or time of day.
func (it *Item) temporal() (temporal, bool) {
	if it.kind < kDate || it.kind > kTime || !it.valued() {
		return temporal{}, false
	}
	return parseTemporal(it.text(), it.kind)
}

func (m *machine) pushTemporal(t temporal) { m.push(Item{kind: t.kind, s: t.text()}) }
