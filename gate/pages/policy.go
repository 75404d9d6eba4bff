package pages

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/scan"
)

// blanks stand for what is filled in when something is found.
var blanks = strings.NewReplacer("{text}", "…", "{plain}", "…", "{parts}", "…", "{mark}", "…", "{emergency}", "112")

// PacksOf turns the loaded policy into what the rules page shows: each rule with some of the texts
// on which the packs' own tests try it.
func PacksOf(set *policy.Set) []Pack {
	const examples = 4
	general := func(m scan.Message) scan.Message {
		return scan.Message{EN: blanks.Replace(m.EN), ES: blanks.Replace(m.ES)}
	}
	if set == nil {
		return nil
	}
	var out []Pack
	for i := range set.Packs {
		p := &set.Packs[i]
		pack := Pack{ID: p.ID, Version: strconv.Itoa(p.Version), Title: p.Title, About: p.About}
		at := map[string]int{}
		for _, r := range p.Rules {
			at[r.ID] = len(pack.Rules)
			pack.Rules = append(pack.Rules, Rule{ID: r.ID, Severity: r.Severity, Reason: general(r.Reason), Suggestion: general(cmp.Or(r.Suggestion, r.Answer))})
		}
		for _, t := range p.Tests {
			for _, id := range t.Rules {
				if n, ok := at[id]; ok && len(t.Text) <= 300 && len(pack.Rules[n].Examples) < examples {
					pack.Rules[n].Examples = append(pack.Rules[n].Examples, Example{Text: t.Text, Expect: t.Verdict})
				}
			}
		}
		out = append(out, pack)
	}
	return out
}
