package gate

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/gate/scan"
)

// starless is a markup whose only sign is the star, which readers don't see.
func starless(d Draft) []Field {
	out := append([]Field(nil), d.Fields...)
	for i := range out {
		out[i].Text = strings.ReplaceAll(out[i].Text, "*", "")
	}
	return out
}

func TestWhatReadersSeeIsCheckedToo(t *testing.T) {
	each(t, nil, func(d *desk) {
		d.UseShown(starless)
		for _, c := range []struct {
			text    string
			want    State
			finding string // field, severity, marked words
		}{
			{"plain", Passed, ""},
			{"a [ho*ld] b", Held, "body hold [ho*ld]"},
			{"a [hold] b", Held, "body hold [hold]"},
			{"a [*block*] and [hold]", Blocked, "body hold [hold], body block [*block*]"},
			{"[hold] [ho*ld] [hold]", Held, "body hold [hold], body hold [hold]"}, // known words are said once
			{"nothing to see *", Passed, ""},
		} {
			draft := d.draft(c.text, c.text)
			out := d.submit(draft, false)
			var got []string
			for _, f := range out.Findings {
				got = append(got, f.Field+" "+f.Severity.String()+" "+draft.text(f.Field)[f.Start:f.End])
			}
			if s := strings.Join(got, ", "); out.State != c.want || s != c.finding {
				d.t.Errorf("%q: %s, %q, want %s, %q", c.text, out.State, s, c.want, c.finding)
			}
			if c.want != Passed && d.cleared(draft) {
				d.t.Errorf("%q is cleared", c.text)
			}
		}
		d.UseShown(func(Draft) []Field { panic("markup of hell") })
		if _, err := d.Submit(ctx, d.draft("down", "plain"), true); err != ErrDown {
			d.t.Errorf("markup that can't be read: %v", err)
		}
	})
}

func TestManyFindingsCostTheirLength(t *testing.T) {
	g := &Gate{shown: starless}
	g.rules.Store(&rules{engine: words{}})
	text := strings.Repeat("*[note] [no*te] ", 6000)
	res, err := g.Check(ctx, Draft{ID: "a", Kind: scan.Post, Fields: []Field{{"body", text}}})
	if err != nil || len(res.Findings) != 6000 {
		t.Errorf("%d findings, %v", len(res.Findings), err)
	}
}
