package search

import (
	"net/url"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
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
			if Indexed(g.space[:]) {
				claim(g.space.beside(), g.name+" beside")
			}
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

// TestTrailIsLight: what hardly tells entries of the audit trail apart is no row of the index, is found all
// the same, and orders nothing.
func TestTrailIsLight(t *testing.T) {
	n, err := resource.Parse([]byte(`{"resourceType":"AuditEvent","id":"a","type":{"system":"s","code":"rest"},"subtype":[{"code":"read"}],"action":"R",
		"recorded":"2026-03-02T10:00:00Z","outcome":"0","agent":[{"altId":"x","name":"Ward","requestor":true}],
		"source":{"observer":{"display":"Mitral"}},"entity":[{"what":{"reference":"Patient/1"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	terms := Extract(n, time.Unix(0, 0), Options{})
	rows := 0
	for range terms.Index() {
		rows++
	}
	if rows > 7 {
		t.Errorf("%d rows for an entry of the trail", rows)
	}
	for query, want := range map[string]bool{"action=R": true, "action=C": false, "outcome=0": true, "type=s|rest": true, "type=s|": true, "subtype=read": true,
		"agent-name=war": true, "agent-name=wart": false, "altid=x": true, "action:missing=false": true, "entity-name:missing=true": true, "action:not=R": false} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		q, err := Parse("AuditEvent", v, Asked{Strict: true})
		if err != nil {
			t.Fatal(err)
		}
		if c := &q.Where[0]; c.Match(terms) != want || c.Ranges() != nil || c.Exact() != nil {
			t.Errorf("%s: %v, ranges %v, exact %v", query, c.Match(terms), c.Ranges(), c.Exact())
		}
	}
	if _, err := Parse("AuditEvent", url.Values{"_sort": {"action"}}, Asked{}); err == nil {
		t.Error("ordered by what is not in the index")
	}
}
