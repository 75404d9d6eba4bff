// Package clock injects time, so that every rule about time can be tested. It is the only package
// that calls time.Now. Imports nothing of Mitral.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time, in UTC.
type Clock interface{ Now() time.Time }

// System is the real clock.
type System struct{}

// Now returns the current instant in UTC with microsecond precision, the precision that is stored.
func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Manual is a clock that stands still until it is moved: for tests, and for building demo data that
// spans weeks. The zero value stands at the zero time. Safe for concurrent use.
type Manual struct {
	mu sync.Mutex
	t  time.Time
}

// At returns a Manual clock that stands at t.
func At(t time.Time) *Manual { return &Manual{t: t.UTC()} }

// Now returns where the clock stands.
func (m *Manual) Now() time.Time { m.mu.Lock(); defer m.mu.Unlock(); return m.t }

// Set moves the clock to t.
func (m *Manual) Set(t time.Time) { m.mu.Lock(); defer m.mu.Unlock(); m.t = t.UTC() }

// Advance moves the clock by d.
func (m *Manual) Advance(d time.Duration) { m.mu.Lock(); defer m.mu.Unlock(); m.t = m.t.Add(d) }
