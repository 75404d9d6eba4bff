package scan

import (
	"fmt"
	"slices"
	"strings"
)

// New makes an engine. It fails if a term is badly written, a list is missing or defined twice, or
// lists refer to each other in a circle.
func New(c Config) (*Engine, error) {
	e := &Engine{vocab: newVocab(), folds: newFolds(), org: newOwn(c.Org), reach: 96}
	b := &builder{engine: e, lists: map[string]class{}, level: map[class]int{}}
	next := firstList
	for name, cl := range scanners {
		b.lists[name] = cl
	}
	for _, l := range c.Lists {
		if _, ok := b.lists[l.Name]; ok {
			return nil, fmt.Errorf("list %q exists already", l.Name)
		}
		if !validName(l.Name) || l.Name == "number" || l.Name == "long-number" {
			return nil, fmt.Errorf("list %q: a name is small letters, digits and hyphens", l.Name)
		}
		b.lists[l.Name] = next
		next++
	}
	b.next = next
	for _, l := range c.Lists {
		if err := b.terms(b.lists[l.Name], l.Terms, -1); err != nil {
			return nil, fmt.Errorf("list %q: %w", l.Name, err)
		}
	}
	for _, r := range c.Rules {
		if err := b.rule(r); err != nil {
			return nil, fmt.Errorf("rule %q of %s: %w", r.ID, r.Pack, err)
		}
	}
	if err := e.askOthers(); err != nil {
		return nil, err
	}
	if err := b.order(); err != nil {
		return nil, err
	}
	e.classes, e.names = int(b.next), b.lists
	e.senses = newSenses(c.Sense, e.classes, e.names, e.rules)
	for i, r := range e.rules {
		if c.Sense != nil && r.Reads != "" && e.senses.heads[i] < 1 {
			return nil, fmt.Errorf("rule %q of %s: the model answers no question %q", r.ID, r.Pack, r.Reads)
		}
	}
	return e, nil
}

// builder is what New works with.
type builder struct {
	engine *Engine
	lists  map[string]class
	next   class
	level  map[class]int
}

// terms adds the patterns of a list.
func (b *builder) terms(c class, terms []string, plain int32) error {
	for _, t := range terms {
		els, err := parseTerm(b.engine.vocab, t)
		if err != nil {
			return fmt.Errorf("%q: %w", t, err)
		}
		for i := range els {
			for _, alt := range els[i].alts {
				for k := range alt {
					if alt[k].kind != atomClass {
						continue
					}
					ref, ok := b.lists[alt[k].text]
					if !ok {
						return fmt.Errorf("%q: there is no list or scanner <%s>", t, alt[k].text)
					}
					alt[k].id = uint32(ref)
				}
			}
		}
		for els[0].optional || els[0].gap > 0 { // one pattern with the first part, one without
			if els[0].optional {
				with := slices.Clone(els)
				with[0].optional = false
				b.engine.patterns = append(b.engine.patterns, pattern{class: c, elements: with, plain: plain})
			}
			els = els[1:]
		}
		b.engine.patterns = append(b.engine.patterns, pattern{class: c, elements: els, plain: plain})
	}
	return nil
}

