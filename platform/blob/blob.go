// Package blob keeps files: pictures and other bytes that are too large for a database. One small
// role, Store, with two implementations that pass the same tests: Folder (one machine, or a shared
// disk) and S3 (any store that speaks it).
//
// A file is stored whole or not at all, and read back with its length and type. Files are private to
// the program; who may see one is decided by whoever serves it. May import platform/fault, clock
// and logs.
package blob

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
)

// Store keeps files under keys. Errors are faults: NotFound for a key that has no file, Invalid for a
// key or content that is refused, Unavailable when the store does not answer.
type Store interface {
	// Put stores exactly size bytes of r, replacing what the key held. If r has fewer or more, nothing
	// changes.
	Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error
	// Get opens a file. ctx must live until it is closed.
	Get(ctx context.Context, key string) (io.ReadSeekCloser, Info, error)
	// Delete removes a file; that there is none is no error.
	Delete(ctx context.Context, key string) error
	// List calls f for every file, in no promised order, and stops at its first error.
	List(ctx context.Context, f func(key string, size int64) error) error
}

// Info is what is known of a file besides its bytes.
type Info struct {
	Size        int64
	ContentType string
	Modified    time.Time
}

const (
	maxKey  = 200
	maxType = 120
)

// ValidKey reports whether key may name a file: 1 to 200 of a-z, 0-9, "-", "_", "." and "/", where no
// part between slashes is empty or starts with a dot. Such a key is the same file on every system
// (no letter case, nothing to escape) and can't climb out of a folder.
func ValidKey(key string) bool {
	if key == "" || len(key) > maxKey {
		return false
	}
	start := true
	for i := range len(key) {
		c := key[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
			start = false
		case c == '.' && !start:
		case c == '/' && !start:
			start = true
		default:
			return false
		}
	}
	return !start
}

func check(key string) error {
	if !ValidKey(key) {
		return fault.New(fault.Invalid, "This is no valid name for a stored file.")
	}
	return nil
}

func checkType(contentType string) error {
	if contentType == "" || len(contentType) > maxType || strings.ContainsFunc(contentType, func(c rune) bool { return c < ' ' || c > '~' }) {
		return fault.New(fault.Invalid, "This is no valid type of a stored file.")
	}
	return nil
}

func checkSize(size int64) error {
	if size < 0 {
		return wrongSize()
	}
	return nil
}

func missing(err error) error {
	return fault.Wrap(err, fault.NotFound, "This file does not exist.")
}

func broken(err error) error {
	return fault.Wrap(err, fault.Unavailable, "The files can't be reached right now. Please try again.")
}

// errSize is the cause when a reader does not hold what Put was told.
var errSize = errors.New("content is not as long as announced")

func wrongSize() error {
	return fault.Wrap(errSize, fault.Invalid, "The file did not arrive completely. Please try again.")
}

// exactly reads size bytes and fails if r ends before or goes on after them. It looks one byte ahead,
// so that what is too long fails before its last byte is handed out.
type exactly struct {
	r    io.Reader
	left int64
	err  error
}

func (e *exactly) Read(b []byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	if e.left == 0 {
		e.err = e.ended()
		return 0, e.err
	}
	if int64(len(b)) > e.left {
		b = b[:e.left]
	}
	n, err := e.r.Read(b)
	e.left -= int64(n)
	switch {
	case e.left == 0 && n > 0:
		if e.err = e.ended(); !errors.Is(e.err, io.EOF) {
			return 0, e.err
		}
		return n, nil
	case errors.Is(err, io.EOF):
		e.err = wrongSize()
	default:
		e.err = err
	}
	return n, e.err
}

// ended returns io.EOF if r has nothing more.
func (e *exactly) ended() error {
	var one [1]byte
	switch n, err := io.ReadFull(e.r, one[:]); {
	case n > 0:
		return wrongSize()
	default:
		return err
	}
}
