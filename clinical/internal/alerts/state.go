package alerts

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Kept is how many readings a State remembers: three a day for 32 days.
const Kept = 96

// point is a reading, as far as rules need it.
type point struct {
	at  int64  // microseconds of Order
	id  uint64 // of its key
	v   [vitals.MaxParts]vitals.Amount
	has uint8 // bit for each part
}

func (p *point) part(i vitals.Part) (vitals.Amount, bool) {
	return p.v[i], p.has>>i&1 == 1
}

func (p *point) parts() (has [vitals.MaxParts]bool) {
	for i := range has {
		_, has[i] = p.part(vitals.Part(i))
	}
	return has
}

func (p *point) time() time.Time { return time.UnixMicro(p.at).UTC() }

// before is the order of a State: by time, then by key.
func before(a, b point) int {
	switch {
	case a.at < b.at || a.at == b.at && a.id < b.id:
		return -1
	case a.at == b.at && a.id == b.id:
		return 0
	}
	return 1
}

// State is what is remembered of one measure of one patient. Its zero value has seen nothing.
type State struct {
	points []point // oldest first, Kept at most; never changed once it is in a State
}

func keyed(key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(key)) // never fails
	return h.Sum64()
}

func pointOf(r vitals.Reading) point {
	p := point{at: r.Order.UnixMicro(), id: keyed(r.Key), v: r.Values}
	for i, has := range r.Has {
		if has {
			p.has |= 1 << i
		} else {
			p.v[i] = 0
		}
	}
	return p
}

// Last is when the newest reading was made; zero if there is none.
func (s State) Last() time.Time {
	if len(s.points) == 0 {
		return time.Time{}
	}
	return s.points[len(s.points)-1].time()
}

// Len is how many readings are remembered.
func (s State) Len() int { return len(s.points) }

// with adds p. at is its place, or -1 if it is older than all that is kept; again says that it was
// known. A reading that comes again with an earlier time, as one does that was put off by a wrong
// clock, takes the earlier time.
func (s State) with(p point) (next State, at int, again bool) {
	if i := slices.IndexFunc(s.points, func(q point) bool { return q.id == p.id }); i >= 0 {
		if s.points[i].at <= p.at {
			return s, i, true
		}
		s, again = s.cut(i), true
	}
	at, _ = slices.BinarySearchFunc(s.points, p, before)
	drop := 0
	if len(s.points) == Kept {
		if at == 0 {
			return s, -1, again
		}
		drop = 1
	}
	next.points = make([]point, 0, len(s.points)+1-drop)
	next.points = append(next.points, s.points[drop:at]...)
	next.points = append(next.points, p)
	next.points = append(next.points, s.points[at:]...)
	return next, at - drop, again
}

func (s State) cut(i int) State {
	next := make([]point, 0, len(s.points))
	return State{append(append(next, s.points[:i]...), s.points[i+1:]...)}
}

// Forget takes a reading out that was withdrawn or corrected. What it pushed out doesn't come back.
func (s State) Forget(key string) State {
	id := keyed(key)
	if i := slices.IndexFunc(s.points, func(q point) bool { return q.id == id }); i >= 0 {
		return s.cut(i)
	}
	return s
}

const packed = 1 // version of the layout

var errState = errors.New("alerts: this is no packed state")

// Pack writes a State in some 20 bytes for each reading.
func (s State) Pack() []byte {
	b := make([]byte, 0, 2+len(s.points)*22)
	b = append(b, packed, byte(len(s.points)))
	var last int64
	for _, p := range s.points {
		b = binary.AppendVarint(b, p.at-last)
		last = p.at
		b = binary.LittleEndian.AppendUint64(b, p.id)
		b = append(b, p.has)
		for i := range p.v {
			if _, has := p.part(vitals.Part(i)); has {
				b = binary.AppendVarint(b, int64(p.v[i]))
			}
		}
	}
	return b
}

// Unpack reads what Pack wrote; nothing is the zero State.
func Unpack(b []byte) (State, error) {
	if len(b) == 0 {
		return State{}, nil
	}
	if len(b) < 2 || b[0] != packed || b[1] > Kept {
		return State{}, errState
	}
	n := int(b[1])
	b = b[2:]
	s := State{}
	if n > 0 {
		s.points = make([]point, n)
	}
	var last int64
	for k := range s.points {
		p := &s.points[k]
		gap, used := binary.Varint(b)
		if used <= 0 || len(b) < used+9 {
			return State{}, errState
		}
		last += gap
		p.at, p.id, p.has = last, binary.LittleEndian.Uint64(b[used:]), b[used+8]
		b = b[used+9:]
		if p.has >= 1<<vitals.MaxParts || k > 0 && before(s.points[k-1], *p) >= 0 {
			return State{}, errState
		}
		for i := range p.v {
			if p.has>>i&1 == 0 {
				continue
			}
			v, used := binary.Varint(b)
			if used <= 0 {
				return State{}, errState
			}
			p.v[i], b = vitals.Amount(v), b[used:]
		}
	}
	if len(b) > 0 {
		return State{}, errState
	}
	return s, nil
}
