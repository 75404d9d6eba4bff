package web

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/mitral-health/mitral/platform/fault"
)

// Local reports whether target is a path (with query and fragment) on this site and nothing that a
// browser could read as another one: "//evil", "/\evil", "/\t/evil" are refused.
func Local(target string) bool {
	if !strings.HasPrefix(target, "/") || len(target) > 2048 || !utf8.ValidString(target) {
		return false
	}
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c == 0x7f || c == '\\' {
			return false
		}
	}
	path := target
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	if strings.Contains(path, "//") {
		return false
	}
	u, err := url.Parse(target)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && u.Opaque == ""
}

// LocalOr returns target if it is Local, otherwise fallback: for where to go after signing in.
func LocalOr(target, fallback string) string {
	if Local(target) {
		return target
	}
	return fallback
}

// Redirect sends the browser to a local path with GET (303), as after every form. A target that is
// not Local is refused.
func Redirect(w http.ResponseWriter, _ *http.Request, path string) error {
	if !Local(path) {
		return fault.New(fault.Invalid, "This link leads away from this site.")
	}
	w.Header().Set("Location", escape(path))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// escape writes what is not ASCII as the percent form, as a header needs it.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
