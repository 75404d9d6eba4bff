package policy

import (
	"testing"

	"github.com/mitral-health/mitral/gate/scan"
)

func TestPacks(t *testing.T) {
	set, err := Load(Builtin())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range set.Test() {
		t.Error(f)
	}
}

// Words are offered to whoever can use them: an answer to who answers, for all of it, and nothing for what a member wrote.
func TestWhomASuggestionIsFor(t *testing.T) {
	e := exampleEngine(t)
	for _, c := range []struct {
		in           scan.Context
		text         string
		words, whole bool
	}{
		{scan.Context{Kind: scan.Reply, AuthorRole: "communications", Parent: "Awful place."}, "When you came in last week you were late.", true, true},
		{scan.Context{Kind: scan.Comment, AuthorRole: "clinician"}, "When you came in last week we operated on you.", false, false},
		{scan.Context{Kind: scan.Post, AuthorRole: "communications"}, "When you came in last week we operated on you.", false, false},
		{scan.Context{Kind: scan.Post, AuthorRole: "communications"}, "Marta had surgery here.", true, false},
		{scan.Context{Kind: scan.Comment, AuthorRole: "member"}, "Marta Quero from the bakery in Ojén has cancer.", false, false},
	} {
		found := e.Scan(c.text, c.in)
		if scan.Verdict(found) < scan.Hold {
			t.Errorf("%q: %v", c.text, found)
		}
		words, whole := false, false
		for _, f := range found {
			words, whole = words || f.Suggestion.EN != "", whole || f.Whole
		}
		if words != c.words || whole != c.whole {
			t.Errorf("%q as %s of %s: words %v, for all of it %v: %v", c.text, c.in.Kind, c.in.AuthorRole, words, whole, found)
		}
	}
}
