// Package policy holds the gate's rule packs: what the law and the organisation say may not go out,
// in YAML files that people can read, change and test. It reads them strictly, checks them and builds
// the engine from them. Imports gate/scan and gate/sense only. What it promises: a pack with a mistake is refused as
// a whole, with its file and line; nothing in a pack can make a scan slow.
package policy

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/gate/sense"
)

//go:embed packs
var builtin embed.FS

// Builtin is the packs that come with Mitral.
func Builtin() fs.FS {
	sub, err := fs.Sub(builtin, "packs")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}

// Org is what belongs to the organisation and is never a finding.
type Org = scan.Org

// Set is the packs that apply together, in the order in which they were loaded.
type Set struct {
	Packs []Pack
	sum   string
}

// Pack is one body of rules with its own version.
type Pack struct {
	ID            string
	Version       int
	Title         scan.Message
	About         scan.Message
	Jurisdictions []string // where it applies; empty is everywhere
	Rules         []Rule
	Tests         []Test
	lists         []list
	allow         Org // what it lets pass
}

// Name is the pack and its version, "gdpr-eu@3", as findings carry it.
func (p *Pack) Name() string { return fmt.Sprintf("%s@%d", p.ID, p.Version) }

// Rule is a rule and where it is written.
type Rule struct {
	scan.Rule
	File string
	Line int
}

// Test is a text and what the packs must say about it.
type Test struct {
	Text    string
	Context scan.Context
	Verdict scan.Severity
	Rules   []string // if given, exactly these rules of its own pack must have found something
	Marks   []string // if given, exactly these stretches of text must be marked, by any pack
	File    string
	Line    int
}

type list struct {
	name   string
	terms  []scalar
	extend bool
	file   string
}

// Load reads packs: each folder, and each file at the top, of each file system is one. A later one
// may add to the lists and change the severity of rules of an earlier one.
func Load(folders ...fs.FS) (*Set, error) { return LoadOwn("", 0, folders...) }

// LoadOwn is Load with the organisation's own pack, which is written in the product, after all others;
// own is its text and version its number. An empty text is no pack.
func LoadOwn(own string, version int64, folders ...fs.FS) (*Set, error) {
	set := &Set{}
	sum := sha256.New()
	for _, fsys := range folders {
		groups, err := sources(fsys, sum)
		if err != nil {
			return nil, err
		}
		if err := set.add(groups); err != nil {
			return nil, err
		}
	}
	if own != "" {
		src, err := ownSource(own, version)
		if err != nil {
			return nil, err
		}
		_, _ = sum.Write(src.body)
		if err := set.add([][]source{{src}}); err != nil {
			return nil, err
		}
	}
	set.sum = hex.EncodeToString(sum.Sum(nil)[:4])
	if err := set.check(); err != nil {
		return nil, err
	}
	return set, nil
}

// add reads the packs of one folder.
func (s *Set) add(groups [][]source) error {
	packs, err := readPacks(groups)
	if err != nil {
		return err
	}
	for _, p := range packs {
		if slices.ContainsFunc(s.Packs, func(have Pack) bool { return have.ID == p.pack.ID }) {
			return fmt.Errorf("%s: a pack called %q exists already", p.file, p.pack.ID)
		}
		for _, o := range p.overrides {
			if err := s.override(o, &p.pack); err != nil {
				return err
			}
		}
		s.Packs = append(s.Packs, p.pack)
	}
	return nil
}

// Version names every pack with its version, and the sum of all their bytes. It changes whenever a
// decision could.
func (s *Set) Version() string {
	var names []string
	for i := range s.Packs {
		names = append(names, s.Packs[i].Name())
	}
	return strings.Join(names, ",") + "#" + s.sum
}

// Engine builds the engine of these packs for an organisation.
func (s *Set) Engine(o Org) (*scan.Engine, error) {
	c := s.config(o)
	m, err := sense.Builtin()
	if err != nil {
		return nil, err
	}
	c.Sense = m
	return scan.New(c)
}

// Rules builds the engine without what it has learned of texts as a whole.
func (s *Set) Rules(o Org) (*scan.Engine, error) { return scan.New(s.config(o)) }

func (s *Set) config(o Org) scan.Config {
	c := scan.Config{Org: o}
	at := map[string]int{}
	for _, p := range s.Packs {
		c.Org = c.Org.With(p.allow)
		for _, l := range p.lists {
			i, ok := at[l.name]
			if !ok {
				i = len(c.Lists)
				at[l.name] = i
				c.Lists = append(c.Lists, scan.List{Name: l.name})
			}
			for _, t := range l.terms {
				c.Lists[i].Terms = append(c.Lists[i].Terms, t.text)
			}
		}
		for _, r := range p.Rules {
			c.Rules = append(c.Rules, r.Rule)
		}
	}
	return c
}

// override changes the severity of an earlier pack's rule.
func (s *Set) override(o overrideFile, by *Pack) error {
	packID, ruleID, ok := strings.Cut(o.Rule.text, "/")
	if !ok {
		return o.Rule.errorf("an override names pack/rule, not %q", o.Rule.text)
	}
	for i := range s.Packs {
		for k := range s.Packs[i].Rules {
			if r := &s.Packs[i].Rules[k]; s.Packs[i].ID == packID && r.ID == ruleID {
				r.Severity = o.severity
				r.Pack += "+" + by.Name()
				return nil
			}
		}
	}
	return o.Rule.errorf("there is no rule %q to override", o.Rule.text)
}
