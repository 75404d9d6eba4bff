package scan

import (
	"cmp"
	"slices"

	"github.com/mitral-health/mitral/gate/sense"
)

// senses is what an engine needs to ask a model: the hashes of the lists' names by class, and of words
// that stand for numbers.
type senses struct {
	model   *sense.Model
	names   []uint32
	rules   []uint32 // hashes of the rules' names
	heads   []int    // by rule; -1 if it doesn't read
	numbers [16]uint32
}

const (
	numMinor = iota + 10
	numAge
	numOld
	numYear
)

func newSenses(m *sense.Model, classes int, names map[string]class, rules []rule) senses {
	out := senses{model: m, names: make([]uint32, classes), heads: make([]int, len(rules))}
	for name, c := range names {
		out.names[c] = sense.Hash(name)
	}
	for i := range out.numbers {
		out.numbers[i] = sense.Hash("#" + string(rune('a'+i)))
	}
	for i := range rules {
		out.rules = append(out.rules, sense.Hash("rule "+rules[i].ID))
		rules[i].number = i
		out.heads[i] = -1
		if m != nil && rules[i].Reads != "" {
			out.heads[i] = m.Head(rules[i].Reads)
		}
	}
	return out
}

// WordHash is what a model knows a folded word in lower case under.
func WordHash(word string) uint32 { return short(hashOf(word)) }

func short(h uint64) uint32 { return uint32(h ^ h>>32) }

const ownWord = 'o'<<16 | 'w'<<8 | 'n' // what stands for every word of the organisation's own name, number or address

// units is the text as a model sees it. What rules found counts like what lists found.
func (s *state) units(lang uint32, m *sense.Model, found []candidate, parent *state) {
	n := &s.engine.senses
	s.words, s.names32 = slices.Grow(s.words[:0], len(s.toks)), s.names32[:0]
	s.inPlace = s.inPlace[:0]
	for k := range found {
		s.inPlace = append(s.inPlace, int32(k))
	}
	slices.SortFunc(s.inPlace, func(a, b int32) int { return cmp.Compare(found[a].word[0], found[b].word[0]) })
	here := s.inPlace
	own := int32(0) // where the organisation's own name, number or address ends: it reads the same whatever it is
	for i := range s.toks {
		t := &s.toks[i]
		b := s.text.b[t.start:t.end]
		for k := s.heads[i]; k >= 0; k = s.marks[k].next {
			if s.marks[k].class == classOwn {
				own = max(own, s.marks[k].end)
			}
		}
		u := sense.Unit{Word: short(t.hash), Break: t.is(fBreak)}
		if t.start < own {
			u.Word, u.Stem, u.End = ownWord, ownWord, ownWord
		} else if t.is(fDigits) {
			k := len(b)
			switch {
			case k <= 2 && t.val < 18:
				k = numMinor
			case k <= 2 && t.val < 90:
				k = numAge
			case k <= 3 && t.val < 110:
				k = numOld
			case k == 4 && t.val >= 1800 && t.val < 2100:
				k = numYear
			}
			u.Word = n.numbers[min(k, len(n.numbers)-1)]
			u.Stem, u.End = u.Word, u.Word
		} else {
			u.Stem, u.End = part(b[:min(len(b), 5)]), part(b[max(0, len(b)-3):])
			if m != nil {
				u.Class = m.Class(u.Word ^ lang)
			}
			if u.Class == 0 && t.is(fCapital) {
				u.Class = 1
				if t.is(fBreak) {
					u.Class = 2
				}
			}
		}
		from := len(s.names32)
		for k := s.heads[i]; k >= 0; k = s.marks[k].next {
			name := n.names[s.marks[k].class]
			if name != 0 && len(s.names32)-from < 12 && !slices.Contains(s.names32[from:], name) {
				s.names32 = append(s.names32, name)
			}
		}
		for ; len(here) > 0 && found[here[0]].word[0] < t.end; here = here[1:] {
			c := &found[here[0]]
			if name := n.rules[c.rule.number]; c.word[0] >= t.start && !slices.Contains(s.names32[from:], name) {
				s.names32 = append(s.names32, name)
			}
		}
		slices.Sort(s.names32[from:])
		if parent != nil {
			for k, name := range s.names32[from:] {
				if _, ok := slices.BinarySearch(parent.parent32, name); ok {
					u.Echoes |= 1 << k
				}
			}
		}
		u.Marks = s.names32[from:len(s.names32):len(s.names32)]
		s.words = append(s.words, u)
	}
}

func part(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b {
		h = (h ^ uint32(lower(c))) * 16777619
	}
	return h ^ uint32(len(b))<<28
}

// LangHash keeps the classes of words of one language apart from those of another.
func LangHash(lang string) uint32 { return sense.Hash(lang) }

