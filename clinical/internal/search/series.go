package search

import (
	"bytes"
	"slices"
)

// series are the types of which one patient can have hundreds of thousands of records, with the date they are asked for by.
// Those stand in the index by patient and date as well, so that a page of one patient's costs nothing for the others'.
var series = map[string]string{"Observation": "date"}

func seriesSpace(typ string) space     { return named(typ + ".*compartment+date") }
func seriesLongSpace(typ string) space { return named(typ + ".*compartment+date:long") }

// of is what keys of a patient's series start with.
func (s space) of(patient []byte) []byte {
	return append(append(s[:len(s):len(s)], patient...), fieldEnd)
}

// inSeries adds the keys of a record to the series of its patients.
func (x *extraction) inSeries() {
	at, long := seriesSpace(x.plan.typ), seriesLongSpace(x.plan.typ)
	if len(x.members)*len(x.dates) > MaxTuples {
		return
	}
	for _, id := range x.members {
		for _, d := range x.dates {
			x.add(at, append(append(slices.Clone(id), fieldEnd), d...))
			if isLong(readInstant(d), readInstant(d[8:])) {
				x.add(long, append(append(slices.Clone(id), fieldEnd), d[8:]...))
			}
		}
	}
}

// Series is what a search for one patient's records by date looks at.
type Series struct {
	In    Range // keys that hold what is found, in the order of the dates, but for the start of what is in Long
	Whole Range // keys of all of the patient's
	Long  Range // keys, by their end, of those that take longer than a day, and may begin before In; nothing if Lo is nil
	Dated bool  // what has no date isn't asked for
}

// Series reports how q can walk one patient's series: if it is ordered by its date and asks for one patient.
func (q *Query) Series() (s Series, ok bool) {
	if len(q.Types) != 1 || len(q.Sort) != 1 {
		return s, false
	}
	p := planFor(q.Types[0])
	if p.series == nil || q.Sort[0].in.Lo == nil || !bytes.HasPrefix(q.Sort[0].in.Lo, p.series.space[:]) {
		return s, false
	}
	var patient, lo, hi, far []byte
	for i := range q.Where {
		c := &q.Where[i]
		if c.Link != nil || c.negate || len(c.alts) == 0 {
			continue
		}
		if id := p.onePatient(c); id != nil {
			patient = id
		}
		from, to, end, dated := p.dated(c)
		if !dated {
			continue
		}
		s.Dated = true
		if bytes.Compare(from, lo) > 0 {
			lo, far = from, end
		}
		if to != nil && (hi == nil || bytes.Compare(to, hi) < 0) {
			hi = to
		}
	}
	if patient == nil {
		return s, false
	}
	start := seriesSpace(p.typ).of(patient)
	s.Whole = Range{start, after(start)}
	s.In = s.Whole
	if lo != nil {
		s.In.Lo = append(slices.Clone(start), lo...)
	}
	if hi != nil {
		s.In.Hi = append(slices.Clone(start), hi...)
	}
	if far != nil {
		long := seriesLongSpace(p.typ).of(patient)
		s.Long = Range{append(slices.Clone(long), far...), after(long)}
	}
	return s, true
}

// onePatient is the patient in whose compartment whatever meets c is; nil if c doesn't say so.
func (p *plan) onePatient(c *Condition) (id []byte) {
	for i := range c.alts {
		a := &c.alts[i]
		if len(a.want.exact) != 1 {
			return nil
		}
		one := a.want.exact[0]
		if a.space != p.member {
			if !slices.ContainsFunc(p.compartment, func(v view) bool { return v.space == a.space }) {
				return nil
			}
			var is bool
			if one, is = patientIn(one); !is {
				return nil
			}
		}
		if id != nil && !bytes.Equal(id, one) {
			return nil
		}
		id = one
	}
	return id
}

// dated is between what starts whatever meets c has its date, nil is without a limit; far, if not nil, is what the end of one that
// takes longer than a day, and may start before, is behind.
func (p *plan) dated(c *Condition) (from, to, far []byte, ok bool) {
	for i := range c.alts {
		a := &c.alts[i]
		if a.space != p.series.space || a.want.exact != nil || len(a.want.ranges) == 0 {
			return nil, nil, nil, false
		}
		for j, r := range a.want.ranges {
			first := i == 0 && j == 0
			if first || bytes.Compare(r.Lo, from) < 0 {
				from = r.Lo
			}
			if first || r.Hi == nil || to != nil && bytes.Compare(r.Hi, to) > 0 {
				to = r.Hi
			}
		}
		if a.want.long != nil && (far == nil || bytes.Compare(a.want.long, far) < 0) {
			far = a.want.long
		}
	}
	return from, to, far, true
}
