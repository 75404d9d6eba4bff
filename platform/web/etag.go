package web

import (
	"net/http"
	"strings"
)

// NotModified sets the Etag (tag is any text that changes with the content, without quotes) and, if
// the caller has that version, answers 304 and returns true: the handler is done. Say before it in
// Cache-Control that the answer may be kept at all.
func NotModified(w http.ResponseWriter, r *http.Request, tag string) bool {
	tag = strings.Map(func(c rune) rune {
		if c <= ' ' || c == '"' || c >= 0x7f {
			return '_'
		}
		return c
	}, tag)
	w.Header().Set("Etag", `W/"`+tag+`"`)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	for _, line := range r.Header["If-None-Match"] {
		for item := range strings.SplitSeq(line, ",") {
			item = strings.TrimSpace(item)
			if item == "*" || strings.TrimPrefix(item, "W/") == `"`+tag+`"` {
				w.WriteHeader(http.StatusNotModified)
				return true
			}
		}
	}
	return false
}
