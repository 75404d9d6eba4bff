package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ClientIP returns the address of who sent r: the peer of the connection or, where that is a trusted
// proxy, the nearest address in X-Forwarded-For that is none. It is invalid when the connection has
// no address (a Unix socket). An address is personal data: use it for limits, keep it out of logs.
func ClientIP(r *http.Request) netip.Addr {
	if x := exchangeOf(r.Context()); x != nil {
		return x.client
	}
	return peer(r)
}

// maxHops bounds how much of X-Forwarded-For is read; a caller may send any amount of it.
const maxHops = 16

func clientIP(r *http.Request, trusted []netip.Prefix) netip.Addr {
	addr := peer(r)
	if len(trusted) == 0 || !trusts(trusted, addr) {
		return addr
	}
	hops := 0
	for _, line := range slices.Backward(r.Header["X-Forwarded-For"]) {
		for line != "" && hops < maxHops {
			hops++
			i := strings.LastIndexByte(line, ',')
			next, ok := parseHop(line[i+1:])
			if !ok {
				return addr // what a proxy we trust did not write is no evidence
			}
			addr = next
			if !trusts(trusted, addr) {
				return addr
			}
			line = line[:max(i, 0)]
		}
	}
	return addr
}

// parseHop reads an address with or without a port, as proxies write either.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return a.Unmap().WithZone(""), true
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	return netip.Addr{}, false
}

func peer(r *http.Request) netip.Addr {
	a, _ := parseHop(r.RemoteAddr)
	return a
}

func trusts(trusted []netip.Prefix, a netip.Addr) bool {
	for _, p := range trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
