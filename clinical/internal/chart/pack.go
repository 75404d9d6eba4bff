package chart

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// A week is packed in the order of time: for each reading the microseconds since the one before (the first's since the
// week began), a byte of flags, its values, and its note.
const (
	hasFirst  = 1 << 0
	hasSecond = 1 << 1
	under     = 1 << 2
	over      = 1 << 3
	noted     = 1 << 4
	unitShift = 5 // the unit's place among the measure's, from 1
	mostUnits = 7
)

var errPacked = errors.New("chart: a week can't be read")

// pack writes readings that are in the order of compare.
func pack(n int64, m vitals.Measure, all []Point) []byte {
	out := make([]byte, 0, 12*len(all))
	at := n * week
	for i := range all {
		p := &all[i]
		out = binary.AppendUvarint(out, uint64(p.Order-at))
		at = p.Order
		flags := byte(unitIndex(m, p.Unit) << unitShift)
		for part, bit := range [vitals.MaxParts]byte{hasFirst, hasSecond} {
			if p.Has[part] {
				flags |= bit
			}
		}
		switch p.Bound {
		case "<":
			flags |= under
		case ">":
			flags |= over
		}
		if p.Note != "" {
			flags |= noted
		}
		out = append(out, flags)
		for part, has := range p.Has {
			if has {
				out = binary.AppendVarint(out, int64(p.Values[part]))
			}
		}
		if p.Note != "" {
			out = binary.AppendUvarint(out, uint64(len(p.Note)))
			out = append(out, p.Note...)
		}
	}
	return out
}

func unitIndex(m vitals.Measure, code string) int {
	for i, u := range vitals.Of(m).Units {
		if u.Code == code && i < mostUnits {
			return i + 1
		}
	}
	return 0
}

// unpack appends what pack wrote.
func unpack(to []Point, m vitals.Measure, n int64, body []byte) ([]Point, error) {
	d := vitals.Of(m)
	if d == nil {
		return to, errPacked
	}
	at := n * week
	uvarint := func() uint64 {
		v, size := binary.Uvarint(body)
		if size <= 0 {
			body = nil
			return 0
		}
		body = body[size:]
		return v
	}
	for len(body) > 0 {
		at += int64(uvarint())
		if len(body) == 0 {
			return to, errPacked
		}
		flags := body[0]
		body = body[1:]
		p := Point{Order: at}
		for part, bit := range [vitals.MaxParts]byte{hasFirst, hasSecond} {
			if flags&bit == 0 {
				continue
			}
			v, size := binary.Varint(body)
			if size <= 0 {
				return to, errPacked
			}
			body = body[size:]
			p.Values[part], p.Has[part] = vitals.Amount(v), true
		}
		switch {
		case flags&under != 0:
			p.Bound = "<"
		case flags&over != 0:
			p.Bound = ">"
		}
		if i := int(flags >> unitShift); i > 0 && i <= len(d.Units) {
			p.Unit = d.Units[i-1].Code
		}
		if flags&noted != 0 {
			size := uvarint()
			if size > uint64(len(body)) {
				return to, errPacked
			}
			p.Note = string(body[:size])
			body = body[size:]
		}
		to = append(to, p)
	}
	return to, nil
}

// compare puts readings into one order, whichever way they came.
func compare(a, b Point) int {
	switch {
	case a.Order != b.Order:
		return sign(a.Order - b.Order)
	case a.Values != b.Values:
		for i := range a.Values {
			if a.Values[i] != b.Values[i] {
				return sign(int64(a.Values[i] - b.Values[i]))
			}
		}
	}
	if c := strings.Compare(a.Note, b.Note); c != 0 {
		return c
	}
	return strings.Compare(a.Unit+a.Bound, b.Unit+b.Bound)
}

func sign(n int64) int { return int(min(max(n, -1), 1)) }

// without takes one reading away that is the same as p, if there is one.
func without(all []Point, p Point) []Point {
	if i := slices.Index(all, p); i >= 0 {
		return slices.Delete(all, i, i+1)
	}
	return all
}