// topics collects, of a text that is answered, the names of the lists that know something in it.
func (s *state) topics() {
	s.parent32 = s.parent32[:0]
	for class, name := range s.engine.senses.names {
		if name != 0 && len(s.byClass[class]) > 0 {
			s.parent32 = append(s.parent32, name)
		}
	}
	slices.Sort(s.parent32)
}

func (s *state) contextOf(c Context, lang string, parent *state) sense.Context {
	kind := c.Kind
	if kind == "" || kind == Article {
		kind = Post
	}
	out := sense.Context{Kind: sense.Hash(kind), Role: sense.Hash(c.AuthorRole), Lang: LangHash(lang)}
	if parent != nil {
		out.Parent = parent.parent32
	}
	return out
}

// Studied is a text as a model sees it, and what the rules alone make of it.
type Studied struct {
	Units  []sense.Unit
	In     sense.Context
	Sure   bool // a rule that can't be doubted holds it
	Held   bool // a rule that can be doubted holds it
	Silent bool // its subject is one of which rules that read don't speak
}

// Study serves learning: it reads a text with the word classes of m, and asks no model.
func (e *Engine) Study(m *sense.Model, text string, c Context) (out Studied) {
	s := &state{engine: e, byClass: make([][]int32, e.classes)}
	s.read(text)
	var parent *state
	if c.Parent != "" {
		parent = &state{engine: e, byClass: make([][]int32, e.classes)}
		parent.read(c.Parent)
		parent.know()
		parent.topics()
	}
	lang := s.languageIn(c)
	found := s.candidates(c, lang, parent)
	for _, f := range found {
		if f.rule.Severity >= Hold {
			out.Sure, out.Held = out.Sure || f.rule.Doubt == 0, out.Held || f.rule.Doubt > 0
		}
	}
	for i := range e.rules {
		if r := &e.rules[i]; r.Reads != "" && r.Severity == Hold && len(s.toks) > 0 && (s.refused(r, nil) || s.yields(r, c, lang, 0, int32(len(s.toks)-1))) {
			out.Silent = true
		}
	}
	s.units(LangHash(lang), m, found, parent)
	out.Units, out.In = s.words, s.contextOf(c, lang, parent)
	return out
}

// languageIn is the language that the context tells, or the text shows.
func (s *state) languageIn(c Context) string {
	if len(c.Lang) >= 2 {
		return c.Lang[:2]
	}
	return s.language()
}

// reads asks the model, for the rules that want to know what the text says as a whole, unless another holds what
// they would mark already. Of those the one speaks whose question the text answers most clearly; beside them speaks each that
// stands alone, as a call for help does, by its own question and whatever else holds the text. Findings of rules that may be doubted are given up where the whole speaks
// clearly against them.
func (s *state) reads(c Context, lang string, parent *state, found []candidate) []candidate {
	n := &s.engine.senses
	if n.model == nil || len(s.toks) == 0 {
		return found
	}
	s.units(LangHash(lang), n.model, found, parent)
	helped, answers := s.mute(found)
	reading, ok := n.model.Best(s.words, s.contextOf(c, lang, parent), &s.scratch)
	if !ok {
		return found
	}
	found = slices.DeleteFunc(found, func(f candidate) bool {
		return f.rule.Doubt > 0 && reading.Score[0]*100 < -float64(f.rule.Doubt)
	})
	urgent := slices.ContainsFunc(found, func(f candidate) bool { return f.rule.Severity == Urgent })
	best := -1
	for i, head := range n.heads {
		r := &s.engine.rules[i]
		if head < 0 || urgent && r.Severity == Urgent || !r.applies(c, lang) || s.refused(r, nil) || s.yields(r, c, lang, 0, int32(len(s.toks)-1)) {
			continue
		}
		switch {
		case r.Alone:
			if reading.Score[head]*100 >= float64(r.Need) {
				found = append(found, s.readAs(r, reading, head))
			}
		case reading.Score[0]*100 < float64(r.Need):
		case answers && (r.Kind == "risk" || reading.Score[head] < helped): // who sends for help isn't kept back for what the danger sounds like
		case best < 0 || reading.Score[head] > reading.Score[n.heads[best]]:
			best = i // of two rules with one question the first
		}
	}
	if best < 0 {
		return found
	}
	read := s.readAs(&s.engine.rules[best], reading, 0)
	if slices.ContainsFunc(found, func(f candidate) bool {
		return f.rule.Severity >= Hold && f.rule.Kind != Answered && f.start < read.end && read.start < f.end
	}) {
		return found
	}
	return append(found, read)
}

func (s *state) readAs(r *rule, reading sense.Reading, head int) candidate {
	first, end := s.clause(s.scratch.Heaviest(reading, head))
	start, stop := s.toks[first].start, s.toks[end-1].end
	return candidate{rule: r, start: start, end: stop, word: [2]int32{start, stop}, plain: -1}
}
