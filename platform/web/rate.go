package web

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/fault"
)

// Rate limits how often one client address may do something: a token bucket per IPv4 address or IPv6
// /64 (one household or host gets a whole /64). It is kept in this process, so N copies of the
// program allow up to N times as much; what must be counted exactly belongs in a store.
//
// Memory is bounded: at most twice maxClients addresses are known, in two generations. When the
// newer one is full or old enough that every bucket of the older has refilled, the older is
// forgotten. Somebody with more addresses than that can only make it forget, never lock others out.
type Rate struct {
	clock clock.Clock
	every time.Duration // one token
	depth time.Duration // a full bucket

	mu       sync.Mutex
	now, old map[[16]byte]time.Time // when the bucket will be full again
	turned   time.Time
}

const maxClients = 1 << 15

// NewRate allows n per period on average and burst at once. n and burst must be positive.
func NewRate(c clock.Clock, n int, period time.Duration, burst int) *Rate {
	if n <= 0 || burst <= 0 || period <= 0 {
		panic("web: a rate needs positive numbers")
	}
	every := max(period/time.Duration(n), 1)
	return &Rate{clock: c, every: every, depth: every * time.Duration(burst), now: map[[16]byte]time.Time{}}
}

// Allow takes one token of the address's bucket. If there is none it returns how long until there is
// one.
func (l *Rate) Allow(client netip.Addr) (ok bool, wait time.Duration) {
	k := bucket(client)
	t := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.now) >= maxClients || t.Sub(l.turned) > l.depth {
		if t.Sub(l.turned) > 2*l.depth {
			l.now = nil // that old, the newer one has refilled as well
		}
		l.old, l.now, l.turned = l.now, make(map[[16]byte]time.Time, min(len(l.now), 1024)), t
	}
	full, known := l.now[k]
	if !known {
		full = l.old[k]
	}
	if full.Before(t) {
		full = t
	}
	full = full.Add(l.every)
	if over := full.Sub(t) - l.depth; over > 0 {
		return false, over
	}
	l.now[k] = full
	return true, 0
}

// admit is Allow as the chain needs it: a fault, and a header that tells programs when to come back.
func (l *Rate) admit(w http.ResponseWriter, client netip.Addr) error {
	ok, wait := l.Allow(client)
	if ok {
		return nil
	}
	seconds := int64((wait + time.Second - 1) / time.Second)
	w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	return fault.New(fault.TooMany, "That was a lot in a short time. Please wait a moment and try again.")
}

// bucket is the part of an address that shares one bucket.
func bucket(a netip.Addr) [16]byte {
	k := a.Unmap().As16()
	if a.Is6() && !a.Is4In6() {
		clear(k[8:])
	}
	return k
}
