// Package id makes identifiers: one Go type per noun over UUID version 7 (RFC 9562), so that a
// post's id can't be handed to something that wants a draft's. Imports nothing of Mitral.
package id

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Of is the id of a Noun. The zero value is "no id". Ids made later sort after ids made earlier, to
// the millisecond, both as bytes and as text.
type Of[Noun any] [16]byte

// ErrMalformed is returned for text that is no UUID in its canonical lower-case form.
var ErrMalformed = errors.New("malformed id")

// New returns a fresh id for a thing made at t. The 74 bits that are not time come from the
// operating system's random source, so an id can't be guessed from its neighbours.
func New[Noun any](t time.Time) Of[Noun] {
	var v Of[Noun]
	rand.Read(v[:]) // never fails: crypto/rand aborts the program instead
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(t.UnixMilli()))
	copy(v[:6], ms[2:])
	v[6] = v[6]&0x0f | 0x70
	v[8] = v[8]&0x3f | 0x80
	return v
}

// Random returns an id that tells nothing, not even when it was made (UUID version 4): for what
// the gate releases and for the pairwise subjects of identity.
func Random[Noun any]() Of[Noun] {
	var v Of[Noun]
	rand.Read(v[:])
	v[6] = v[6]&0x0f | 0x40
	v[8] = v[8]&0x3f | 0x80
	return v
}

// Parse reads the 36-character canonical form.
func Parse[Noun any](s string) (Of[Noun], error) {
	var v Of[Noun]
	err := v.UnmarshalText([]byte(s))
	return v, err
}

// IsZero reports whether v is no id.
func (v Of[Noun]) IsZero() bool { return v == Of[Noun]{} }

// String returns the canonical form, or "" for no id.
func (v Of[Noun]) String() string {
	if v.IsZero() {
		return ""
	}
	var b [36]byte
	hex.Encode(b[:8], v[:4])
	hex.Encode(b[9:13], v[4:6])
	hex.Encode(b[14:18], v[6:8])
	hex.Encode(b[19:23], v[8:10])
	hex.Encode(b[24:], v[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// MarshalText implements encoding.TextMarshaler.
func (v Of[Noun]) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. Empty text is no id.
func (v *Of[Noun]) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*v = Of[Noun]{}
		return nil
	}
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return ErrMalformed
	}
	var flat [32]byte
	copy(flat[:8], b[:8])
	copy(flat[8:12], b[9:13])
	copy(flat[12:16], b[14:18])
	copy(flat[16:20], b[19:23])
	copy(flat[20:], b[24:])
	for _, c := range flat {
		if c >= 'A' && c <= 'F' {
			return ErrMalformed
		}
	}
	var out Of[Noun]
	if _, err := hex.Decode(out[:], flat[:]); err != nil {
		return ErrMalformed
	}
	*v = out
	return nil
}

// Value stores the id as text; no id is stored as NULL.
func (v Of[Noun]) Value() (driver.Value, error) {
	if v.IsZero() {
		return nil, nil
	}
	return v.String(), nil
}

// Scan reads what Value stored.
func (v *Of[Noun]) Scan(src any) error {
	switch s := src.(type) {
	case nil:
		*v = Of[Noun]{}
		return nil
	case string:
		return v.UnmarshalText([]byte(s))
	case []byte:
		return v.UnmarshalText(s)
	}
	return fmt.Errorf("id: can't read a %T", src)
}
