package web

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/mitral-health/mitral/platform/fault"
)

// answer renders a fault: JSON for programs, otherwise the page that the configuration has.
func (c *chain) answer(w http.ResponseWriter, r *http.Request, err error) {
	h := w.Header()
	h.Set("Cache-Control", "no-store") // whatever the handler meant for its success
	for _, name := range []string{"Content-Encoding", "Content-Length", "Content-Disposition", "Etag", "Last-Modified", "Location"} {
		h.Del(name)
	}
	a := c.area(r)
	switch {
	case a != nil && a.Fail != nil:
		a.Fail(w, r, err)
	case WantsJSON(r):
		type body struct {
			Kind    string `json:"kind"`
			Text    string `json:"text"`
			Request string `json:"request"`
		}
		_ = JSON(w, Status(err), map[string]body{"error": {fault.KindOf(err).String(), c.text(r, err), RequestID(r.Context())}})
	case c.cfg.Fail != nil:
		c.cfg.Fail(w, r, err)
	default:
		_ = Text(w, Status(err), c.text(r, err)+"\n")
	}
}

func (c *chain) text(r *http.Request, err error) string {
	if c.cfg.Text != nil {
		return c.cfg.Text(r, err)
	}
	text, args := fault.Text(err)
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// WantsJSON reports whether the caller is a program that wants its answer as JSON: it says so in
// Accept, or it sent JSON.
func WantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	if strings.Contains(accept, "text/html") {
		return false
	}
	return strings.Contains(accept, "application/json") || isJSON(r.Header.Get("Content-Type"))
}

// panicError is a panic as an error. What was thrown may hold anything, so only errors of the
// runtime ("index out of range [3]") are told; of others the type is, and the stack says where.
type panicError struct{ text, stack string }

func (p *panicError) Error() string { return p.text }

func panicked(v any) error {
	text := fmt.Sprintf("panic with a %T", v)
	if re, ok := v.(runtime.Error); ok {
		text = "panic: " + re.Error()
	}
	return &panicError{text: text, stack: string(debug.Stack())}
}

// newRequestID returns 64 random bits as text: enough to find a request in the log, not a secret.
func newRequestID() string {
	const hex = "0123456789abcdef"
	var b [16]byte
	v := rand.Uint64()
	for i := range b {
		b[i] = hex[v&15]
		v >>= 4
	}
	return string(b[:])
}
