package gate

import (
	"testing"

	"github.com/mitral-health/mitral/gate/scan"
)

// A finding that reaches from the title into the body is marked where most of it stands.
func TestPlace(t *testing.T) {
	d := Draft{Fields: []Field{{Name: "title", Text: "A hero"}, {Name: "body", Text: "She went home today."}, {Name: "alt:1", Text: ""}}}
	_, starts := d.joined()
	for _, c := range []struct {
		start, end int
		want       Finding
	}{
		{0, 6, Finding{"title", scan.Finding{Start: 0, End: 6}}},
		{2, 27, Finding{"body", scan.Finding{Start: 0, End: 19}}},
		{8, 28, Finding{"body", scan.Finding{Start: 0, End: 20}}},
		{0, 10, Finding{"title", scan.Finding{Start: 0, End: 6}}},
	} {
		if got := d.place(scan.Finding{Start: c.start, End: c.end}, starts); got.Field != c.want.Field || got.Start != c.want.Start || got.End != c.want.End {
			t.Errorf("%d to %d: %s %d to %d", c.start, c.end, got.Field, got.Start, got.End)
		}
	}
}
