package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestClientIPReachesHandlers(t *testing.T) {
	var got netip.Addr
	h := New(Config{Log: slog.New(slog.DiscardHandler), TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, []Route{
		{Pattern: "GET /", Handler: func(w http.ResponseWriter, r *http.Request) error { got = ClientIP(r); return nil }},
	})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Forwarded-For", "198.51.100.7")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if got != netip.MustParseAddr("198.51.100.7") {
		t.Errorf("client is %v", got)
	}
}

func TestClientIP(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"direct", "192.0.2.1:5", nil, "192.0.2.1"},
		{"a stranger claims", "192.0.2.1:5", []string{"198.51.100.7"}, "192.0.2.1"},
		{"a proxy tells", "10.1.1.1:5", []string{"198.51.100.7"}, "198.51.100.7"},
		{"the nearest counts", "10.1.1.1:5", []string{"1.1.1.1, 198.51.100.7"}, "198.51.100.7"},
		{"two proxies", "10.1.1.1:5", []string{"1.1.1.1, 198.51.100.7,10.2.2.2"}, "198.51.100.7"},
		{"two lines", "10.1.1.1:5", []string{"198.51.100.7", "10.2.2.2"}, "198.51.100.7"},
		{"only proxies", "10.1.1.1:5", []string{"10.2.2.2"}, "10.2.2.2"},
		{"with a port", "10.1.1.1:5", []string{"198.51.100.7:80"}, "198.51.100.7"},
		{"IPv6", "[2001:db8::1]:5", []string{"2001:4860::1"}, "2001:4860::1"},
		{"IPv6 with a port", "[2001:db8::1]:5", []string{"[2001:4860::1]:80"}, "2001:4860::1"},
		{"IPv4 in IPv6", "[::ffff:10.1.1.1]:5", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		{"zone", "10.1.1.1:5", []string{"fe80::1%eth0"}, "fe80::1"},
		{"nonsense", "10.1.1.1:5", []string{"198.51.100.7, unknown"}, "10.1.1.1"},
		{"empty", "10.1.1.1:5", []string{""}, "10.1.1.1"},
		{"endless", "10.1.1.1:5", []string{"198.51.100.7" + strings.Repeat(",10.3.3.3", 1000)}, "10.3.3.3"},
		{"no address", "@", nil, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := clientIP(r, trusted); got.String() != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

func FuzzForwardedFor(f *testing.F) {
	for _, s := range []string{"1.1.1.1", "::1, 10.0.0.1", ",,,", "[::1]:80", "10.0.0.1,\x00", "fe80::1%a"} {
		f.Add(s, "192.0.2.1:1")
		f.Add(s, "10.0.0.1:1")
	}
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, header, from string) {
		r := &http.Request{RemoteAddr: from, Header: http.Header{"X-Forwarded-For": {header}}}
		got := clientIP(r, trusted)
		if p := peer(r); !trusts(trusted, p) && got != p {
			t.Errorf("a stranger at %q became %v by %q", from, got, header)
		}
		if got.IsValid() && (got.Zone() != "" || got.Is4In6()) {
			t.Errorf("one address in two forms: %v", got)
		}
		bucket(got)
	})
}
