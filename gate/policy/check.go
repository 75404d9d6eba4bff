package policy

import (
	"slices"

	"github.com/mitral-health/mitral/gate/scan"
)

// place tells every value which file it is from.
func (f *packFile) place(file string) {
	f.Pack.file = file
	each := func(lists ...[]scalar) {
		for _, l := range lists {
			for i := range l {
				l[i].file = file
			}
		}
	}
	each(f.Jurisdictions, f.Allow.Templates)
	for _, lists := range []map[string]wordsFile{f.Lists, f.Extend} {
		for _, w := range lists {
			each(w.Any, w.EN, w.ES)
		}
	}
	for i := range f.Rules {
		r := &f.Rules[i]
		r.ID.file, r.Kind.file, r.Severity.file = file, file, file
		each(r.When.Kind, r.When.Lang, r.When.Channel, r.When.Role, r.When.NotRole, r.Match.Any, r.Match.Parent, r.Match.ParentFinds, r.Match.Unless, r.Covers)
		for _, near := range [][]nearFile{r.Match.Near, r.Match.Not} {
			for k := range near {
				each(near[k].Any)
				near[k].Ordered.file = file
			}
		}
		for k := range r.Match.Sum.Of {
			each(r.Match.Sum.Of[k].Any)
		}
		for k := range r.Plain {
			r.Plain[k].Term.file = file
		}
	}
	for i := range f.Override {
		f.Override[i].Rule.file = file
	}
	for i := range f.Tests {
		f.Tests[i].Text.file = file
	}
}

// terms checks the notation of a rule's own terms, so that a mistake is reported with its line.
func (r *ruleFile) terms() error {
	lists := [][]scalar{r.Match.Any, r.Match.Parent}
	for _, near := range slices.Concat(r.Match.Near, r.Match.Not) {
		lists = append(lists, near.Any)
	}
	for _, p := range r.Match.Sum.Of {
		lists = append(lists, p.Any)
	}
	for _, w := range r.Plain {
		lists = append(lists, []scalar{w.Term})
	}
	for _, l := range lists {
		for _, t := range l {
			if _, err := scan.CheckTerm(t.text); err != nil {
				return t.errorf("rule %s: %q: %w", r.ID.text, t.text, err)
			}
		}
	}
	return nil
}

// check looks at all packs together: lists defined once, references that lead somewhere, limits, and
// finally whether an engine can be made of it all.
func (s *Set) check() error {
	defined := map[string]bool{}
	for _, name := range scan.Scanners() {
		defined[name] = true
	}
	total := 0
	for _, p := range s.Packs {
		for _, l := range p.lists {
			where := scalar{file: l.file, line: 1}
			if len(l.terms) > 0 {
				where = l.terms[0]
			}
			switch {
			case l.extend && !defined[l.name]:
				return where.errorf("there is no list %q to extend", l.name)
			case !l.extend && defined[l.name]:
				return where.errorf("a list or scanner called %q exists already; use extend to add to it", l.name)
			case !plainName(l.name):
				return where.errorf("list %q: a name is small letters, digits and hyphens", l.name)
			}
			defined[l.name] = true
			if total += len(l.terms); total > maxTerms {
				return where.errorf("more than %d terms in all packs", maxTerms)
			}
		}
	}
	for _, p := range s.Packs {
		for _, l := range p.lists {
			for _, t := range l.terms {
				refs, err := scan.CheckTerm(t.text)
				if err != nil {
					return t.errorf("list %s: %q: %w", l.name, t.text, err)
				}
				for _, ref := range refs {
					if !defined[ref] {
						return t.errorf("list %s: there is no list or scanner <%s>", l.name, ref)
					}
				}
			}
		}
		for _, r := range p.Rules {
			for _, t := range r.allTerms() {
				refs, _ := scan.CheckTerm(t) // its notation was checked when it was read
				for _, ref := range refs {
					if !defined[ref] {
						return scalar{file: r.File, line: r.Line}.errorf("rule %s: there is no list or scanner <%s>", r.ID, ref)
					}
				}
			}
		}
	}
	_, err := s.Rules(Org{})
	return err
}

func (r *Rule) allTerms() []string {
	out := slices.Concat(r.Any, r.Parent)
	for _, n := range r.Near {
		out = append(out, n.Any...)
	}
	for _, n := range r.Not {
		out = append(out, n.Any...)
	}
	for _, p := range r.Sum.Parts {
		out = append(out, p.Any...)
	}
	for _, p := range r.Plain {
		out = append(out, p.Term)
	}
	return out
}
