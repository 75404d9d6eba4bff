package bring

import (
	"errors"
	"io"
	"sync/atomic"
	"time"
)

// maxItem bounds a resource of a file: one that forgets to end is not kept in memory for ever.
const maxItem = 4 << 20

var errItem = errors.New("a resource is too long")

type bounded struct {
	r     io.Reader
	since int // bytes since the last resource began
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.since > maxItem {
		return 0, errItem
	}
	n, err := b.r.Read(p[:min(len(p), 64<<10)])
	b.since += n
	return n, err
}

// farAhead is when a file's readings are taken to have been received while it is only read: nothing in it is
// ahead of its time then.
var farAhead = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

// counting reads at places of something that seeks, and counts the bytes.
type counting struct {
	r  io.ReadSeeker
	at int64
	n  atomic.Int64
}

// ReadAt implements io.ReaderAt, for one goroutine.
func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	if c.at != off {
		if _, err := c.r.Seek(off, io.SeekStart); err != nil {
			return 0, err
		}
	}
	n, err := io.ReadFull(c.r, p)
	c.at = off + int64(n)
	c.n.Add(int64(n))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}
