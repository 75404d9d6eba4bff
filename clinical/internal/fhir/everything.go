package fhir

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// everything answers POST $everything: the parameters are in the body.
func (c *call) everything() error {
	n, err := c.node()
	if err != nil {
		return err
	}
	if n.Type() != "Parameters" {
		return outcome.New(http.StatusBadRequest, outcome.Invalid, "", "Send the parameters of an operation as a Parameters resource.")
	}
	for _, p := range n.Get("parameter").Each() {
		for _, v := range p.Kids {
			if strings.HasPrefix(v.Name, "value") && len(v.Kids) == 0 {
				c.params.Add(p.Get("name").Str(), v.Text)
			}
		}
	}
	return c.answer(question{typ: c.typ, id: c.id, rest: c.rest, params: c.params, form: c.form, strict: c.prefer.strict})
}

// everything is a patient and all of the patient's compartment, with what it refers to, page by page
// (http://hl7.org/fhir/R4/patient-operation-everything.html). start and end are about when care took
// place: a resource that says nothing of that stays in.
func (a *API) everything(ctx context.Context, tx *records.Tx, q question) (found, error) {
	if q.typ != "Patient" {
		return found{}, outcome.New(http.StatusNotFound, outcome.NotSupported, "", "$everything is there for patients only.")
	}
	if _, err := tx.Read(ctx, q.typ, q.id); err != nil {
		return found{}, err
	}
	types := allowed(tx.Ask(), compartmentTypes())
	params := url.Values{"_count": {"100"}, "_include": {"*"}}
	var unknown, between, named []string
	for name, values := range q.params {
		switch name {
		case "_count", "_cursor":
			params[name] = values
		case "_since":
			params.Set("_lastUpdated", "ge"+strings.ReplaceAll(values[0], " ", "+"))
		case "start":
			between = append(between, "ge"+values[0])
		case "end":
			between = append(between, "le"+values[0])
		case "_type":
			named = strings.Split(strings.Join(values, ","), ",")
			for _, t := range named {
				if !spec.R4().IsResource(t) {
					return found{}, outcome.New(http.StatusBadRequest, outcome.Value, "", "_type: there is no resource type "+quoted(t)+".")
				}
			}
		default:
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 && q.strict {
		return found{}, none(url.Values{unknown[0]: nil})
	}
	if !slices.Contains(named, "AuditEvent") {
		types = care(types)
	}
	within := compartmentTypes()
	if named != nil && !slices.ContainsFunc(named, func(t string) bool { return !slices.Contains(within, t) }) {
		types = slices.DeleteFunc(types, func(t string) bool { return !slices.Contains(named, t) })
	} // else all are gone through, for what they refer to
	if len(types) == 0 {
		b := newPage(a.Base, "searchset", new(int))
		b.link("self", address(q.typ+"/"+url.PathEscape(q.id)+"/$everything", q.params.Encode()))
		return found{status: http.StatusOK, body: b.bytes()}, nil
	}
	asked := func(rec *records.Record) bool { return named == nil || slices.Contains(named, rec.Type) }
	params.Set("_type", strings.Join(types, ","))
	query, err := search.Parse("", params, search.Asked{Strict: true, Patient: q.id, Base: a.Base, Now: tx.Now()})
	if err != nil {
		return found{}, err
	}
	during, err := a.during(tx, types, between)
	if err != nil {
		return found{}, err
	}
	got, err := tx.Search(ctx, query)
	if err != nil {
		return found{}, err
	}
	path, self := q.typ+"/"+url.PathEscape(q.id)+"/$everything", with(q.params, "_count", params.Get("_count"))
	b := newPage(a.Base, "searchset", nil)
	self.Del("_cursor")
	b.link("self", address(path, self.Encode()))
	if got.Next != "" {
		b.link("next", address(path, with(self, "_cursor", got.Next).Encode()))
	}
	for i := range got.Records {
		if asked(&got.Records[i]) && during.has(&got.Records[i], a.Base) {
			b.match(&got.Records[i], got.Records[i].Body, "match")
		}
	}
	for i := range got.Included {
		if asked(&got.Included[i]) {
			b.match(&got.Included[i], got.Included[i].Body, "include")
		}
	}
	b.unknown(unknown)
	return found{status: http.StatusOK, body: b.bytes()}, nil
}

// care leaves out of types the one that is about who looked, which grows with each look: it has to be named.
func care(types []string) []string {
	return slices.DeleteFunc(slices.Clone(types), func(t string) bool { return t == "AuditEvent" })
}

// allowed are the types that who asks may search at all.
func allowed(ask records.Ask, types []string) []string {
	p := ask.Purpose
	if p == "" {
		p = access.Default(ask.Who.Kind)
	}
	return slices.DeleteFunc(slices.Clone(types), func(t string) bool { return !access.Decide(ask.Who, p, access.Search, t).Allow })
}

// careDates are the parameters that say when care took place, the best first.
var careDates = []string{"date", "onset-date", "authoredon", "authored-on", "authored", "period", "effective-time", "effective", "whenhandedover", "started", "occurrence", "sent", "issued", "created", "recorded-date"}

// span is a stretch of time, as one query for each type that has a date.
type span map[string][]*search.Query

func (a *API) during(tx *records.Tx, types, between []string) (span, error) {
	s := span{}
	if len(between) == 0 {
		return s, nil
	}
	for _, t := range types {
		for _, name := range careDates {
			p := spec.R4().Param(t, name)
			if p == nil || p.Type != "date" {
				continue
			}
			for _, v := range []url.Values{{name: between}, {name + ":missing": {"true"}}} {
				q, err := search.Parse(t, v, search.Asked{Strict: true, Base: a.Base, Now: tx.Now()})
				if err != nil {
					return nil, err
				}
				s[t] = append(s[t], q)
			}
			break
		}
	}
	return s, nil
}

func (s span) has(rec *records.Record, base string) bool {
	queries := s[rec.Type]
	if queries == nil {
		return true
	}
	n, err := resource.Parse(rec.Body)
	if err != nil {
		return true
	}
	terms := search.Extract(n, rec.Updated, search.Options{Base: base})
	return slices.ContainsFunc(queries, func(q *search.Query) bool { return q.Match(terms) })
}
