package bring

import (
	"errors"
	"io"
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
