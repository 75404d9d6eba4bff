package page

import (
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
)

func TestCursorRoundTrip(t *testing.T) {
	c := Cursor{At: time.UnixMicro(1_790_000_000_123_456).UTC(), ID: "01a0d1a2-7b3c-7def-8123-0123456789ab"}
	got, err := Parse(c.String())
	if err != nil || got != c {
		t.Errorf("got %v, %v", got, err)
	}
	if (Cursor{}).String() != "" {
		t.Error("the start has no text")
	}
	if got, err := Parse(""); err != nil || !got.IsZero() {
		t.Error("no text is the start")
	}
}

func TestParseRefusesWhatItDidNotWrite(t *testing.T) {
	for _, s := range []string{"%", "AA", "not base64!", "AAAAAAAAAAA"} {
		if _, err := Parse(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("Parse(%q) = %v, want invalid", s, err)
		}
	}
}

func TestCut(t *testing.T) {
	at := func(n int) Cursor { return Cursor{ID: string(rune('a' + n))} }
	if p := Cut([]int{0, 1, 2}, 2, at); len(p.Items) != 2 || p.Next.ID != "b" {
		t.Errorf("got %+v", p)
	}
	if p := Cut([]int{0, 1}, 2, at); len(p.Items) != 2 || !p.Next.IsZero() {
		t.Errorf("the last page has a next: %+v", p)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("AAZ6")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Parse(s)
		if err == nil {
			if again, err := Parse(c.String()); err != nil || again != c {
				t.Errorf("%q: %v, %v", s, again, err)
			}
		}
	})
}
