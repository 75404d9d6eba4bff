// Package search says what a record is found by and what a query asks, in one vocabulary: keys. It
// is pure: no database, network, files or clock. It imports outcome, resource and spec.
//
// Extract turns a resource into Terms, a sorted set of keys. Parse turns the parameters of a FHIR R4
// search (http://hl7.org/fhir/R4/search.html) into a Query of Conditions over keys. Every condition
// on the record itself is decided from its Terms alone (Match), without its body; conditions on
// other records (chains, _has) are Links, which the caller resolves.
//
// A key is a space and a value. The space is 4 bytes: 31 bits of a hash of what is indexed (a type,
// a path in it, and how it is read) below a bit that says whether keys of that space are rows of the
// index or are only kept with the record's own terms (Indexed). The value is encoded so that keys of
// one space sort as FHIR sorts the values: dates by their start, numbers by size, strings without
// case and accents. A value over MaxValue bytes is cut in the index and ends with a hash of all of
// it; the whole is kept beside it, so that Match never guesses.
//
// Spaces are of paths, not of parameters: "code", "combo-code" and "component-code" of Observation
// share two spaces, "patient" is "subject" seen through a filter, and each value is one row.
package search

import "bytes"

// Range is the keys from Lo on and before Hi.
type Range struct{ Lo, Hi []byte }

// Has reports whether key is in r.
func (r Range) Has(key []byte) bool {
	return bytes.Compare(r.Lo, key) <= 0 && bytes.Compare(key, r.Hi) < 0
}

// Limits of one search.
const (
	MaxParams     = 64   // conditions and other parameters in one query
	MaxInner      = 1000 // those and the queries within chains that were tried
	MaxValues     = 200  // alternatives ("a,b,c") of one parameter
	MaxKeys       = 2000 // keys that one parameter's alternatives come to: an id alone is one for each type
	MaxLength     = 2000 // bytes of one parameter's text
	MaxChain      = 3    // references followed by one chain or _has
	MaxChainTypes = 12   // types that an untyped step of a chain may lead to
	MaxCount      = 1000 // records on a page; more is cut to this
	DefaultCount  = 20
)

// Ref is a reference to a record here.
type Ref struct{ Type, ID string }

// Query is a parsed search.
type Query struct {
	Type    string   // "" if several types are asked for by _type
	Types   []string // the types asked for: one, or those of _type
	Patient string   // logical id of the compartment that the search was addressed to, or ""; it is in Where already

	Where []Condition // all must hold

	Sort     []Sort   // as asked; empty: the caller's order
	Count    int      // page size, 1 to MaxCount
	Cursor   string   // _cursor as it came, unread: at most MaxLength base64url characters
	Total    string   // "none", "estimate", "accurate" or ""
	Summary  string   // "true", "text", "data", "count", "false" or ""; _count=0 is "count"
	Elements []string // top-level elements asked for

	Include    []Include
	RevInclude []Include

	Unknown []string // parameters that were not used, as written; to be named in the answer (only if not strict)

	text string
}

// String is the search as it was understood, for the self link: "Observation?code=a%7Cb&_count=20",
// parameters sorted, without _cursor and without what is in Unknown.
func (q *Query) String() string { return q.text }

// List is the ranges that hold each record of the query's types once, oldest update first: the
// driver when no condition has one, and the whole of what the other conditions filter.
func (q *Query) List() []Range {
	out := make([]Range, len(q.Types))
	for i, t := range q.Types {
		out[i] = all(updatedSpace(t))
	}
	return out
}

// Match reports whether a record with terms t is of the query's types and meets all conditions of
// Where but Links, which the caller decides.
func (q *Query) Match(t Terms) bool {
	of := false
	for _, typ := range q.Types {
		of = of || t.any(all(updatedSpace(typ)))
	}
	if !of {
		return false
	}
	for i := range q.Where {
		if c := &q.Where[i]; c.Link == nil && !c.Match(t) {
			return false
		}
	}
	return true
}
