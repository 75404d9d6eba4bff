package policy

import (
	"testing"

	"github.com/mitral-health/mitral/gate/scan"
)

// Harmless posts that add up to one person are held when the last of them is written.
func TestPiecesOverAThread(t *testing.T) {
	e := exampleEngine(t)
	for _, c := range []struct {
		before []string
		text   string
		want   bool
	}{
		{[]string{"My patient this morning had rabies."}, "The zoo in Luarca is small.", true},
		{[]string{"My patient this morning had rabies.", "Coffee first."}, "The zoo in Luarca is small.", true},
		{[]string{"Our flu clinic opens on Monday.", "Bring your card."}, "People over 65 go first.", false},
		{[]string{"La campaña de la gripe empieza el lunes."}, "Los mayores de 65 tienen prioridad.", false},
		{[]string{"Night shift again.", "We need more hands."}, "The union meets on Thursday.", false},
	} {
		in := scan.Context{Kind: scan.Post, AuthorRole: "clinician", Before: c.before}
		found := e.Scan(c.text, in)
		if got := scan.Verdict(found) >= scan.Hold; got != c.want {
			t.Errorf("%q after %q: %s, want held %v %s", c.text, c.before, scan.Verdict(found), c.want, told(c.text, found))
		}
		in.Before = nil
		if v := scan.Verdict(e.Scan(c.text, in)); v >= scan.Hold {
			t.Errorf("%q alone: %s", c.text, v)
		}
		for _, f := range found {
			if f.Start < 0 || f.End > len(c.text) || f.Start >= f.End {
				t.Errorf("%q: %+v", c.text, f)
			}
		}
	}
}

// A call for help takes the place of nothing else in the text, and is not kept back for what it sounds like.
func TestACallForHelpHidesNothing(t *testing.T) {
	e := exampleEngine(t)
	const danger = "I want to end my life, I have taken the whole box"
	for _, c := range []struct {
		before []string
		text   string
		want   bool
	}{
		{nil, "Call 112 now. Perhaps if you brushed occasionally we wouldn't be having this conversation.", true},
		{[]string{"My patient this morning had rabies."}, "Works at the zoo in Luarca. Call 112.", true},
		{nil, "Call 112 now. Sit down, and don't drive yourself.", false},
		{nil, "You matter to us. Please call 112, they answer day and night.", false},
	} {
		found := e.Scan(c.text, scan.Context{Kind: scan.Reply, AuthorRole: "communications", Parent: danger, Before: c.before})
		help, more := false, false
		for _, f := range found {
			help = help || f.Kind == scan.Answered
			more = more || f.Kind != scan.Answered && f.Severity >= scan.Hold
		}
		if !help || more != c.want {
			t.Errorf("%q after %q: help %v, held for more %v, want %v: %s", c.text, c.before, help, more, c.want, told(c.text, found))
		}
	}
}
