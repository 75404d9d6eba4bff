package gate

import (
	"testing"

	"github.com/mitral-health/mitral/gate/review"
)

// What a reviewer refused, sent back or took down does not become public as somebody's copy.
func TestTheSameWordsGoToAReviewerAgain(t *testing.T) {
	each(t, func(d *Deps) { d.SampleOneIn = 1 }, func(d *desk) {
		const said = "A text of some length about an open day, which nobody would write twice by chance."
		first := d.submit(d.draft("first", said), false)
		if first.State != Passed {
			d.t.Fatal(first.State)
		}
		if out := d.submit(d.draft("twice", said), false); out.State != Passed {
			d.t.Errorf("what nobody refused: %s", out.State)
		}
		d.must(d.decide(d.leonor, first.Submission, review.Recall, "names somebody"))
		for name, c := range map[string]struct {
			text, title string
			want        State
		}{
			"a copy":              {said, "", Held},
			"under another title": {said, "New title", Held},
			"set in other signs":  {"**A text** of some length\n\nabout an open day; which nobody would write twice by chance!", "", Held},
			"other words":         {"Another text of some length about an open day, which nobody would write twice by chance.", "", Passed},
			"no words":            {"…", "", Passed},
		} {
			draft := d.draft("copy "+name, c.text)
			draft.Fields[0].Text = c.title
			if out := d.submit(draft, false); out.State != c.want {
				d.t.Errorf("%s: %s, want %s", name, out.State, c.want)
			}
		}
		// A short text counts with its title: two people may both say when they open.
		short := d.draft("short", "[hold] At nine.")
		short.Fields[0].Text = "Monday"
		out := d.submit(short, false)
		d.must(d.decide(d.leonor, out.Submission, review.Reject, "no"))
		for title, want := range map[string]State{"Monday": Held, "Tuesday": Passed} {
			other := d.draft("short "+title, "Hold: at nine.")
			other.Fields[0].Text = title
			if out := d.submit(other, false); out.State != want {
				d.t.Errorf("%s: %s, want %s", title, out.State, want)
			}
		}
	})
}
