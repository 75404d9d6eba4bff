package search

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// Asked is what Parse is told besides the parameters.
type Asked struct {
	Strict  bool      // an unknown parameter is an error; else it is listed in Query.Unknown
	Patient string    // the search is addressed to this patient's compartment; ""
	Base    string    // as Options.Base
	Now     time.Time // "ap" of a date is a tenth of its distance from now
}

// Parse reads a search for records of a type, or with "" of the types that _type lists. What it
// refuses is an *outcome.Error with status 400 that names the parameter.
func Parse(resourceType string, params url.Values, a Asked) (*Query, error) {
	q := &Query{Type: resourceType, Types: []string{resourceType}, Patient: a.Patient, Count: DefaultCount}
	p := &parser{Asked: a, query: q}
	if err := p.types(params); err != nil {
		return nil, err
	}
	if a.Patient != "" {
		if err := p.compartment(a.Patient); err != nil {
			return nil, err
		}
	}
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range params[name] {
			if err := p.one(name, value); err != nil {
				return nil, err
			}
		}
	}
	q.text = p.text()
	return q, nil
}

type parser struct {
	Asked
	query *Query
	name  string // of the parameter that is read, as written
	given int
	count int      // and inner queries
	used  []string // written, escaped
}

// bad refuses a parameter.
func bad(name, why string) error {
	return outcome.New(http.StatusBadRequest, outcome.Invalid, "", "The search parameter "+hint(name)+" "+why+".")
}

func unsupported(name, why string) error {
	return outcome.New(http.StatusBadRequest, outcome.NotSupported, "", "The search parameter "+hint(name)+" "+why+".")
}

// unknown is what lenient handling passes over.
type unknown struct{ name string }

func (e unknown) Error() string { return e.name }

func (p *parser) types(params url.Values) error {
	if p.query.Type != "" {
		if !spec.R4().IsResource(p.query.Type) {
			return outcome.New(http.StatusNotFound, outcome.NotFound, "", "There is no resource type "+hint(p.query.Type)+".")
		}
		return nil
	}
	listed := strings.Join(params["_type"], ",")
	if listed == "" {
		return bad("_type", "is needed for a search over several types")
	}
	p.query.Types = nil
	for t := range strings.SplitSeq(listed, ",") {
		if !spec.R4().IsResource(t) {
			return bad("_type", "names no resource type: "+hint(t))
		}
		if !slices.Contains(p.query.Types, t) {
			p.query.Types = append(p.query.Types, t)
		}
	}
	if len(p.query.Types) == 1 {
		p.query.Type = p.query.Types[0]
	}
	return nil
}

func (p *parser) compartment(patient string) error {
	if !isID(patient) {
		return outcome.Absent()
	}
	var alts []alternative
	for _, t := range p.query.Types {
		if !planFor(t).inside {
			return outcome.New(http.StatusBadRequest, outcome.Invalid, "", t+" is in no patient's compartment.")
		}
		alts = append(alts, inCompartment(t, patient))
	}
	p.query.Where = append(p.query.Where, Condition{Param: "_compartment", alts: alts})
	return nil
}

func inCompartment(typ, patient string) alternative {
	return alternative{space: compartmentSpace(typ), want: want{exact: [][]byte{clean(nil, patient)}}}
}

// one reads one parameter.
func (p *parser) one(name, value string) error {
	p.count++
	if p.given++; p.given > MaxParams {
		return outcome.New(http.StatusBadRequest, outcome.TooCostly, "", "A search may have "+strconv.Itoa(MaxParams)+" parameters.")
	}
	if len(name) > MaxLength || len(value) > MaxLength {
		return outcome.New(http.StatusBadRequest, outcome.TooLong, "", "The search parameter "+hint(name)+" is longer than "+strconv.Itoa(MaxLength)+" bytes.")
	}
	p.name = name
	done, err := p.result(name, value)
	if !done && err == nil {
		var c Condition
		if c, err = p.condition(p.query.Types, name, value, 0); err == nil {
			p.query.Where = append(p.query.Where, c)
		}
	}
	if u, is := err.(unknown); is {
		if p.Strict {
			return unsupported(u.name, "is not known here for "+strings.Join(p.query.Types, ", "))
		}
		if !slices.Contains(p.query.Unknown, name) {
			p.query.Unknown = append(p.query.Unknown, name)
		}
		return nil
	}
	if err == nil && !slices.Contains([]string{"_cursor", "_format", "_pretty", "_sort"}, name) {
		p.used = append(p.used, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	return err
}

func (p *parser) text() string {
	if sorts := p.query.Sort; len(sorts) > 0 {
		written := make([]string, len(sorts))
		for i, s := range sorts {
			if written[i] = s.Param; s.Desc {
				written[i] = "-" + s.Param
			}
		}
		p.used = append(p.used, "_sort="+url.QueryEscape(strings.Join(written, ",")))
	}
	s := strings.Join(p.used, "&")
	if s != "" {
		s = "?" + s
	}
	if p.Patient != "" {
		return "Patient/" + p.Patient + "/" + p.query.Type + s
	}
	return p.query.Type + s
}
