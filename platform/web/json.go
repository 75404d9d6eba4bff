package web

import (
	"io"
	"mime"
	"net/http"

	json "github.com/go-json-experiment/json"

	"github.com/mitral-health/mitral/platform/fault"
)

// maxDepth is how deep JSON from outside may nest.
const maxDepth = 32

// ReadJSON reads the body, which must be one JSON value with nothing after it, into v. Refused, as
// fault.Invalid: another content type, a name given twice, a member that v does not have, names in
// another case, text that is no UTF-8 or holds NUL, nesting over 32 levels. Over the route's size
// limit it is fault.TooLarge.
func ReadJSON(r *http.Request, v any) error {
	if !isJSON(r.Header.Get("Content-Type")) {
		return fault.New(fault.Invalid, "Send this as JSON.")
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return unread(err)
	}
	return parseJSON(b, v)
}

func parseJSON(b []byte, v any) error {
	const text = "What you sent could not be read as JSON of the expected form."
	if !shallow(b) {
		return fault.New(fault.Invalid, text)
	}
	return fault.Wrap(json.Unmarshal(b, v, json.RejectUnknownMembers(true)), fault.Invalid, text)
}

// shallow reports whether b nests at most maxDepth levels and no string in it holds NUL, which
// PostgreSQL can't store. Whether b is JSON at all is for the parser to say.
func shallow(b []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			if i+5 < len(b) && string(b[i+1:i+6]) == "u0000" {
				return false
			}
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && t == "application/json"
}

// unread is for a body that ended early or was over the limit.
func unread(err error) error {
	err = classify(err)
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.Invalid, "What you sent did not arrive completely. Please try again.")
}
