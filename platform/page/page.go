// Package page is keyset paging: a list is an index range, and a cursor names the row after which
// the next page starts. There are no offsets, so the cost of a page does not grow with the list.
// Imports only platform/fault.
package page

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
)

// Cursor is a place in a list ordered by an instant and, among equals, by an id. The zero Cursor is
// the start of the list.
type Cursor struct {
	At time.Time
	ID string
}

// IsZero reports whether c is the start of the list.
func (c Cursor) IsZero() bool { return c.At.IsZero() && c.ID == "" }

// String returns the opaque form for a URL, "" for the start.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(c.At.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(b, c.ID...))
}

// Parse reads what String wrote. Anything else is fault.Invalid.
func Parse(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 9 || len(b) > 8+64 {
		return Cursor{}, fault.New(fault.Invalid, "This link to a further page is broken. Start again from the first page.")
	}
	return Cursor{At: time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC(), ID: string(b[8:])}, nil
}

// Of is one page of a list. Next is zero on the last page.
type Of[T any] struct {
	Items []T
	Next  Cursor
}

// Cut makes a page of at most n items from up to n+1 rows that were read; the extra row only says
// that there is more. at names the place of an item.
func Cut[T any](rows []T, n int, at func(T) Cursor) Of[T] {
	if len(rows) <= n {
		return Of[T]{Items: rows}
	}
	return Of[T]{Items: rows[:n], Next: at(rows[n-1])}
}
