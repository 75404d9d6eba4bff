package search

import (
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// TestEveryParameterCompiles: each search parameter of each type of R4 has paths, and no two spaces are one.
func TestEveryParameterCompiles(t *testing.T) {
	owner := map[space]string{}
	claim := func(s space, name string) {
		if old, ok := owner[s]; ok && old != name {
			t.Errorf("%s and %s share a space", old, name)
		}
		if s == (space{0xff, 0xff, 0xff, 0xff}) {
			t.Errorf("%s: a space that nothing sorts behind", name)
		}
		owner[s] = name
	}
	params := 0
	for _, typ := range spec.R4().Resources() {
		p, err := compile(spec.R4(), typ)
		if err != nil {
			t.Error(err)
			continue
		}
		claim(p.updated, typ+" updated")
		claim(p.id, typ+" id")
		claim(p.member, typ+" compartment")
		for _, g := range p.groups {
			claim(g.space, g.name)
			claim(g.space.beside(), g.name+" beside")
			claim(g.long, g.name+" long")
			claim(g.text, g.name+" text")
			claim(g.typed, g.name+" typed")
			claim(g.logic, g.name+" logic")
		}
		for _, def := range spec.R4().Params(typ) {
			one := p.params[def.Code]
			if def.Type == "special" {
				continue
			}
			if one == nil || len(one.views) == 0 {
				t.Errorf("%s?%s has nothing to look at", typ, def.Code)
				continue
			}
			params++
		}
	}
	if params < 1500 {
		t.Errorf("only %d parameters", params)
	}
	t.Logf("%d parameters, %d spaces", params, len(owner))
}
