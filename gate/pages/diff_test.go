package pages

import (
	"fmt"
	"strings"
	"testing"
)

func sides(runs []run) (a, b string) {
	for _, r := range runs {
		if r.Kind != '+' {
			a += r.Text
		}
		if r.Kind != '-' {
			b += r.Text
		}
	}
	return a, b
}

func TestDiff(t *testing.T) {
	show := func(runs []run) string {
		var b strings.Builder
		for _, r := range runs {
			fmt.Fprintf(&b, "%c[%s]", r.Kind, r.Text)
		}
		return b.String()
	}
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"same words", "same words", "=[same words]"},
		{"", "new", "+[new]"},
		{"old", "", "-[old]"},
		{"thank you Mrs Halloran for coming", "thank you all for coming", "=[thank you ]-[Mrs Halloran ]+[all ]=[for coming]"},
		{"call us now", "call 112 now", "=[call ]-[us ]+[112 ]=[now]"},
		{"a\n\nb c", "a\n\nb d", "=[a\n\nb ]-[c]+[d]"},
	} {
		if got := show(diff(c.a, c.b)); got != c.want {
			t.Errorf("%q to %q: %s, want %s", c.a, c.b, got, c.want)
		}
	}
	long := strings.Repeat("word ", 40)
	if got := show(shorten(diff(long+"old "+long, long+"new "+long))); !strings.HasPrefix(got, ".[]=[word ") || strings.Count(got, ".[]") != 2 || strings.Count(got, "word") != 2*around {
		t.Error(got)
	}
	// Two long texts without a common word end in time, and whole.
	x, y := strings.Repeat("alpha ", 9000), strings.Repeat("beta ", 9000)
	if a, b := sides(diff(x, y)); a != x || b != y {
		t.Error("a long difference lost words")
	}
}

func FuzzDiff(f *testing.F) {
	f.Add("a b c", "a x c")
	f.Add(" lead", "trail ")
	f.Add("\xff\xfe", "é  é")
	f.Fuzz(func(t *testing.T, a, b string) {
		if x, y := sides(diff(a, b)); x != a || y != b {
			t.Errorf("%q %q came back as %q %q", a, b, x, y)
		}
	})
}
