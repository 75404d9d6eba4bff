package search

// Condition is one parameter of a query: "code=a,b" is one, a repeated parameter is several.
type Condition struct {
	Param string // as written, modifiers and chain included: "subject:Patient.name"
	Link  *Link  // not nil: a condition on other records, see Link; Match is then false for all

	negate bool
	alts   []alternative
}

// Ranges is index ranges that together hold a key of every record that meets c, sorted and apart from each
// other. They may hold more: Match decides. Nil means that no range does that (":not",
// ":missing=true", ":text", a Link) and c can only filter.
func (c *Condition) Ranges() []Range { return nil }

// Exact is keys such that c holds for a record if and only if one of them is among its indexed
// terms: a probe "EXISTS key IN (...)" then decides c without reading the record. Nil if c is no
// such condition. Each key is also a range of Ranges.
func (c *Condition) Exact() [][]byte { return nil }

// Match decides c for the record with terms t.
func (c *Condition) Match(t Terms) bool { return false }

// Link is a condition on other records: a chain ("subject:Patient.name=x": the record refers to one
// that Inner finds) or _has ("_has:Observation:patient:code=x": one that Inner finds refers to the record).
//
// There are two ways to decide it. Enumerate: run each Inner, collect Keys of every record found, and
// put Bind(keys) in the place of the condition. Or filter: for a candidate, run the queries of Probe until one
// finds something. Inner queries may hold Links themselves.
type Link struct {
	Reverse bool     // _has
	Inner   []*Query // one of them must find; each is of one type

	outer []string
	param *param
}

// Keys is, for a record found by l.Inner (its type, id and terms), the exact index keys of which an
// outer record has one if it is linked with that record.
func (l *Link) Keys(typ, id string, found Terms) [][]byte { return nil }

// Bind is the condition that a record has one of keys: what c is once its Link was enumerated.
// With no keys it matches nothing, and its Ranges are empty but not nil.
func (c *Condition) Bind(keys [][]byte) Condition { return Condition{} }

// Probe is the inner queries narrowed to the records that are linked with the one record that has
// the id and terms: the Link holds for it if one of these finds anything. No queries: it does not hold.
func (l *Link) Probe(id string, outer Terms) []*Query { return nil }

// Sort is one key to order by.
type Sort struct {
	Param string
	Desc  bool

	// Missing holds for records that have no value to sort by; they come last. Its Ranges are nil.
	Missing Condition

	space space
}

// Range is the keys to walk, forward or (Desc) backward; a record with several values counts where
// it is met first. Query.Sort is refused by Parse for parameters without such a range and for several types.
func (s *Sort) Range() Range { return Range{} }

// Key is where the record with terms t is met when Range is walked, nil if it has no value.
func (s *Sort) Key(t Terms) []byte { return nil }

// Include is one _include or _revinclude.
type Include struct {
	Type    string // the type that refers
	Param   string // its reference parameter, or "*" for all
	Target  string // only references to this type; "" for any
	Iterate bool   // also apply to records that were included
}

// Refs is what a record of type i.Type with terms t refers to through i: records here, each once.
// Nothing for a record of another type.
func (i Include) Refs(t Terms) []Ref { return nil }

// Pointing is the query for records of i.Type that refer through i to one of refs.
func (i Include) Pointing(refs []Ref) *Query { return nil }
