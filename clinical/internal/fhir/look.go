package fhir

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/bundle"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// question is a request that changes nothing: one of its own, or an entry of a bundle.
type question struct {
	typ, id, rest string
	params        url.Values
	noneMatch     string
	since         string
	form          form
	strict        bool
}

// found is the answer to a question.
type found struct {
	status int
	rec    *records.Record // whose version the answer is; nil if it is not one record
	body   []byte
}

// ask answers GET.
func (c *call) ask() error {
	q := question{typ: c.typ, id: c.id, rest: c.rest, params: c.params, form: c.form, strict: c.prefer.strict,
		noneMatch: strings.Join(c.r.Header["If-None-Match"], ","), since: c.r.Header.Get("If-Modified-Since")}
	if q.id != "" && (q.rest == "" || strings.HasPrefix(q.rest, "_history/")) {
		if err := c.unused(); err != nil {
			return err
		}
	}
	return c.answer(q)
}

// unused is for what takes no parameters: it refuses them if that was asked for, or names them in a header.
func (c *call) unused() error {
	if len(c.params) == 0 {
		return nil
	}
	if c.prefer.strict {
		return none(c.params)
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(c.params)) {
		if name = url.QueryEscape(name); len(strings.Join(names, " "))+len(name) < 400 {
			names = append(names, name)
		}
	}
	c.w.Header().Set("Warning", `199 - "Not known here and not used: `+strings.Join(names, " ")+`"`)
	return nil
}

// search answers POST _search: the parameters of the body, and those of the address.
func (c *call) search() error {
	if _, err := checkType(c.r.Header, typeForm); err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	sent, err := parameters(string(b))
	if err != nil {
		return err
	}
	for name, values := range sent {
		c.params[name] = append(c.params[name], values...)
	}
	if c.form, err = readForm(c.r.Header, c.params, true); err != nil {
		return err
	}
	return c.answer(question{typ: c.typ, id: c.id, rest: c.rest, params: c.params, form: c.form, strict: c.prefer.strict})
}

func (c *call) answer(q question) error {
	var f found
	err := c.Records.Look(c.ctx(), c.who, func(tx *records.Tx) (err error) {
		f, err = c.look(c.ctx(), tx, q)
		return err
	})
	if err != nil {
		return err
	}
	if f.rec != nil {
		versionHeaders(c.w.Header(), *f.rec)
		c.w.Header().Set("Content-Location", c.Base+"/"+place(*f.rec))
	}
	if f.body == nil {
		c.w.WriteHeader(f.status)
		return nil
	}
	return send(c.w, f.status, f.body, c.form.pretty)
}

// lookFor answers an entry of a bundle.
func (a *API) lookFor(ctx context.Context, tx *records.Tx, r bundle.Request) (bundle.Result, error) {
	if r.Type == "" && r.Rest == "metadata" {
		return bundle.Result{Status: http.StatusOK, Body: a.metadata()}, nil
	}
	params, err := parameters(r.Query)
	if err != nil {
		return bundle.Result{}, err
	}
	q := question{typ: r.Type, id: r.ID, rest: strings.TrimSuffix(strings.TrimSuffix(r.Rest, "_search"), "/"), params: params,
		noneMatch: r.IfNoneMatch, since: r.IfModifiedSince}
	searches := q.id == "" && q.rest == "" || q.rest != "" && q.rest[0] != '_' && q.rest[0] != '$'
	if q.form, err = readForm(http.Header{}, params, searches); err != nil {
		return bundle.Result{}, err
	}
	if q.id != "" && q.rest == "" && len(params) > 0 { // there is no header to name them in
		return bundle.Result{}, none(params)
	}
	f, err := a.look(ctx, tx, q)
	if err != nil {
		return bundle.Result{}, err
	}
	out := bundle.Result{Status: f.status, Body: f.body}
	if f.rec != nil {
		out.ETag, out.Updated, out.Location = etag(f.rec.Version), f.rec.Updated, place(*f.rec)
	}
	return out, nil
}

