package search

import (
	"crypto/sha256"
	"hash/fnv"
)

// MaxValue is how many bytes of a value an index row holds; a longer one is cut there and ends with
// a hash of the whole.
const MaxValue = 120

const hashed = 16 // bytes of a hash at the end of a cut value

// MaxWhole is how many bytes of a value are kept with the record; more is cut and hashed in the same
// way. So a text is searched in its first 2,048 bytes.
const MaxWhole = 2048

// space is the first four bytes of a key.
type space [4]byte

// named is the space of what is called name, rows of the index.
func named(name string) space {
	h := fnv.New64a()
	_, _ = h.Write([]byte("R4 " + name)) // with this start no two names of R4 meet: a test holds it to that
	v := h.Sum64()
	v ^= v >> 32
	return space{byte(v>>24) & 0x7f, byte(v >> 16), byte(v >> 8), byte(v)}
}

// beside is the same space for what is only kept with the record.
func (s space) beside() space {
	s[0] |= 0x80
	return s
}

func updatedSpace(typ string) space     { return named(typ + "._lastUpdated:date") }
func idSpace(typ string) space          { return named(typ + "._id:token") }
func compartmentSpace(typ string) space { return named(typ + ".*compartment") }

// all is every key of a space but the one that only says that there is something.
func all(s space) Range { return Range{append(s[:], 0), after(s[:])} }

// after is the first key behind all that start with prefix.
func after(prefix []byte) []byte {
	out := append([]byte(nil), prefix...)
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] != 0xff {
			out[i]++
			return out[:i+1]
		}
	}
	return nil // not reached: a space of indexed keys starts below 0x80, one beside them below 0xff
}

// starting is the range of keys in s whose value starts with prefix; as far as the index keeps it.
func starting(s space, prefix []byte) Range {
	if len(prefix) > MaxValue && Indexed(s[:]) {
		prefix = prefix[:MaxValue]
	}
	lo := append(s[:len(s):len(s)], prefix...)
	return Range{lo, after(lo)}
}

// exactly is the index key of value.
func exactly(s space, value []byte) []byte { return appendCut(s[:len(s):len(s)], value, MaxValue) }

// appendCut appends value, cut to max bytes and a hash if it is longer.
func appendCut(b, value []byte, most int) []byte {
	if len(value) <= most {
		return append(b, value...)
	}
	sum := sha256.Sum256(value)
	return append(append(b, value[:most]...), sum[:hashed]...)
}

// isCut reports whether an indexed key is the cut form of one kept beside.
func isCut(key []byte) bool { return Indexed(key) && len(key) > len(space{})+MaxValue }
