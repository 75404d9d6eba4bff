package web

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/mitral-health/mitral/platform/fault"
)

// maxFields is how many fields a form or a query may have.
const maxFields = 500

// Form returns the fields of a form that was sent in the body; those of the address are in Query. It
// refuses, as fault.Invalid, another content type, more than 500 fields, text that is no UTF-8 and
// NUL, and as fault.TooLarge what is over the route's limit. Line ends are "\n". A form with files is
// for Upload.
func Form(r *http.Request) (url.Values, error) {
	switch t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t {
	case "application/x-www-form-urlencoded":
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, unread(err)
		}
		return parseForm(string(b))
	case "multipart/form-data":
		return Upload(r, 0, func(*File) error { return errForm })
	case "":
		if r.Body == nil || r.Body == http.NoBody { // a form without fields, as programs send it
			return url.Values{}, nil
		}
	}
	return nil, errForm
}

// Query returns the fields of the address, checked like a form.
func Query(r *http.Request) (url.Values, error) { return parseForm(r.URL.RawQuery) }

var errForm = fault.New(fault.Invalid, "This form could not be read.")

func parseForm(s string) (url.Values, error) {
	if strings.Count(s, "&") >= maxFields {
		return nil, errForm
	}
	v, err := url.ParseQuery(s)
	if err != nil {
		return nil, fault.Wrap(errForm, fault.Invalid, "This form could not be read.") // the cause would quote the text
	}
	for name, values := range v {
		if !plain(name) {
			return nil, errForm
		}
		for i, s := range values {
			if !plain(s) {
				return nil, errForm
			}
			values[i] = lines(s)
		}
	}
	return v, nil
}

// plain reports text that both databases can store.
func plain(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// lines gives the line ends of a text area, which browsers send as CRLF, the form they have in files.
func lines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
