package scan

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var testOrg = Org{Name: "Orlena Health Centre", Phones: []string{"555-0142", "+34 955 555 014"}, Emails: []string{"hello@orlena.example"},
	Address: []string{"2 Bridge Street, Orlena"}, Staff: []string{"Marisol Quenby"}, Places: []string{"Orlena"}, Handles: []string{"orlena"}}

func marker(t testing.TB) *Engine {
	e, err := New(Config{Org: testOrg})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestScanners(t *testing.T) {
	e := marker(t)
	for _, c := range []struct{ text, class, want string }{
		{"SSN 536-22-8714.", "ssn", "536-22-8714"},
		{"social security 536228714", "ssn", "536228714"},
		{"order 536228714", "ssn", ""},
		{"DNI: 12.345.678-Z", "dni", "12.345.678-Z"},
		{"dni 12345678z", "dni", "12345678z"},
		{"NIE Y2345678Z", "nie", "Y2345678Z"},
		{"NHS 943 476 5919", "nhs-number", "943 476 5919"},
		{"NINO AB 12 34 56 C", "nino", "AB 12 34 56 C"},
		{"a ES91 2100 0418 4502 0005 1332 b", "iban", "ES91 2100 0418 4502 0005 1332"},
		{"4111-1111-1111-1111", "card", "4111-1111-1111-1111"},
		{"MRN: A0048213", "record-number", "A0048213"},
		{"NHC 48213", "record-number", "48213"},
		{"+34 612 345 678", "phone", "+34 612 345 678"},
		{"(212) 555-0187", "phone", "(212) 555-0187"},
		{"07700 900123", "phone", "07700 900123"},
		{"6 1 2 3 4 5 6 7 8", "phone", "6 1 2 3 4 5 6 7 8"},
		{"seis uno dos, tres cuatro cinco, seis siete ocho", "phone", "seis uno dos, tres cuatro cinco, seis siete ocho"},
		{"6l2 345 67O 1", "phone", ""},
		{"6l2 345 678", "phone", "6l2 345 678"},
		{"desde 2019 612 345 678", "phone", "612 345 678"},
		{"in 2019-2024", "phone", ""},
		{"1,234,567 people", "phone", ""},
		{"call 555-0142", "phone", ""},
		{"call 555-0142", "own", "555-0142"},
		{"955 555 014", "own", "955 555 014"},
		{"j.smith@gmail.com!", "email", "j.smith@gmail.com"},
		{"ana@orlena.example", "own", "ana@orlena.example"},
		{"j dot smith at x dot com", "email", "j dot smith at x dot com"},
		{"maria.g arroba gmail.com", "email", "maria.g arroba gmail.com"},
		{"read more at orlena.com", "email", ""},
		{"info@other.org", "email", ""},
		{"@Baker_Leo hi", "handle", "@Baker_Leo"},
		{"see https://www.facebook.com/ana.lopez.3, ok", "profile-url", "https://www.facebook.com/ana.lopez.3"},
		{"83.44.12.190", "ip", "83.44.12.190"},
		{"on 12/03/2024", "date", "12/03/2024"},
		{"2024-03-12", "date", "2024-03-12"},
		{"the 3rd of March 2024.", "date", "3rd of March 2024"},
		{"el 3 de marzo de 2024", "date", "3 de marzo de 2024"},
		{"March 3rd", "date", "March 3rd"},
		{"in March 2014", "date", "March 2014"},
		{"blood pressure 120/80", "date", ""},
		{"open 24/7", "date", ""},
		{"you may 3 times", "date", ""},
		{"a 92-year-old", "age-90", "92-year-old"},
		{"de noventa y dos años", "age-90", "noventa y dos años"},
		{"people over 90 years old", "age-90", ""},
		{"mayores de 90 años", "age-90", ""},
		{"hace 95 años", "age-90", ""},
		{"un niño de 6 años", "age-minor", "6 años"},
		{"adults aged 65 to 80", "age", ""},
		{"aged 45.", "age", "aged 45"},
		{"room 324", "room", "room 324"},
		{"habitación 21B", "room", "habitación 21B"},
		{"cama 7", "bed", "cama 7"},
		{"14 Fenwick Street", "address", "14 Fenwick Street"},
		{"calle Mayor, 12", "address", "calle Mayor, 12"},
		{"C/ Mayor 12", "address", "C/ Mayor 12"},
		{"on Fenwick Street", "street", "Fenwick Street"},
		{"2 Bridge Street", "address", ""},
		{"SW1A 1AA", "postcode", "SW1A 1AA"},
		{"Mrs Halloran came", "name", "Mrs Halloran"},
		{"la señora garcía vino", "name", "señora garcía"},
		{"Siobhan O'Brien came", "name", "Siobhan O'Brien"},
		{"María del Carmen de la Fuente vino", "name", "María del Carmen de la Fuente"},
		{"Dr Anselm Brandt said", "staff", "Dr Anselm Brandt"},
		{"Marisol Quenby said", "staff", "Marisol Quenby"},
		{"Marta Ruiz, enfermera, dice", "staff", "Marta Ruiz"},
		{"World Heart Day", "name-like", ""},
		{"RUT 12.345.678-5.", "national-id", "12.345.678-5"},
		{"12345678-5 pieces", "national-id", ""},
		{"dni 5374 2382 efe", "dni", "5374 2382 efe"},
		{"dni uno dos tres cuatro cinco seis siete ocho zeta", "dni", "uno dos tres cuatro cinco seis siete ocho zeta"},
		{"nie la letra equis, luego 4989798 y acaba en v", "nie", "letra equis, luego 4989798 y acaba en v"},
		{"Medicare number one E G four T E five M K seven three", "mbi", "one E G four T E five M K seven three"},
		{"dni 12 de enero a las 9 y 30", "record-number", ""},
		{"M-R-N eight eight oh two", "record-number", "eight eight oh two"},
		{"historia 00482913", "record-number", "00482913"},
		{"historia 2024", "record-number", ""},
		{"the car KX19 TRD", "plate", "KX19 TRD"},
		{"a car in 2024 and GPS", "plate", ""},
		{"R.T. came", "initials", "R.T"},
		{"J. K. Rowling", "initials", ""},
		{"the E.R. is", "initials", ""},
		{"she lies in 7B", "room-code", "7B"},
		{"in 312 hospitals", "room-code", ""},
		{"Room f0ur-0h-tw0", "room", "Room f0ur-0h-tw0"},
		{"tiene 5ida", "disguised", "5ida"},
		{"5anos, 7days, 10am, 1st, H1N1, B12", "disguised", ""},
		{"m y s i s t e r came", "disguised", ""},
		{"born 3/9/61", "birth-date", "3/9/61"},
		{"on 3/9/2024", "birth-date", ""},
		{"p.clinic.example/u/rgomez", "record-link", "p.clinic.example/u/rgomez"},
		{"clinic.example/results/2024", "record-link", ""},
		{"so 🤫 then", "emoji-secret", "🤫"},
		{"118 Juniper Ct", "address", "118 Juniper Ct"},
		{"Abdominal CT", "street", ""},
		{"the Maria Curie Hospital", "name", ""},
		{"our guest Ngwenya Dlomo came", "name-like", "Ngwenya Dlomo"},
		{"she is from Little Wexcombe.", "place", "Little Wexcombe"},
		{"she is from Madrid.", "place", ""},
		{"she is from Orlena.", "place", ""},
	} {
		got := ""
		for _, m := range e.Marks(c.text) {
			if m.Name == c.class && len(got) < m.End-m.Start {
				got = c.text[m.Start:m.End]
			}
		}
		if got != c.want {
			t.Errorf("%s in %q: got %q, want %q (%v)", c.class, c.text, got, c.want, e.Marks(c.text))
		}
	}
}

func TestFoldKeepsPlaces(t *testing.T) {
	var f folded
	for _, c := range []struct{ text, folded string }{
		{"García", "Garcia"}, {"Garci\u0301a", "Garcia"}, {"Ｍｒｓ", "Mrs"}, {"Mr\u200bs", "Mrs"}, {"Нallоran", "Hallоran"},
		{"٥٥٥", "555"}, {"a\xffb", "a\x1fb"}, {"’", "'"}, {"straße", "strasse"}, {"…", "..."}, {"５", "5"},
	} {
		f.fold(c.text, newFolds())
		if c.text == "Нallоran" {
			c.folded = "Halloran"
		}
		if string(f.b) != c.folded {
			t.Errorf("%q folds to %q, want %q", c.text, f.b, c.folded)
		}
		if s, e := f.span(c.text, 0, int32(len(f.b))); s != 0 || e != len(c.text) {
			t.Errorf("%q: span %d:%d", c.text, s, e)
		}
	}
}

func TestTerms(t *testing.T) {
	e, err := New(Config{
		Lists: []List{
			{Name: "care", Terms: []string{"(her|his) ~2 (operation|heart (bypass|surgery))", "operad*", "=US only", "<number> mg"}},
			{Name: "both", Terms: []string{"(very)? <care>", "never"}},
		},
		Rules: []Rule{{ID: "r", Pack: "p@1", Kind: "k", Severity: Hold, Any: []string{"<both>"}, Not: []Not{{Near: Near{Any: []string{"not"}, N: 2, Before: true}}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"after her second big operation", "her second big operation"},
		{"his heart bypass", "his heart bypass"},
		{"her own two big operation", ""},
		{"fue Operada ayer", "Operada"},
		{"the US only", "US only"}, {"the us only", ""},
		{"take 400 mg", "400 mg"},
		{"not very operado", ""}, {"very operado", "very operado"},
		{"her. Operation", ""}, {"her, operation", "her, operation"},
	} {
		got := ""
		for _, f := range e.Scan(c.text, Context{}) {
			got = c.text[f.Start:f.End]
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
	for _, bad := range []string{"", "(a", "~3 a", "a ~3", "a ~9 b", "(a|)", "ab*", "<A>", "(a)? (b)?", strings.Repeat("a ", 20), strings.Repeat("a", 1000)} {
		if _, err := CheckTerm(bad); err == nil {
			t.Errorf("%q should be refused", bad)
		}
	}
	if _, err := New(Config{Lists: []List{{Name: "a", Terms: []string{"x <b>"}}, {Name: "b", Terms: []string{"y <a>"}}}}); err == nil {
		t.Error("a circle of lists should be refused")
	}
	if _, err := New(Config{Lists: []List{{Name: "a", Terms: []string{"x <missing>"}}}}); err == nil {
		t.Error("a missing list should be refused")
	}
}

// rules that touch every scanner and the joining of findings, for the fuzzers.
func busy(t testing.TB) *Engine {
	var any []string
	for _, s := range Scanners() {
		any = append(any, "<"+s+">")
	}
	e, err := New(Config{Org: testOrg,
		Lists: []List{{Name: "you", Terms: []string{"your ~3 (visit|surgery)", "(we|i) ~2 (saw|treated) you", "su ~2 operación"}}},
		Rules: []Rule{
			{ID: "all", Pack: "p@1", Kind: "a", Severity: Hold, Any: any},
			{ID: "near", Pack: "p@1", Kind: "b", Severity: Warn, Any: append(any, "<you>"), Near: []Near{{Any: append(any, "the", "de"), N: 10, Join: true}}, NewToParent: true},
			{ID: "sum", Pack: "p@1", Kind: "c", Severity: Hold, Any: append(any, "<you>", "hero"), Sum: Sum{Need: 1, N: 20, Join: true, Parts: []Part{{Any: append(any, "the", "valley"), Weight: 1}}}},
		}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func sound(t *testing.T, text string, found []Finding) {
	last, valid := 0, utf8.ValidString(text)
	for _, f := range found {
		if f.Start < 0 || f.End > len(text) || f.Start >= f.End || f.Start < last {
			t.Fatalf("finding %d:%d of %d bytes", f.Start, f.End, len(text))
		}
		last = f.Start
		for _, at := range []int{f.Start, f.End} {
			if valid && at < len(text) && !utf8.RuneStart(text[at]) {
				t.Fatalf("a span cuts a character at %d of %q", at, text)
			}
		}
	}
}

// What adds up is marked in whole sentences, in clauses where those are long, and as it is where there are none.
func TestClauses(t *testing.T) {
	e, err := New(Config{Rules: []Rule{{ID: "sum", Pack: "p@1", Kind: "c", Severity: Hold, Any: []string{"hero"},
		Sum: Sum{Need: 1, N: 20, Join: true, Parts: []Part{{Any: []string{"valley"}, Weight: 1}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	filler := strings.Repeat("and so on ", 12)
	for text, want := range map[string]string{
		"Good day. Our hero of the valley went home! See you.":                        "Our hero of the valley went home",
		"Good day. Our hero is here. She is from the valley. See you.":                "Our hero is here. She is from the valley",
		filler + ", our hero of the valley went home, " + filler:                      "our hero of the valley went home",
		filler + "our hero of the valley went home " + filler:                         "hero of the valley",
		"El día 3: nuestra hero, ¿verdad?, bajó al valley – ¡olé! Hasta mañana, año.": "El día 3: nuestra hero, ¿verdad?, bajó al valley",
	} {
		if found := e.Scan(text, Context{}); len(found) != 1 || text[found[0].Start:found[0].End] != want {
			t.Errorf("%q: %v, want %q", text, found, want)
		}
	}
}

func FuzzScan(f *testing.F) {
	e := busy(f)
	for _, s := range []string{"Mrs Halloran of Fenwick Street went home on 12/03/2024", "j dot smith at x dot com", "DNI 12345678Z 612 345 678", "x.com/@a @b@c.d 1.2.3.4",
		"O'Brien d'Or rock 'n' roll", "noventa y dos años", "\xff\xfe\u200b\u0301é", "SW1A 1AA ES91 2100 0418 4502 0005 1332", "canc3r 5urgery", "(555) 123-4567 +", "@", "C/ Mayor 12", "...'''---"} {
		f.Add(s, "")
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, text, parent string) {
		c := Context{Kind: Reply, Parent: parent}
		start := time.Now()
		found := e.Scan(text, c)
		if d := time.Since(start); d > 2*time.Second && len(text)+len(parent) < 1<<16 {
			t.Fatalf("%v for %d bytes", d, len(text))
		}
		sound(t, text, found)
		if !reflect.DeepEqual(found, e.Scan(text, c)) {
			t.Fatal("two answers for one text")
		}
	})
}

func FuzzTerm(f *testing.F) {
	for _, s := range []string{"(a|b c)? ~3 <phone> d*", "=US", "((a|b)? c|d) e", "~", "(", "<number> mg"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, term string) {
		if _, err := CheckTerm(term); err != nil {
			return
		}
		e, err := New(Config{Lists: []List{{Name: "l", Terms: []string{term}}}, Rules: []Rule{{ID: "r", Any: []string{"<l>"}}}})
		if err != nil {
			return // a reference that does not exist
		}
		sound(t, term, e.Scan(term, Context{}))
	})
}

// TestRepetition: text that repeats whatever could make a pattern start again is read to its end, with
// sound spans. That it takes time in proportion is measured by bench/gate (BenchmarkLinear).
func TestRepetition(t *testing.T) {
	e := busy(t)
	for _, unit := range []string{"the quick brown fox jumps ", "1 2 3 4 5 6 7 8 9 0 ", "1a2b3c4d", "@a", "a.b.c.", "x.com/hashtagx.com/", "Maria Garcia de la ",
		"your ", "\n", " ", "\u200b", "\u0301", "A", "Mr. ", "\ufdfa", "\xff", "six "} {
		text := strings.Repeat(unit, (1<<15)/len(unit)+1)
		sound(t, text, e.Scan(text, Context{Kind: Reply, Parent: "x"}))
	}
}

func TestLongAndEmpty(t *testing.T) {
	e := busy(t)
	if f := e.Scan("", Context{}); len(f) != 0 {
		t.Error(f)
	}
	f := e.Scan(strings.Repeat("a", MaxText+1), Context{})
	if Verdict(f) != Hold {
		t.Error("text that is too long must be held")
	}
}

func TestManyAtOnce(t *testing.T) {
	e := busy(t)
	texts := []string{"Mrs Halloran", "call 612 345 678", "", "Ana García, 92-year-old"}
	want := make([][]Finding, len(texts))
	for i, x := range texts {
		want[i] = e.Scan(x, Context{})
	}
	done := make(chan bool)
	for g := range 4 {
		go func() {
			for i := range 200 {
				k := (i + g) % len(texts)
				if !reflect.DeepEqual(e.Scan(texts[k], Context{}), want[k]) {
					t.Error("another answer under load")
				}
			}
			done <- true
		}()
	}
	for range 4 {
		<-done
	}
}

func TestSeverityNames(t *testing.T) {
	for _, s := range []Severity{0, Note, Warn, Hold, Block, Urgent} {
		b, _ := s.MarshalText()
		var back Severity
		if err := back.UnmarshalText(b); err != nil || back != s {
			t.Errorf("%v: %v %v", s, back, err)
		}
	}
	if err := new(Severity).UnmarshalText([]byte("fatal")); err == nil {
		t.Error("an unknown severity must be refused")
	}
	if !slices.IsSorted(Scanners()) {
		t.Error("scanners should be sorted")
	}
}
