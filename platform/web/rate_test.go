package web

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
)

func allowed(l *Rate, addr string, tries int) (n int) {
	for range tries {
		if ok, _ := l.Allow(netip.MustParseAddr(addr)); ok {
			n++
		}
	}
	return n
}

func TestRate(t *testing.T) {
	c := clock.At(start)
	l := NewRate(c, 2, time.Minute, 3)
	for _, step := range []struct {
		name, addr  string
		after       time.Duration
		tries, want int
	}{
		{"the burst", "192.0.2.1", 0, 5, 3},
		{"somebody else", "192.0.2.2", 0, 5, 3},
		{"just before the next", "192.0.2.1", 30*time.Second - 1, 1, 0},
		{"the next", "192.0.2.1", 1, 2, 1},
		{"the same in IPv6 clothes", "::ffff:192.0.2.1", 0, 1, 0},
		{"IPv6", "2001:db8::1", 0, 5, 3},
		{"its neighbour in the /64", "2001:db8::ffff:1", 0, 5, 0},
		{"another /64", "2001:db8:0:1::1", 0, 5, 3},
		{"after a long time no more than the burst", "192.0.2.1", time.Hour, 9, 3},
	} {
		c.Advance(step.after)
		if got := allowed(l, step.addr, step.tries); got != step.want {
			t.Errorf("%s: %d of %d, want %d", step.name, got, step.tries, step.want)
		}
	}
	if ok, wait := l.Allow(netip.MustParseAddr("192.0.2.1")); ok || wait != 30*time.Second {
		t.Errorf("%v, wait %v", ok, wait)
	}
}

func TestRateMemoryIsBounded(t *testing.T) {
	c := clock.At(start)
	l := NewRate(c, 1, time.Hour, 1)
	if allowed(l, "192.0.2.1", 2) != 1 {
		t.Fatal("no limit at all")
	}
	for i := range uint32(maxClients - 1) {
		l.Allow(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, 1<<30|i))))
	}
	if allowed(l, "192.0.2.1", 1) != 0 {
		t.Error("forgotten when the first generation is full")
	}
	for i := range uint32(3 * maxClients) {
		l.Allow(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, 1<<31|i))))
		if len(l.now)+len(l.old) > 2*maxClients {
			t.Fatalf("%d addresses", len(l.now)+len(l.old))
		}
	}
}
