package bundle

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// respond writes the response bundle, its entries in the order of the request's.
func (x *Runner) respond(kind string, requests []Request, results []Result, full bool) []byte {
	b := []byte(`{"resourceType":"Bundle","type":"` + kind + `"`)
	for i := range results {
		if i == 0 {
			b = append(b, `,"entry":[{`...)
		} else {
			b = append(b, `,{`...)
		}
		r := &results[i]
		asked := requests[i].rank() == 3
		if place, _, ok := strings.Cut(r.Location, "/_history/"); ok && x.Base != "" {
			b = member(b, "fullUrl", x.Base+"/"+place)
			b = append(b, ',')
		}
		if r.Body != nil && (full || asked) {
			b = append(append(append(b, `"resource":`...), r.Body...), ',')
		}
		b = append(b, `"response":{`...)
		b = member(b, "status", strconv.Itoa(r.Status)+" "+http.StatusText(r.Status))
		if r.Location != "" && !asked {
			b = append(b, ',')
			b = member(b, "location", r.Location)
		}
		if r.ETag != "" {
			b = append(b, ',')
			b = member(b, "etag", r.ETag)
		}
		if !r.Updated.IsZero() {
			b = append(b, ',')
			b = member(b, "lastModified", r.Updated.UTC().Format("2006-01-02T15:04:05.000Z07:00"))
		}
		if r.Outcome != nil {
			b = append(append(b, `,"outcome":`...), outcome.JSON(r.Outcome.Issues)...)
		}
		b = append(b, "}}"...)
	}
	if len(results) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

func member(b []byte, name, value string) []byte {
	b = append(append(append(b, '"'), name...), `":`...)
	text := resource.S(value)
	return text.Append(b)
}

// within moves the issues about a resource to its place in the bundle.
func within(r *Request, issues []outcome.Issue) []outcome.Issue {
	out := make([]outcome.Issue, len(issues))
	for i, is := range issues {
		_, rest, ok := strings.Cut(is.Expression, ".")
		is.Expression = r.path() + ".resource"
		if ok {
			is.Expression += "." + rest
		}
		out[i] = is
	}
	return out
}

// EntryError is an error that is about one entry.
type EntryError struct {
	At  int
	Err *outcome.Error
}

func (e *EntryError) Error() string { return e.Err.Error() }

// Unwrap returns what to answer.
func (e *EntryError) Unwrap() error { return e.Err }

// at says that what err refuses is refused because of an entry.
func at(r *Request, err error) error {
	refused := outcome.Of(err)
	var already *EntryError
	if refused == nil || errors.As(err, &already) {
		return err
	}
	out := &outcome.Error{Status: refused.Status, Issues: make([]outcome.Issue, len(refused.Issues))}
	for i, is := range refused.Issues {
		if !strings.HasPrefix(is.Expression, "Bundle.entry[") {
			is.Expression = r.path()
		}
		out.Issues[i] = is
	}
	return &EntryError{r.At, out}
}
