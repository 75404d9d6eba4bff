package search

import (
	"bytes"
	"encoding/binary"
	"errors"
	"iter"
	"slices"
	"sort"
)

// Terms is what one record is found by: keys, sorted, each once. The zero Terms is empty.
type Terms struct {
	buf  []byte
	ends []uint32 // key i is buf[ends[i-1]:ends[i]]
}

// Indexed reports whether key is a row of the index; if not it is only kept with the record.
func Indexed(key []byte) bool { return len(key) > 0 && key[0]&0x80 == 0 }

// Len is the number of keys.
func (t Terms) Len() int { return len(t.ends) }

// At is key i; it must not be changed.
func (t Terms) At(i int) []byte {
	lo := uint32(0)
	if i > 0 {
		lo = t.ends[i-1]
	}
	return t.buf[lo:t.ends[i]:t.ends[i]]
}

// Index yields the keys that are rows of the index, in order.
func (t Terms) Index() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := range t.Len() {
			if k := t.At(i); !Indexed(k) || !yield(k) {
				return // the other keys sort behind all of the index
			}
		}
	}
}

// Has reports whether key is one of t's.
func (t Terms) Has(key []byte) bool {
	i := t.from(key)
	return i < t.Len() && bytes.Equal(t.At(i), key)
}

// First is the first key in r, nil if there is none.
func (t Terms) First(r Range) []byte {
	if i := t.from(r.Lo); i < t.Len() && bytes.Compare(t.At(i), r.Hi) < 0 {
		return t.At(i)
	}
	return nil
}

// Last is the last key in r, nil if there is none.
func (t Terms) Last(r Range) []byte {
	if i := t.from(r.Hi) - 1; i >= 0 && bytes.Compare(t.At(i), r.Lo) >= 0 {
		return t.At(i)
	}
	return nil
}

func (t Terms) from(key []byte) int {
	return sort.Search(t.Len(), func(i int) bool { return bytes.Compare(t.At(i), key) >= 0 })
}

func (t Terms) any(r Range) bool { return t.First(r) != nil }

// each yields the keys in r.
func (t Terms) each(r Range) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := t.from(r.Lo); i < t.Len(); i++ {
			if k := t.At(i); bytes.Compare(k, r.Hi) >= 0 || !yield(k) {
				return
			}
		}
	}
}

// Diff is the keys of old that now lacks, and those of now that old lacks; both only as far as they
// are rows of the index.
func Diff(old, now Terms) (removed, added [][]byte) {
	i, j := 0, 0
	for i < old.Len() || j < now.Len() {
		c := 0
		switch {
		case i == old.Len():
			c = 1
		case j == now.Len():
			c = -1
		default:
			c = bytes.Compare(old.At(i), now.At(j))
		}
		switch {
		case c < 0:
			if Indexed(old.At(i)) {
				removed = append(removed, old.At(i))
			}
			i++
		case c > 0:
			if Indexed(now.At(j)) {
				added = append(added, now.At(j))
			}
			j++
		default:
			i++
			j++
		}
	}
	return removed, added
}

const packed = 1 // version of Pack's format

// Pack writes t for keeping with the record.
func (t Terms) Pack() []byte {
	out := make([]byte, 0, len(t.buf)+2*t.Len()+3)
	out = append(out, packed)
	out = binary.AppendUvarint(out, uint64(t.Len()))
	var last []byte
	for i := range t.Len() {
		k := t.At(i)
		n := 0
		for n < len(last) && n < len(k) && n < 255 && last[n] == k[n] {
			n++
		}
		out = append(out, byte(n))
		out = binary.AppendUvarint(out, uint64(len(k)-n))
		out = append(out, k[n:]...)
		last = k
	}
	return out
}

var errPacked = errors.New("search: these are no packed terms")

// Unpack reads what Pack wrote.
func Unpack(b []byte) (Terms, error) {
	if len(b) < 2 || b[0] != packed {
		return Terms{}, errPacked
	}
	b = b[1:]
	count, w := binary.Uvarint(b)
	if w <= 0 || count > uint64(len(b)) {
		return Terms{}, errPacked
	}
	b = b[w:]
	t := Terms{buf: make([]byte, 0, 2*len(b)), ends: make([]uint32, 0, count)}
	for range count {
		if len(b) < 2 {
			return Terms{}, errPacked
		}
		shared := int(b[0])
		n, w := binary.Uvarint(b[1:])
		if w <= 0 || n > uint64(len(b)-1-w) {
			return Terms{}, errPacked
		}
		b = b[1+w:]
		start := len(t.buf)
		if shared > 0 {
			if t.Len() == 0 || shared > len(t.At(t.Len()-1)) {
				return Terms{}, errPacked
			}
			t.buf = append(t.buf, t.At(t.Len() - 1)[:shared]...)
		}
		t.buf = append(t.buf, b[:n]...)
		if t.Len() > 0 && bytes.Compare(t.At(t.Len()-1), t.buf[start:]) >= 0 {
			return Terms{}, errPacked
		}
		t.ends = append(t.ends, uint32(len(t.buf)))
		b = b[n:]
	}
	if len(b) != 0 {
		return Terms{}, errPacked
	}
	return t, nil
}

// gather sorts keys that were appended in any order and drops repeated ones.
func gather(buf []byte, ends []uint32) Terms {
	raw := Terms{buf, ends}
	order := make([]uint32, len(ends))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return bytes.Compare(raw.At(int(a)), raw.At(int(b))) })
	t := Terms{buf: make([]byte, 0, len(buf)), ends: make([]uint32, 0, len(ends))}
	for _, i := range order {
		k := raw.At(int(i))
		if t.Len() > 0 && bytes.Equal(t.At(t.Len()-1), k) {
			continue
		}
		t.buf = append(t.buf, k...)
		t.ends = append(t.ends, uint32(len(t.buf)))
	}
	return t
}
