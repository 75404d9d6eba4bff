package search

import (
	"encoding/binary"
	"math"
	"time"
)

// Instants are microseconds since 1970. These stand for a period without a start or an end.
const (
	always = math.MinInt64
	never  = math.MaxInt64
)

const day = int64(24 * time.Hour / time.Microsecond)

func appendInstant(b []byte, at int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(at)^1<<63)
}

func readInstant(b []byte) int64 { return int64(binary.BigEndian.Uint64(b) ^ 1<<63) }

// appendPeriod appends both ends, 16 bytes; hi is the first instant behind it.
func appendPeriod(b []byte, lo, hi int64) []byte { return appendInstant(appendInstant(b, lo), hi) }

// period is the time that a FHIR date, dateTime or instant stands for, of any precision: from lo and
// before hi. A time without a zone is UTC. Minutes may end it, as a search's value may.
func period(s string) (lo, hi int64, ok bool) {
	num := func(from, n int) int {
		if from+n > len(s) {
			return -1
		}
		v := 0
		for _, c := range []byte(s[from : from+n]) {
			if c < '0' || c > '9' {
				return -1
			}
			v = v*10 + int(c-'0')
		}
		return v
	}
	at := func(i int, c byte) bool { return i < len(s) && s[i] == c }
	year, month, d := num(0, 4), 1, 1
	if year < 1 {
		return 0, 0, false
	}
	date := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }
	if len(s) == 4 {
		return date(year, 1, 1).UnixMicro(), date(year+1, 1, 1).UnixMicro(), true
	}
	if month = num(5, 2); !at(4, '-') || month < 1 || month > 12 {
		return 0, 0, false
	}
	if len(s) == 7 {
		return date(year, month, 1).UnixMicro(), date(year, month+1, 1).UnixMicro(), true
	}
	if d = num(8, 2); !at(7, '-') || d < 1 || d > date(year, month+1, 0).Day() {
		return 0, 0, false
	}
	lo = date(year, month, d).UnixMicro()
	if len(s) == 10 {
		return lo, lo + day, true
	}
	h, m := num(11, 2), num(14, 2)
	if !at(10, 'T') || !at(13, ':') || h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, 0, false
	}
	lo += int64(h)*3600e6 + int64(m)*60e6
	width, i := int64(60e6), 16
	if at(16, ':') {
		sec := num(17, 2)
		if sec < 0 || sec > 60 { // 60 is a leap second
			return 0, 0, false
		}
		lo += int64(sec) * 1e6
		width, i = 1e6, 19
		if at(19, '.') {
			for i = 20; num(i, 1) >= 0; i++ {
				if width > 1 {
					width /= 10
					lo += int64(num(i, 1)) * width
				}
			}
			if i == 20 {
				return 0, 0, false
			}
		}
	}
	switch {
	case i == len(s), at(i, 'Z') && i+1 == len(s):
	case (at(i, '+') || at(i, '-') || at(i, ' ')) && at(i+3, ':') && i+6 == len(s): // a + that was not escaped in a URL is a space
		zh, zm := num(i+1, 2), num(i+4, 2)
		if zh < 0 || zh > 14 || zm < 0 || zm > 59 {
			return 0, 0, false
		}
		shift := int64(zh)*3600e6 + int64(zm)*60e6
		if at(i, '-') {
			shift = -shift
		}
		lo -= shift
	default:
		return 0, 0, false
	}
	return lo, lo + width, true
}

// when is a time asked for; now is what "ap" is measured from.
type when struct{ lo, hi, now int64 }

// near is w and a tenth of its distance from now to each side.
func (w when) near() (lo, hi int64) {
	gap := (w.now - w.lo) / 10
	if gap < 0 {
		gap = -gap
	}
	return w.lo - gap, w.hi + gap
}

// meets decides a prefix for a stored period (http://hl7.org/fhir/R4/search.html#prefix). "ge" and
// "le" also hold for one that only reaches into the time asked for: rather a record too many.
func (w when) meets(prefix string, lo, hi int64) bool {
	within := w.lo <= lo && hi <= w.hi
	switch prefix {
	case "ne":
		return !within
	case "gt":
		return hi > w.hi
	case "lt":
		return lo < w.lo
	case "ge":
		return hi > w.lo
	case "le":
		return lo < w.hi
	case "sa":
		return lo >= w.hi
	case "eb":
		return hi <= w.lo
	case "ap":
		nlo, nhi := w.near()
		return hi > nlo && lo < nhi
	}
	return within
}

// bounds is where the start of a stored period of at most a day can be that meets prefix, and
// whether a longer one can from farther back, when it ends behind far. Periods that long have a second entry, by their end.
func (w when) bounds(prefix string) (lo, hi int64, far int64, long bool) {
	switch prefix {
	case "ne":
		return always, never, 0, false
	case "gt":
		return back(w.hi), never, w.hi, true
	case "ge":
		return back(w.lo), never, w.lo, true
	case "sa":
		return w.hi, never, 0, false
	case "lt", "eb":
		return always, w.lo, 0, false
	case "le":
		return always, w.hi, 0, false
	case "ap":
		nlo, nhi := w.near()
		return back(nlo), nhi, nlo, true
	}
	return w.lo, w.hi, 0, false
}

func back(at int64) int64 {
	if at < always+day {
		return always
	}
	return at - day
}

// isLong reports whether a stored period has the second entry.
func isLong(lo, hi int64) bool { return lo == always || hi == never || hi-lo > day }
