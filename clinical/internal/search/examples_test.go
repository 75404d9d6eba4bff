package search

import (
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// examples is the standard's own examples.
func examples(t testing.TB) []*resource.Node {
	t.Helper()
	dir := os.Getenv("MITRAL_DATA")
	if dir == "" {
		t.Skip("MITRAL_DATA is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "fhir-examples", "*.json"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	var out []*resource.Node
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		n, err := resource.Parse(b)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if planFor(n.Type()) != nil {
			out = append(out, n)
		}
	}
	return out
}

var escaper = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `$`, `\$`, `|`, `\|`)

// asked writes queries that must find an encoded value (yes), and such that nothing of the resource meets (no).
func asked(k kind, v []byte) (yes, no []string) {
	number := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	instant := func(at int64) string {
		return time.UnixMicro(at).UTC().Format("2006-01-02T15:04:05.000000Z")
	}
	switch k {
	case tokenKind:
		c, s := field(v)
		code, system := escaper.Replace(string(c)), escaper.Replace(string(s))
		switch {
		case len(c) == 0:
			return []string{system + "|"}, []string{system + "~|"}
		case string(s) == string([]byte{implied}):
			return []string{code, "|" + code, code + ",~"}, []string{code + "~", "~|~"}
		case len(s) == 0:
			return []string{code, "|" + code}, []string{code + "~", "~|" + code}
		}
		return []string{code, system + "|" + code, system + "|", "~," + code}, []string{code + "~", system + "|" + code + "~", system + "~|" + code, system + "~|"}
	case stringKind:
		p, raw := field(v)
		if len(raw) == 0 {
			raw = p
		}
		s := escaper.Replace(string(raw))
		return []string{s, strings.ToUpper(s), string(escaper.Replace(string(p)))}, []string{s + "~~", "~~" + s}
	case dateKind:
		lo, hi := readInstant(v), readInstant(v[8:])
		if lo != always {
			yes = append(yes, "ge"+instant(lo), "sa"+instant(lo-1), "ap"+instant(lo))
		}
		if hi != never {
			yes = append(yes, "le"+instant(hi-1), "eb"+instant(hi), "lt"+instant(hi))
		}
		if hi-lo == 1e6 {
			yes, no = append(yes, instant(lo)[:19]+"Z"), append(no, "ne"+instant(lo)[:19]+"Z")
		}
		return yes, no
	case numberKind, quantityKind:
		lo, hi := readFloat(v), readFloat(v[8:])
		unit := ""
		if k == quantityKind {
			m, _ := readMeasure(v)
			if len(m.system) > 0 && len(m.code) > 0 {
				unit = "|" + escaper.Replace(string(m.system)) + "|" + escaper.Replace(string(m.code))
			} else if len(m.unit) > 0 {
				unit = "||" + escaper.Replace(string(m.unit))
			}
		}
		if lo == hi {
			return []string{number(lo) + unit, "ge" + number(lo) + unit, "le" + number(lo) + unit, "ap" + number(lo) + unit, number(lo)}, nil
		}
		return nil, nil
	case referenceKind:
		target, version := field(v)
		yes, no = []string{escaper.Replace(string(target))}, []string{escaper.Replace(string(target)) + "~~"}
		if len(version) > 0 {
			yes, no = append(yes, yes[0]+"|"+string(version)), append(no, yes[0]+"|"+string(version)+"~")
		}
		return yes, no
	case uriKind:
		return []string{escaper.Replace(string(v))}, []string{escaper.Replace(string(v)) + "~~", "~~"}
	}
	return nil, nil
}

func whole(g *group, terms Terms) (out [][]byte) {
	for _, s := range []space{g.space, g.space.beside()} {
		for k := range terms.each(all(s)) {
			if !isCut(k) {
				out = append(out, k[len(s):])
			}
		}
	}
	return out
}

// TestExamplesAreFound: every value of every parameter of every example finds it, and what was made
// from it to be wrong does not.
func TestExamplesAreFound(t *testing.T) {
	finds, misses, params := 0, 0, map[string]bool{}
	for _, n := range examples(t) {
		terms := Extract(n, stored, Options{Base: base})
		if terms.Len() < 2 {
			t.Errorf("%s/%s: %d terms", n.Type(), n.ID(), terms.Len())
		}
		try := func(code, value string, want bool) {
			q, err := Parse(n.Type(), url.Values{code: {value}}, Asked{Strict: true, Base: base, Now: now})
			if len(value) > MaxLength {
				return
			}
			if err != nil {
				t.Errorf("%s?%s=%s: %v", n.Type(), code, value, err)
				return
			}
			if holds(t, q, terms) != want {
				t.Errorf("%s/%s: %s=%s: %v", n.Type(), n.ID(), code, value, !want)
			}
		}
		for code, one := range planFor(n.Type()).params {
			for _, v := range one.views {
				for _, value := range whole(v.group, terms) {
					if v.only != "" && !strings.HasPrefix(string(value), v.only+"/") || len(value) >= MaxWhole {
						continue
					}
					var yes, no []string
					if one.kind == compositeKind {
						yes, no = askedTuple(v.group, value)
					} else {
						yes, no = asked(one.kind, value)
					}
					for _, s := range yes {
						try(code, s, true)
						finds++
					}
					for _, s := range no {
						try(code, s, false)
						misses++
					}
					try(code+":missing", "false", true)
					try(code+":missing", "true", false)
					params[n.Type()+"."+code] = true
				}
			}
		}
	}
	t.Logf("%d queries that find and %d that don't, over %d parameters", finds, misses, len(params))
	if finds < 10000 || misses < 7000 {
		t.Error("so few queries prove little")
	}
}

func askedTuple(g *group, v []byte) (yes, no []string) {
	yes, no = []string{""}, []string{""}
	for i, k := range g.kinds {
		one, rest, ok := component(k, v)
		if !ok {
			return nil, nil
		}
		y, n := asked(k, one)
		if len(y) == 0 {
			return nil, nil
		}
		sep := "$"
		if i == 0 {
			sep = ""
		}
		yes[0] += sep + y[0]
		if len(n) > 0 && i == 0 {
			no[0] += sep + n[0]
		} else {
			no[0] += sep + y[0]
		}
		v = rest
	}
	return yes, no
}

// TestExamplesTermsAreWhole: packing loses nothing, and a change is what Diff says.
func TestExamplesTermsAreWhole(t *testing.T) {
	var last Terms
	for _, n := range examples(t) {
		terms := Extract(n, stored, Options{})
		back, err := Unpack(terms.Pack())
		if err != nil || string(back.buf) != string(terms.buf) {
			t.Fatalf("%s/%s: %v", n.Type(), n.ID(), err)
		}
		removed, added := Diff(last, terms)
		keys := map[string]bool{}
		for k := range last.Index() {
			keys[string(k)] = true
		}
		for _, k := range removed {
			delete(keys, string(k))
		}
		for _, k := range added {
			keys[string(k)] = true
		}
		rows := 0
		for k := range terms.Index() {
			rows++
			if !keys[string(k)] || len(k) > len(space{})+MaxValue+hashed {
				t.Fatalf("%s/%s: key %x", n.Type(), n.ID(), k)
			}
		}
		if len(keys) != rows {
			t.Fatalf("%s/%s: %d keys after Diff, %d rows", n.Type(), n.ID(), len(keys), rows)
		}
		last = terms
	}
}
