package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/gate/scan"
)

type severity = scan.Severity

// readPack is a pack and what it says about others.
type readPack struct {
	pack      Pack
	overrides []overrideFile
	file      string
}

func readPacks(groups [][]source) ([]readPack, error) {
	var out []readPack
	for _, group := range groups {
		p, err := assemble(group)
		if err != nil {
			return nil, err
		}
		out = append(out, *p)
	}
	// core first, whatever the folder's order: the others build on its lists
	slices.SortStableFunc(out, func(a, b readPack) int {
		return rank(a.pack.ID) - rank(b.pack.ID)
	})
	return out, nil
}

func rank(packID string) int {
	if packID == "core" {
		return 0
	}
	return 1
}

// assemble makes one pack of its files.
func assemble(group []source) (*readPack, error) {
	p := &readPack{file: group[0].name}
	var files []*packFile
	for _, src := range group {
		f, err := parse(src)
		if err != nil {
			return nil, err
		}
		f.place(src.name)
		files = append(files, f)
		if f.Pack.text == "" {
			continue
		}
		if p.pack.ID != "" {
			return nil, f.Pack.errorf("the pack has two headers")
		}
		p.file = src.name
		if err := p.header(f); err != nil {
			return nil, err
		}
	}
	if p.pack.ID == "" {
		return nil, fmt.Errorf("%s: no file of this pack has a header (pack, version, title)", p.file)
	}
	for i, f := range files {
		if err := p.body(f, group[i].name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *readPack) header(f *packFile) error {
	id := f.Pack.text
	if !plainName(id) {
		return f.Pack.errorf("a pack's name is small letters, digits and hyphens, not %q", id)
	}
	if f.Version < 1 {
		return f.Pack.errorf("the pack needs a version from 1")
	}
	if f.Title.EN == "" || f.Title.ES == "" {
		return f.Pack.errorf("the pack needs a title in English and Spanish")
	}
	for _, j := range f.Jurisdictions {
		if !slices.Contains([]string{"us", "es", "uk", "eu"}, j.text) {
			return j.errorf("%q is no jurisdiction (us, es, uk, eu)", j.text)
		}
	}
	p.pack.ID, p.pack.Version = id, f.Version
	p.pack.Title, p.pack.About = scan.Message(f.Title), scan.Message(f.About)
	p.pack.Jurisdictions = texts(f.Jurisdictions)
	return nil
}

func (p *readPack) body(f *packFile, file string) error {
	for _, name := range slices.Sorted(maps.Keys(f.Lists)) {
		p.pack.lists = append(p.pack.lists, list{name: name, terms: f.Lists[name].all(), file: file})
	}
	for _, name := range slices.Sorted(maps.Keys(f.Extend)) {
		p.pack.lists = append(p.pack.lists, list{name: name, terms: f.Extend[name].all(), extend: true, file: file})
	}
	for _, t := range f.Allow.Templates {
		if len(t.text) != 64 || strings.Trim(t.text, "0123456789abcdef") != "" {
			return t.errorf("a template is given by its hash: 64 digits and letters a to f")
		}
	}
	a, own := f.Allow, &p.pack.allow
	own.Staff, own.Phones = append(own.Staff, texts(a.Staff)...), append(own.Phones, texts(a.Phones)...)
	own.Places, own.Handles = append(own.Places, texts(a.Places)...), append(own.Handles, texts(a.Handles)...)
	own.PublicTo, own.Templates = append(own.PublicTo, texts(a.Public)...), append(own.Templates, texts(a.Templates)...)
	for i := range f.Rules {
		r, err := f.Rules[i].rule(p)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(p.pack.Rules, func(have Rule) bool { return have.ID == r.ID }) {
			return f.Rules[i].ID.errorf("two rules are called %q", r.ID)
		}
		p.pack.Rules = append(p.pack.Rules, r)
	}
	for _, o := range f.Override {
		var ok bool
		if o.severity, ok = scan.ParseSeverity(o.Severity.text); !ok || o.severity == 0 {
			return o.Rule.errorf("%q is no severity (note, warn, hold, block, urgent)", o.Severity.text)
		}
		p.overrides = append(p.overrides, o)
	}
	for _, t := range f.Tests {
		test, err := t.test()
		if err != nil {
			return err
		}
		p.pack.Tests = append(p.pack.Tests, test)
	}
	return nil
}

func (r *ruleFile) rule(p *readPack) (Rule, error) {
	out := Rule{File: r.ID.file, Line: r.ID.line}
	if !plainName(r.ID.text) {
		return out, r.ID.errorf("a rule needs an id of small letters, digits and hyphens")
	}
	sev, ok := scan.ParseSeverity(r.Severity.text)
	if !ok || sev == 0 {
		return out, r.ID.errorf("rule %s: %q is no severity (note, warn, hold, block, urgent)", r.ID.text, r.Severity.text)
	}
	switch {
	case !plainName(r.Kind.text):
		return out, r.ID.errorf("rule %s needs a kind", r.ID.text)
	case r.Reason.EN == "" || r.Reason.ES == "":
		return out, r.ID.errorf("rule %s needs a reason in English and Spanish", r.ID.text)
	case r.Suggestion.EN != "" && r.Answer.EN != "":
		return out, r.ID.errorf("rule %s has a suggestion and an answer, and only one of them can be shown", r.ID.text)
	case (r.Suggestion.EN == "") != (r.Suggestion.ES == ""), (r.Answer.EN == "") != (r.Answer.ES == ""):
		return out, r.ID.errorf("rule %s has a suggestion in one language only", r.ID.text)
	}
	for _, k := range r.When.Kind {
		if !slices.Contains([]string{scan.Post, scan.Article, scan.Reply, scan.Comment}, k.text) {
			return out, k.errorf("%q is no kind of text (post, article, reply, comment)", k.text)
		}
	}
	out.Rule = scan.Rule{
		ID: r.ID.text, Pack: p.pack.Name(), Kind: r.Kind.text, Severity: sev,
		Jurisdictions: p.pack.Jurisdictions,
		When: scan.When{Kinds: texts(r.When.Kind), Langs: texts(r.When.Lang), Channels: texts(r.When.Channel),
			Roles: texts(r.When.Role), NotRoles: texts(r.When.NotRole)},
		Any: texts(r.Match.Any), Parent: texts(r.Match.Parent), ParentFinds: texts(r.Match.ParentFinds), Unless: texts(r.Match.Unless), NewToParent: r.Match.NewToParent, Whole: r.Match.Whole, Reads: r.Match.Reads, Need: r.Match.Need, Alone: r.Match.Alone, Doubt: r.Match.Doubt,
		Covers: texts(r.Covers), Reason: scan.Message(r.Reason), Suggestion: scan.Message(r.Suggestion), Answer: scan.Message(r.Answer),
	}
	if len(r.When.Location) > 0 {
		out.Jurisdictions = texts(r.When.Location)
	}
	for _, n := range r.Match.Near {
		near, err := n.near(r, 10)
		if err != nil {
			return out, err
		}
		if n.Text {
			return out, r.ID.errorf("rule %s: text belongs under not", r.ID.text)
		}
		out.Near = append(out.Near, near)
	}
	for _, n := range r.Match.Not {
		near, err := n.near(r, 6)
		if err != nil {
			return out, err
		}
		out.Not = append(out.Not, scan.Not{Near: near, Text: n.Text})
	}
	var err error
	if out.Sum, err = r.Match.Sum.sum(r); err != nil {
		return out, err
	}
	for _, w := range r.Plain {
		if w.Term.text == "" || w.Wording == "" {
			return out, r.ID.errorf("rule %s: a glossary entry needs a term and a wording", r.ID.text)
		}
		out.Plain = append(out.Plain, scan.Plain{Term: w.Term.text, Wording: w.Wording})
	}
	if len(out.Any) == 0 && len(out.Plain) == 0 && !out.Whole && out.Reads == "" {
		return out, r.ID.errorf("rule %s looks for nothing (match: any: …)", r.ID.text)
	}
	return out, r.terms()
}

func (f *sumFile) sum(r *ruleFile) (scan.Sum, error) {
	out := scan.Sum{Need: f.Need, N: f.N, Join: f.Join}
	if len(f.Of) == 0 && f.Need == 0 {
		return out, nil
	}
	if f.Need < 1 || f.N < 1 || f.N > 60 || len(f.Of) > 32 {
		return out, r.ID.errorf("rule %s: a sum needs: need above 0, n of 1 to 60, at most 32 parts", r.ID.text)
	}
	reach := 0
	for _, p := range f.Of {
		switch {
		case len(p.Any) == 0 || p.Weight == 0 || p.N < 0 || p.N > 60:
			return out, r.ID.errorf("rule %s: each part of a sum needs any: […] and a weight", r.ID.text)
		case (p.Label.EN == "") != (p.Label.ES == ""):
			return out, r.ID.errorf("rule %s has a label in one language only", r.ID.text)
		}
		reach += max(0, p.Weight)
		out.Parts = append(out.Parts, scan.Part{Any: texts(p.Any), Weight: p.Weight, N: p.N, Before: p.Before, Label: scan.Message(p.Label)})
	}
	if reach < f.Need {
		return out, r.ID.errorf("rule %s: its parts weigh %d together and can never reach %d", r.ID.text, reach, f.Need)
	}
	return out, nil
}

func (n *nearFile) near(r *ruleFile, n0 int) (scan.Near, error) {
	out := scan.Near{Any: texts(n.Any), N: n0, Join: n.Join}
	if n.N != nil {
		out.N = *n.N
	}
	if out.N < 0 || out.N > 60 {
		return out, r.ID.errorf("rule %s: n is 0 to 60", r.ID.text)
	}
	if len(out.Any) == 0 {
		return out, r.ID.errorf("rule %s: near and not need any: […]", r.ID.text)
	}
	switch n.Ordered.text {
	case "":
	case "before":
		out.Before = true
	case "after":
		out.After = true
	default:
		return out, n.Ordered.errorf("ordered is before or after, not %q", n.Ordered.text)
	}
	return out, nil
}

func (t *testFile) test() (Test, error) {
	v, ok := scan.ParseSeverity(t.Verdict.text)
	if !ok {
		return Test{}, t.Text.errorf("a test needs a verdict (allow, note, warn, hold, block, urgent), not %q", t.Verdict.text)
	}
	return Test{
		Text: t.Text.text, Verdict: v, Rules: texts(t.Rules), Marks: texts(t.Marks), File: t.Text.file, Line: t.Text.line,
		Context: scan.Context{Kind: t.Kind, Lang: t.Lang, Jurisdiction: t.Jurisdiction, Channel: t.Channel, AuthorRole: t.Role, Parent: t.Parent},
	}, nil
}

func (w wordsFile) all() []scalar { return slices.Concat(w.Any, w.EN, w.ES) }

func texts(list []scalar) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.text)
	}
	return out
}

func plainName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
