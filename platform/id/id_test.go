package id

import (
	"encoding/json"
	"testing"
	"time"
)

type post struct{}

func TestLaterIDsSortLater(t *testing.T) {
	at := time.UnixMilli(1_790_000_000_000)
	a, b := New[post](at), New[post](at.Add(time.Millisecond))
	if a.String() >= b.String() {
		t.Errorf("%s does not sort before %s", a, b)
	}
	if v := a.String()[14]; v != '7' {
		t.Errorf("version %c, want 7", v)
	}
	if v := Random[post]().String()[14]; v != '4' {
		t.Errorf("version %c, want 4", v)
	}
}

func TestParse(t *testing.T) {
	good := "01a0d1a2-7b3c-7def-8123-0123456789ab"
	v, err := Parse[post](good)
	if err != nil || v.String() != good {
		t.Fatalf("Parse(%q) = %v, %v", good, v, err)
	}
	for _, bad := range []string{"x", good[:35], good + "0", "01A0D1A2-7B3C-7DEF-8123-0123456789AB", "01a0d1a2+7b3c-7def-8123-0123456789ab", "../../../../../../../../../etc/passwd0"} {
		if _, err := Parse[post](bad); err == nil {
			t.Errorf("Parse(%q) took it", bad)
		}
	}
	if v, err := Parse[post](""); err != nil || !v.IsZero() {
		t.Error("empty text is no id")
	}
}

func TestJSONAndSQLRoundTrip(t *testing.T) {
	v := New[post](time.UnixMilli(1))
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var w Of[post]
	if err := json.Unmarshal(b, &w); err != nil || w != v {
		t.Errorf("JSON: %v, %v", w, err)
	}
	val, _ := v.Value()
	var x Of[post]
	if err := x.Scan(val); err != nil || x != v {
		t.Errorf("SQL: %v, %v", x, err)
	}
	if val, _ := (Of[post]{}).Value(); val != nil {
		t.Errorf("no id is stored as %v, want NULL", val)
	}
	if err := x.Scan(7); err == nil {
		t.Error("a number is no id")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("01a0d1a2-7b3c-7def-8123-0123456789ab")
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := Parse[post](s); err == nil && v.String() != s && !v.IsZero() {
			t.Errorf("%q became %q", s, v)
		}
	})
}
