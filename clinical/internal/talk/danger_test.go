package talk

import (
	"testing"
)

func TestDanger(t *testing.T) {
	set, err := dangerRules()
	if err != nil {
		t.Fatal(err)
	}
	d := words1
	if _, err := d.engine(); err != nil {
		t.Fatal(err)
	}
	seen := map[bool]int{}
	for _, p := range set.Packs {
		if p.ID != "danger" {
			continue
		}
		for _, c := range p.Tests {
			where, is := d.find(c.Text)
			if want := c.Verdict > 0; is != want {
				t.Errorf("line %d: %q: danger %v %v", c.Line, c.Text, is, where)
			}
			seen[is]++
		}
	}
	if seen[true] < 15 || seen[false] < 8 {
		t.Fatalf("the pack's tests were not run: %v", seen)
	}
	text := "Thank you. I have had a tight chest since last night"
	where, _ := d.find(text)
	if len(where) != 1 || text[where[0].from:where[0].to] != "I have had a tight chest" && text[where[0].from:where[0].to] != "tight chest" {
		t.Errorf("marked %v", where)
	}
}
