package web

import (
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// response counts what is written and compresses it where that pays: text of some size, for callers
// that take gzip.
type response struct {
	http.ResponseWriter
	head, gzip bool // of the request: HEAD; takes gzip
	quiet      bool
	broken     bool // failed after it had begun: cut the connection
	wrote      bool // the header is decided
	status     int
	bytes      int64 // of the body, before compression
	zip        *gzip.Writer
}

// zips lends compressors at the fastest level: on pages it costs a third of the default's time and
// gives up about a tenth in size (bench/web has the figures).
var zips = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // only for a level that does not exist
	}
	return z
}}

func (w *response) began() bool { return w.wrote }

// WriteHeader notes the status. Whether to compress is decided with the first bytes of the body.
func (w *response) WriteHeader(status int) {
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.wrote {
		return
	}
	w.status, w.wrote = status, true
	w.compress()
	w.ResponseWriter.WriteHeader(status)
}

// Write writes through the compressor, if there is one.
func (w *response) Write(b []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	if w.head {
		return len(b), nil
	}
	w.bytes += int64(len(b))
	if w.zip != nil {
		return w.zip.Write(b)
	}
	return w.ResponseWriter.Write(b)
}

// compress starts the compressor if the header allows it.
func (w *response) compress() {
	h := w.Header()
	if !compressible(h.Get("Content-Type")) {
		return
	}
	h.Add("Vary", "Accept-Encoding")
	if !w.gzip || w.head || h.Get("Content-Encoding") != "" || h.Get("Content-Range") != "" || !hasBody(w.status) || small(h.Get("Content-Length")) {
		return
	}
	h.Del("Content-Length")
	h.Set("Content-Encoding", "gzip")
	if tag := h.Get("Etag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		h.Set("Etag", "W/"+tag) // the bytes differ, what they say does not
	}
	w.zip = zips.Get().(*gzip.Writer)
	w.zip.Reset(w.ResponseWriter)
}

// finish ends the compressed stream and gives the compressor back.
func (w *response) finish() {
	if w.zip == nil {
		return
	}
	if !w.broken {
		_ = w.zip.Close() // fails only when the caller has gone
	}
	w.zip.Reset(nil)
	zips.Put(w.zip)
	w.zip = nil
}

// FlushError sends what there is: http.ResponseController finds it.
func (w *response) FlushError() error {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	if w.zip != nil {
		if err := w.zip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func hasBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// small reports a length that is known and too short to be worth the work.
func small(length string) bool {
	return length != "" && len(length) < 5 && (len(length) < 4 || length < "1024")
}

// compressible reports a type that is text, and no stream of events, which must not be held back.
func compressible(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	switch t = strings.TrimSpace(t); t {
	case "text/event-stream", "":
		return false
	case "application/json", "application/javascript", "application/xml", "application/manifest+json", "image/svg+xml":
		return true
	}
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+xml") || strings.HasSuffix(t, "+json")
}

// acceptsGzip reads Accept-Encoding as far as it matters: gzip named, and not with q=0.
func acceptsGzip(r *http.Request) bool {
	for _, line := range r.Header["Accept-Encoding"] {
		for item := range strings.SplitSeq(line, ",") {
			name, q, _ := strings.Cut(item, ";")
			if name = strings.TrimSpace(name); name == "gzip" || name == "*" {
				q = strings.ReplaceAll(q, " ", "")
				return q != "q=0" && !strings.HasPrefix(q, "q=0.0")
			}
		}
	}
	return false
}
