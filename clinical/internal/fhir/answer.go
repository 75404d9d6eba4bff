package fhir

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

// cors lets programs that run in a browser, on whichever site, use a token here. It never lets them
// send cookies: with "*" browsers refuse to.
func cors(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Authorization, Accept, Content-Type, If-Match, If-None-Match, If-Modified-Since, If-None-Exist, Prefer, Cache-Control, X-Requested-With")
	h.Set("Access-Control-Expose-Headers", "ETag, Last-Modified, Location, Content-Location, Retry-After, X-Request-Id")
	h.Set("Access-Control-Max-Age", "86400")
}

// send writes a whole JSON body.
func send(w http.ResponseWriter, status int, body []byte, pretty bool) error {
	if pretty {
		v := jsontext.Value(append([]byte(nil), body...)) // a record's body is not ours to change
		if v.Indent(jsontext.WithIndent("  ")) == nil {
			body = append(v, '\n')
		}
	}
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // who has gone needs no answer
	return nil
}

// refuse answers with one issue.
func (a *API) refuse(w http.ResponseWriter, status int, code outcome.Code, text string) error {
	return a.say(w, outcome.New(status, code, "", text), false)
}

// say answers with an OperationOutcome.
func (a *API) say(w http.ResponseWriter, e *outcome.Error, pretty bool) error {
	if h := w.Header(); e.Status == http.StatusUnauthorized && h.Get("WWW-Authenticate") == "" {
		h.Set("WWW-Authenticate", `Bearer realm="`+a.Base+`"`)
	}
	return send(w, e.Status, outcome.JSON(e.Issues), pretty)
}

// kinds is the one table from a fault to FHIR's kinds of issue.
var kinds = map[fault.Kind]outcome.Code{
	fault.Internal: outcome.Exception, fault.Invalid: outcome.Invalid, fault.NotFound: outcome.NotFound, fault.Unauthenticated: outcome.Login,
	fault.Forbidden: outcome.Forbidden, fault.Conflict: outcome.Conflict, fault.TooLarge: outcome.TooLong, fault.TooMany: outcome.Throttled,
	fault.Unavailable: outcome.Transient,
}

// refusal returns what to answer with if err is somebody's mistake, nil if it is ours.
func refusal(err error) *outcome.Error {
	if e := outcome.Of(err); e != nil {
		return e
	}
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return outcome.New(http.StatusRequestEntityTooLarge, outcome.TooLong, "", "This is too large. At most "+strconv.FormatInt(big.Limit>>20, 10)+" MB are taken here.")
	}
	if kind := fault.KindOf(err); kind != fault.Internal {
		text, args := fault.Text(err)
		if len(args) > 0 {
			text = fmt.Sprintf(text, args...)
		}
		return outcome.New(web.Status(err), kinds[kind], "", text)
	}
	return nil
}

// fail answers what the chain around us says: limits, panics, time that ran out.
func (a *API) fail(w http.ResponseWriter, _ *http.Request, err error) {
	cors(w.Header())
	e := refusal(err)
	if e == nil {
		e = outcome.New(http.StatusInternalServerError, outcome.Exception, "", "Something went wrong on our side.")
	}
	_ = a.say(w, e, false)
}

func etag(version int64) string { return `W/"` + strconv.FormatInt(version, 10) + `"` }

// versionOf reads an entity tag: the version, 0 for "*" (any), -1 for what can't be one of ours.
func versionOf(tag string) int64 {
	tag = strings.TrimSpace(tag)
	if tag == "*" {
		return 0
	}
	tag = strings.TrimPrefix(tag, "W/")
	n, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

// ifMatch reads If-Match: of several tags a client can mean only one, so more than one never match.
func ifMatch(h http.Header) records.IfMatch {
	tags := h["If-Match"]
	if len(tags) == 0 || len(tags) == 1 && strings.TrimSpace(tags[0]) == "" {
		return records.Any
	}
	if len(tags) > 1 || strings.Contains(tags[0], ",") {
		return -1
	}
	if version := versionOf(tags[0]); version != 0 {
		return records.IfMatch(version)
	}
	return records.Existing
}

// unchanged reports whether who asks has this version already.
func unchanged(rec records.Record, noneMatch, since string) bool {
	if noneMatch != "" {
		for tag := range strings.SplitSeq(noneMatch, ",") {
			if v := versionOf(tag); v == 0 || v == rec.Version {
				return true
			}
		}
		return false
	}
	if since == "" {
		return false
	}
	t, err := http.ParseTime(since)
	if err != nil {
		if t, err = time.Parse(time.RFC3339Nano, since); err != nil { // as Bundle.entry.request has it
			return false
		}
		return !rec.Updated.After(t)
	}
	return !rec.Updated.Truncate(time.Second).After(t)
}

// versionHeaders tells which version an answer is about.
func versionHeaders(h http.Header, rec records.Record) {
	h.Set("ETag", etag(rec.Version))
	h.Set("Last-Modified", rec.Updated.UTC().Format(http.TimeFormat))
}

func place(rec records.Record) string {
	return rec.Type + "/" + rec.ID + "/_history/" + strconv.FormatInt(rec.Version, 10)
}