// classesOf turns a rule's terms into classes: <name> alone is that class, anything else gets one of
// its own.
func (b *builder) classesOf(terms []string) ([]class, error) {
	var out []class
	var rest []string
	for _, t := range terms {
		if len(t) > 2 && t[0] == '<' && t[len(t)-1] == '>' && validName(t[1:len(t)-1]) && t != "<number>" && t != "<long-number>" {
			c, ok := b.lists[t[1:len(t)-1]]
			if !ok {
				return nil, fmt.Errorf("there is no list or scanner %s", t)
			}
			out = append(out, c)
		} else {
			rest = append(rest, t)
		}
	}
	if len(rest) > 0 {
		c := b.next
		b.next++
		out = append(out, c)
		if err := b.terms(c, rest, -1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (b *builder) rule(r Rule) (err error) {
	c := rule{Rule: r}
	if c.any, err = b.classesOf(r.Any); err != nil {
		return err
	}
	if c.parent, err = b.classesOf(r.Parent); err != nil {
		return err
	}
	for _, n := range r.Near {
		classes, err := b.classesOf(n.Any)
		if err != nil {
			return err
		}
		c.near = append(c.near, near{any: classes, n: int32(n.N), before: n.Before, after: n.After, join: n.Join})
	}
	for _, n := range r.Not {
		classes, err := b.classesOf(n.Any)
		if err != nil {
			return err
		}
		c.not = append(c.not, near{any: classes, n: int32(n.N), before: n.Before, after: n.After, text: n.Text})
	}
	if len(r.Sum.Parts) > maxParts {
		return fmt.Errorf("a sum of more than %d parts", maxParts)
	}
	for _, p := range r.Sum.Parts {
		classes, err := b.classesOf(p.Any)
		if err != nil {
			return err
		}
		n := p.N
		if n == 0 {
			n = r.Sum.N
		}
		c.sum = append(c.sum, near{any: classes, n: int32(n), before: p.Before})
	}
	if len(r.Plain) > 0 {
		cl := b.next
		b.next++
		c.any = append(c.any, cl)
		for _, p := range r.Plain {
			b.engine.plain = append(b.engine.plain, p)
			if err := b.terms(cl, []string{p.Term}, int32(len(b.engine.plain)-1)); err != nil {
				return err
			}
		}
	}
	if len(c.any) == 0 && !r.Whole && r.Reads == "" {
		return fmt.Errorf("it looks for nothing")
	}
	b.engine.rules = append(b.engine.rules, c)
	return nil
}

// askOthers finds the rules that other rules ask, of the text that is being answered or of the same.
func (e *Engine) askOthers() (err error) {
	for i := range e.rules {
		r := &e.rules[i]
		if r.asks, err = e.asked(r, r.ParentFinds); err != nil {
			return err
		}
		if r.unless, err = e.asked(r, r.Unless); err != nil {
			return err
		}
		for _, k := range r.unless {
			if o := &e.rules[k]; o.Severity < Warn || o.Doubt > 0 || len(o.Parent)+len(o.ParentFinds)+len(o.Unless) > 0 || o.NewToParent {
				return fmt.Errorf("rule %q of %s can't be silent for rule %q, which has to warn at least, in every such text", r.ID, r.Pack, o.ID)
			}
		}
	}
	return nil
}

// home is the pack that a rule is from, whoever changed its severity ("core@1+our-hospital@3").
func (r *rule) home() string {
	home, _, _ := strings.Cut(r.Pack, "+")
	return home
}

func (e *Engine) asked(r *rule, ids []string) (out []int, err error) {
	for _, id := range ids {
		k := slices.IndexFunc(e.rules, func(o rule) bool { return o.ID == id && o.home() == r.home() })
		if k < 0 || len(e.rules[k].any) == 0 {
			return nil, fmt.Errorf("rule %q of %s: there is no rule %q in this pack that finds words", r.ID, r.Pack, id)
		}
		out = append(out, k)
	}
	return out, nil
}

// order sorts the patterns into levels: a pattern that refers to a list runs after that list is done.
// The scanners run after level zero.
func (b *builder) order() error {
	e := b.engine
	byClass := map[class][]int{}
	for i := range e.patterns {
		byClass[e.patterns[i].class] = append(byClass[e.patterns[i].class], i)
	}
	const open = -1
	levels := map[class]int{}
	var visit func(c class) (int, error)
	visit = func(c class) (int, error) {
		if c < firstList {
			return 0, nil
		}
		if l, ok := levels[c]; ok {
			if l == open {
				return 0, fmt.Errorf("lists refer to each other in a circle")
			}
			return l, nil
		}
		levels[c] = open
		level := 0
		for _, p := range byClass[c] {
			for _, el := range e.patterns[p].elements {
				for _, a := range slices.Concat(el.alts...) {
					if a.kind == atomClass {
						l, err := visit(class(a.id))
						if err != nil {
							return 0, err
						}
						level = max(level, l+1)
					}
				}
			}
		}
		levels[c] = level
		return level, nil
	}
	for p := range e.patterns {
		l, err := visit(e.patterns[p].class)
		if err != nil {
			return err
		}
		for len(e.levels) <= l {
			e.levels = append(e.levels, level{byWord: make([][]start, e.vocab.next), byClass: map[class][]start{}})
		}
		e.levels[l].file(&e.patterns[p], int32(p), e.lay(e.patterns[p].elements))
	}
	for p := range e.patterns { // they lie in steps now
		e.patterns[p].elements = nil
	}
	if len(e.levels) == 0 {
		e.levels = []level{{}}
	}
	return nil
}
