package sense

import (
	"bytes"
	"testing"
)

func TestModelKeepsWhatItIsMadeOf(t *testing.T) {
	p := Parts{Names: []string{"leak", "care"}, Rows: []Row{{Key: 9, Weights: [Heads]int8{-128, 3}}, {Key: 7, Weights: [Heads]int8{127, -1}}},
		Words: []Word{{Hash: 5, Class: 17}, {Hash: 2, Class: 1}}}
	p.Bias[1], p.Scale[0] = -0.5, 0.25
	b, err := Write(p)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if c := m.Class(5); c != 17 || m.Head("care") != 1 || m.Head("none") != -1 || m.row(8) != nil {
		t.Fatalf("word %d, head %d", c, m.Head("care"))
	}
	if r := m.row(9); r == nil || int(r[0])-128 != -128 || int(r[1])-128 != 3 {
		t.Fatalf("row %v", r)
	}
	q, err := Unpack(b)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Write(q); err != nil || !bytes.Equal(again, b) {
		t.Fatalf("packing what was unpacked gives other bytes: %v", err)
	}
	for i := range len(b) {
		if _, err := Read(b[:i]); err == nil {
			t.Fatalf("%d of %d bytes are read as a model", i, len(b))
		}
	}
}

func TestWindowsReachEveryWord(t *testing.T) {
	for n := range 400 {
		units := make([]Unit, n)
		for i := range units {
			units[i].Break = i%13 == 0
		}
		seen := make([]bool, n)
		work := 0
		for from := 0; from < n; {
			to, next := Window(units, from)
			if next <= from || to <= from || to > n || to-from > whole+step {
				t.Fatalf("%d words: from %d to %d, then %d", n, from, to, next)
			}
			for i := from; i < to; i++ {
				seen[i] = true
				work++
			}
			from = next
		}
		for i, ok := range seen {
			if !ok {
				t.Fatalf("%d words: number %d is in no window", n, i)
			}
		}
		if work > 4*n {
			t.Fatalf("%d words are read %d times", n, work)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(builtin[:200])
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := Read(append([]byte(magic), b...)); err == nil && len(m.names) > Heads {
			t.Fatal("too many heads")
		}
	})
}
