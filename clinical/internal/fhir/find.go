package fhir

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// find is search: of a type, of several (_type), within a patient's compartment.
func (a *API) find(ctx context.Context, tx *records.Tx, q question) (found, error) {
	asked := search.Asked{Strict: q.strict, Base: a.Base, Now: tx.Now()}
	typ, path := q.typ, q.typ
	if q.rest != "" {
		asked.Patient, typ, path = q.id, q.rest, q.typ+"/"+url.PathEscape(q.id)+"/"+q.rest
		if typ == "*" {
			typ = ""
			if !q.params.Has("_type") {
				q.params = with(q.params, "_type", strings.Join(allowed(tx.Ask(), care(compartmentTypes())), ","))
			}
		}
	}
	query, err := search.Parse(typ, q.params, asked)
	if err != nil {
		return found{}, err
	}
	return a.run(ctx, tx, query, path, q.form)
}

// run answers with one page of a search. path is where its links lead.
func (a *API) run(ctx context.Context, tx *records.Tx, query *search.Query, path string, f form) (found, error) {
	got, err := tx.Search(ctx, query)
	if err != nil {
		return found{}, err
	}
	_, asked, _ := strings.Cut(query.String(), "?")
	b := newPage(a.Base, "searchset", got.Total)
	b.link("self", address(path, asked))
	if got.Next != "" && query.Summary != "count" {
		b.link("next", address(path, strings.TrimPrefix(asked+"&_cursor="+url.QueryEscape(got.Next), "&")))
	}
	for i := range got.Records {
		if err := b.add(&got.Records[i], "match", f); err != nil {
			return found{}, err
		}
	}
	for i := range got.Included {
		if err := b.add(&got.Included[i], "include", f); err != nil {
			return found{}, err
		}
	}
	b.unknown(query.Unknown)
	return found{status: http.StatusOK, body: b.bytes()}, nil
}

func (p *page) add(rec *records.Record, mode string, f form) error {
	body, err := f.cut(rec.Body)
	if err == nil {
		p.match(rec, body, mode)
	}
	return err
}

// with is a copy of v with one more parameter.
func with(v url.Values, name, value string) url.Values {
	out := make(url.Values, len(v)+1)
	for k, x := range v {
		out[k] = x
	}
	out.Set(name, value)
	return out
}

// compartmentTypes are those that can be in a patient's compartment.
func compartmentTypes() []string {
	return slices.DeleteFunc(slices.Clone(spec.R4().Resources()), func(t string) bool {
		return t != "Patient" && spec.R4().Compartment(t) == nil
	})
}
