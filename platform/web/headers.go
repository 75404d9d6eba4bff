package web

import (
	"net/http"
	"strings"
)

// policy is the Content-Security-Policy of every answer: everything from here, and nothing inline but styles with
// these hashes.
// form-action also stops a form's redirect to another site, so a hand-over to a sign-in service must
// be a link, not a form.
func policy(styles []string) string {
	return "default-src 'none'; script-src 'self'; style-src " + strings.Join(append([]string{"'self'"}, styles...), " ") +
		"; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
}

// fixed are the headers that every answer carries. The slices are shared by all requests: Header.Set
// and Add replace them and never write into them.
var fixed = []struct {
	name  string
	value []string
}{
	{"Referrer-Policy", []string{"same-origin"}}, // which page of a health service somebody read is nobody's business
	{"Permissions-Policy", []string{"accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), browsing-topics=()"}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"X-Frame-Options", []string{"DENY"}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cross-Origin-Resource-Policy", []string{"same-origin"}}, // public pictures set "cross-origin"
	{"Cache-Control", []string{"no-store"}},                   // public pages say how long they may be kept
}

var transport = []string{"max-age=31536000"}

func setHeaders(h http.Header, id string, hsts bool) {
	for i := range fixed {
		h[fixed[i].name] = fixed[i].value[:1:1]
	}
	if hsts {
		h["Strict-Transport-Security"] = transport[:1:1]
	}
	h["X-Request-Id"] = []string{id}
}
