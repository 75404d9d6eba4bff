package records

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"sync"
	"time"
)

// numbers makes seq and res: 63 bits that grow with time. The upper 52 are microseconds since 1970,
// the lower 11 were drawn by this process, so that two processes on one database do not meet unless
// they drew the same and count the same microsecond; the database then refuses the second, which draws anew.
type numbers struct {
	mu   sync.Mutex
	last int64 // microsecond of the last number
	part int64
}

const partBits = 11

func (n *numbers) restart() {
	var b [2]byte
	rand.Read(b[:])
	n.mu.Lock()
	n.part = int64(binary.BigEndian.Uint16(b[:])) & (1<<partBits - 1)
	n.mu.Unlock()
}

// next returns the next number at now; when the clock stands or is outrun, the next microsecond's.
func (n *numbers) next(now time.Time) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last = max(n.last+1, now.UnixMicro())
	return n.last<<partBits | n.part
}

// from is the lowest number of an instant.
func from(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro() << partBits
}

// when is the instant of a number.
func when(seq int64) time.Time { return time.UnixMicro(seq >> partBits).UTC() }

var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// newID makes a logical id: 6 bytes of the time, then 10 that cannot be guessed.
func newID(now time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	rand.Read(b[6:])
	return letters.EncodeToString(b[:])
}
