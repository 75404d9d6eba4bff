package scan

import "slices"

// rule is a Rule with its terms turned into classes.
type rule struct {
	Rule
	any    []class
	near   []near
	not    []near
	parent []class
	asks   []int  // rules that must find something in the parent
	unless []int  // rules that must find nothing near
	sum    []near // beside Sum.Parts
	number int    // its place among the rules
}

type near struct {
	any           []class
	n             int32
	before, after bool
	join, text    bool
}

func (r *rule) applies(c Context, lang string) bool {
	in := func(list []string, v string) bool { return len(list) == 0 || slices.Contains(list, v) }
	kind := c.Kind
	if kind == "" {
		kind = Post
	}
	switch {
	case c.Jurisdiction != "" && !in(r.Jurisdictions, c.Jurisdiction),
		!in(r.When.Kinds, kind), !in(r.When.Langs, lang),
		len(r.When.Channels) > 0 && !slices.Contains(r.When.Channels, c.Channel),
		len(r.When.Roles) > 0 && !slices.Contains(r.When.Roles, c.AuthorRole),
		slices.Contains(r.When.NotRoles, c.AuthorRole) && c.AuthorRole != "":
		return false
	}
	return true
}

// judge turns marks into findings.
func (s *state) judge(c Context, parent *state) []Finding {
	lang := s.languageIn(c)
	found := s.reads(c, lang, parent, s.candidates(c, lang, parent))
	return s.findings(found, c)
}

// candidates is what the rules find that do not ask the model.
func (s *state) candidates(c Context, lang string, parent *state) []candidate {
	var found []candidate
	for i := range s.engine.rules {
		r := &s.engine.rules[i]
		if !r.applies(c, lang) || r.NewToParent && parent == nil && c.Kind != Reply || len(r.parent) > 0 && !parent.hasAny(r.parent) || len(r.asks) > 0 && !parent.fulfils(r.asks) {
			continue
		}
		if r.Reads != "" {
			continue
		}
		if r.Whole {
			if len(s.toks) > 0 && !s.refused(r, nil) && !s.yields(r, c, lang, 0, int32(len(s.toks)-1)) {
				found = append(found, candidate{rule: r, start: s.toks[0].start, end: s.toks[len(s.toks)-1].end, word: [2]int32{s.toks[0].start, s.toks[0].start}, plain: -1})
			}
			continue
		}
		for _, cl := range r.any {
			for _, m := range s.byClass[cl] {
				if cand, ok := s.consider(r, &s.marks[m], parent); ok && !s.yields(r, c, lang, s.marks[m].first, s.marks[m].last) {
					found = append(found, cand)
				}
			}
		}
	}
	return found
}

// fulfils says whether one of these rules finds something in s, which a text answers.
func (s *state) fulfils(rules []int) bool {
	if s == nil {
		return false
	}
	for _, i := range rules {
		r := &s.engine.rules[i]
		for _, c := range r.any {
			for _, m := range s.byClass[c] {
				if _, ok := s.consider(r, &s.marks[m], nil); ok {
					return true
				}
			}
		}
	}
	return false
}

// spokenFor is how many words to either side a rule is silent for what another one finds.
const spokenFor = 60

// yields says whether a rule is silent about the words first to last, because another rule finds something
// near all of them and speaks in its place.
func (s *state) yields(r *rule, c Context, lang string, first, last int32) bool {
	for _, i := range r.unless {
		o := &s.engine.rules[i]
		if !o.applies(c, lang) {
			continue
		}
		from, to := s.toks[last].pos-spokenFor, s.toks[first].pos+spokenFor
		for _, cl := range o.any {
			list := s.byClass[cl]
			for k := s.firstAt(list, from-s.engine.reach); k < len(list); k++ {
				m := &s.marks[list[k]]
				if s.toks[m.first].pos > to {
					break
				}
				if s.toks[m.last].pos < from {
					continue
				}
				if _, ok := s.consider(o, m, nil); ok {
					return true
				}
			}
		}
	}
	return false
}

func (s *state) hasAny(classes []class) bool {
	if s == nil {
		return false
	}
	for _, c := range classes {
		if len(s.byClass[c]) > 0 {
			return true
		}
	}
	return false
}

// consider says whether a mark fulfils a rule, and where the finding would be.
func (s *state) consider(r *rule, m *mark, parent *state) (candidate, bool) {
	cand := candidate{rule: r, start: m.start, end: m.end, word: [2]int32{m.start, m.end}, plain: m.plain}
	for i := range r.near {
		n := &r.near[i]
		var best *mark
		for _, c := range n.any {
			if o := s.near(m, c, n.n, !n.after, !n.before); o != nil && (best == nil || apart(m, o) < apart(m, best)) {
				best = o
			}
		}
		if best == nil {
			return cand, false
		}
		if n.join {
			cand.start, cand.end = min(cand.start, best.start), max(cand.end, best.end)
		}
	}
	if r.Sum.Need > 0 && !s.weighs(r, m, &cand) {
		return cand, false
	}
	if s.refused(r, m) || r.NewToParent && s.quotes(m, parent) {
		return cand, false
	}
	return cand, true
}

func apart(a, b *mark) int32 {
	if a.first <= b.first {
		return max(0, b.first-a.last)
	}
	return max(0, a.first-b.last)
}

// refused says whether one of the rule's exceptions holds for m, or for the text if m is nil.
func (s *state) refused(r *rule, m *mark) bool {
	for i := range r.not {
		n := &r.not[i]
		if n.text {
			if s.hasAny(n.any) {
				return true
			}
			continue
		}
		if m == nil {
			continue
		}
		for _, c := range n.any {
			if s.near(m, c, n.n, !n.after, !n.before) != nil {
				return true
			}
		}
	}
	return false
}

// quotes says whether a word of m stands in the parent, so that m tells nobody anything new. Titles
// and particles don't count.
func (s *state) quotes(m *mark, parent *state) bool {
	if parent == nil {
		return false
	}
	for i := m.first; i <= m.last; i++ {
		t := &s.toks[i]
		if t.bits&(bTitle|bParticle|bPro) != 0 || t.end-t.start < 2 {
			continue
		}
		if _, ok := slices.BinarySearch(parent.known, t.hash); ok {
			return true
		}
	}
	return false
}

// language guesses between English and Spanish by their most frequent words.
func (s *state) language() string {
	es, en := 0, 0
	for i := range s.toks {
		if b := s.toks[i].bits; b&bSpanish != 0 {
			es++
		} else if b&bEnglish != 0 {
			en++
		}
	}
	if es > en {
		return "es"
	}
	return "en"
}