// look answers a question.
func (a *API) look(ctx context.Context, tx *records.Tx, q question) (found, error) {
	version, ofOne := strings.CutPrefix(q.rest, "_history/")
	switch {
	case q.rest == "_history":
		return a.history(ctx, tx, q)
	case q.id == "" && q.rest == "":
		return a.find(ctx, tx, q)
	case q.id != "" && (q.rest == "" || ofOne):
		return a.read(ctx, tx, q, version)
	case q.id != "" && q.rest == "$everything":
		return a.everything(ctx, tx, q)
	case q.id != "" && q.rest == "$validate":
		return a.validateStored(ctx, tx, q)
	case q.typ == "Patient" && q.id != "" && (q.rest == "*" || spec.R4().IsResource(q.rest)):
		return a.find(ctx, tx, q)
	case q.id != "" && (q.rest == "*" || spec.R4().IsResource(q.rest)):
		return found{}, outcome.New(http.StatusNotFound, outcome.NotSupported, "", "Only the compartments of patients are known here.")
	}
	return found{}, outcome.New(http.StatusNotFound, outcome.NotFound, "", "There is nothing at this address.")
}

// read is read and vread.
func (a *API) read(ctx context.Context, tx *records.Tx, q question, version string) (found, error) {
	var rec records.Record
	var err error
	if version == "" {
		rec, err = tx.Read(ctx, q.typ, q.id)
	} else {
		n, bad := strconv.ParseInt(version, 10, 64)
		if bad != nil || n < 1 {
			n = -1 // asked for all the same: who may not see the record learns nothing from another answer
		}
		rec, err = tx.Vread(ctx, q.typ, q.id, n)
	}
	if err != nil {
		return found{}, err
	}
	if unchanged(rec, q.noneMatch, q.since) {
		return found{status: http.StatusNotModified, rec: &rec}, nil
	}
	body, err := q.form.cut(rec.Body)
	return found{http.StatusOK, &rec, body}, err
}

// none refuses parameters where there are none.
func none(params url.Values) error {
	for name := range params {
		return outcome.New(http.StatusBadRequest, outcome.NotSupported, "", "There is no parameter "+quoted(name)+" here.")
	}
	return nil
}

func quoted(s string) string {
	if len(s) > 60 {
		s = s[:60]
	}
	return strconv.Quote(s)
}

// history is the history of a record, a type, or all.
func (a *API) history(ctx context.Context, tx *records.Tx, q question) (found, error) {
	var h records.HistoryQuery
	var unknown []string
	for name, values := range q.params {
		value := values[0]
		var err error
		switch name {
		case "_count":
			h.Count, err = strconv.Atoi(value)
			if err != nil || h.Count < 1 {
				return found{}, outcome.New(http.StatusBadRequest, outcome.Value, "", "_count is a whole number from 1 on.")
			}
			h.Count = min(h.Count, search.MaxCount)
		case "_since":
			if h.Since, err = instant(value); err != nil {
				return found{}, outcome.New(http.StatusBadRequest, outcome.Value, "", "_since is an instant, such as 2026-11-23T10:00:00Z.")
			}
		case "_cursor":
			h.Cursor = value
		default:
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 && q.strict {
		return found{}, none(url.Values{unknown[0]: nil})
	}
	page, err := tx.History(ctx, q.typ, q.id, h)
	if err != nil {
		return found{}, err
	}
	path := strings.Join(clean(q.typ, url.PathEscape(q.id), "_history"), "/")
	self := url.Values{}
	for _, name := range []string{"_count", "_since"} {
		if v, ok := q.params[name]; ok {
			self.Set(name, v[0])
		}
	}
	b := newPage(a.Base, "history", page.Total)
	b.link("self", address(path, self.Encode()))
	if page.Next != "" {
		self.Set("_cursor", page.Next)
		b.link("next", address(path, self.Encode()))
	}
	for i := range page.Records {
		body, err := q.form.cut(page.Records[i].Body)
		if err != nil {
			return found{}, err
		}
		b.version(&page.Records[i], body)
	}
	b.unknown(unknown)
	return found{status: http.StatusOK, body: b.bytes()}, nil
}

// instant reads an instant, or a date as its beginning.
func instant(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339Nano, strings.ReplaceAll(s, " ", "+")); err == nil {
		return t, nil
	}
	return time.Parse(time.DateOnly, s)
}

func clean(parts ...string) []string {
	out := parts[:0]
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

func address(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}
