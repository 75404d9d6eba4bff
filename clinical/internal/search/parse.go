package search

import (
	"net/url"
	"time"
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
func Parse(resourceType string, params url.Values, a Asked) (*Query, error) { return nil, nil }

// Confine narrows q to what the patient with this id may see: records of q and of every query
// inside its Links must be in the patient's compartment, unless their type is none that a compartment can hold and
// open allows it. It returns false, and the search must find nothing, if a type is refused.
func (q *Query) Confine(patient string, open func(resourceType string) bool) bool { return false }

type param struct{}
type alternative struct{}
