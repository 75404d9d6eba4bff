package wearables

import (
	"errors"
	"io"
)

// maxItem bounds a row of a table and a data point.
const maxItem = 1 << 20

var errItem = errors.New("a row or a data point is too long")

// limited fails when more than maxItem is read since the last fresh: the reader above it keeps one
// item in memory, and must not keep a whole file that forgets to end one.
type limited struct {
	r     io.Reader
	since int
}

func (l *limited) fresh() { l.since = 0 }

func (l *limited) Read(p []byte) (int, error) {
	if l.since > maxItem {
		return 0, errItem
	}
	if len(p) > 16<<10 {
		p = p[:16<<10]
	}
	n, err := l.r.Read(p)
	l.since += n
	return n, err
}
