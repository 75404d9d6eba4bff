package web

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"

	"github.com/a-h/templ"
	json "github.com/go-json-experiment/json"

	"github.com/mitral-health/mitral/platform/fault"
)

// pages lends buffers, so that a page is whole before its first byte leaves and a template that
// fails halfway still becomes an error page.
var pages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keepBuffer is the largest buffer that goes back to the pool: one giant page must not hold its
// memory for ever.
const keepBuffer = 256 << 10

// Render answers 200 with the component.
func Render(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return RenderStatus(w, r, http.StatusOK, c)
}

// RenderStatus answers with the component and a status: a form with its mistakes marked, an error
// page.
func RenderStatus(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	b := pages.Get().(*bytes.Buffer)
	defer func() {
		if b.Cap() <= keepBuffer {
			b.Reset()
			pages.Put(b)
		}
	}()
	if err := c.Render(r.Context(), b); err != nil {
		return fault.Wrap(err, fault.Internal, "page not rendered")
	}
	return write(w, status, "text/html; charset=utf-8", b.Bytes())
}

// JSON answers with v; maps in the order of their keys.
func JSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return fault.Wrap(err, fault.Internal, "answer not encoded")
	}
	return write(w, status, "application/json", b)
}

// Text answers with plain text.
func Text(w http.ResponseWriter, status int, text string) error {
	return write(w, status, "text/plain; charset=utf-8", []byte(text))
}

// write sends a body that is whole. A caller who has gone is no fault of ours, so the error of the
// write itself is dropped: the chain sees it in the context.
func write(w http.ResponseWriter, status int, contentType string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
	return nil
}
