package records

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// scan decides a query for every record by its terms alone: what Search must find.
type scan []hit

func scanOf(t *testing.T, s *Store) scan {
	t.Helper()
	var all scan
	err := s.db.Read(t.Context(), func(tx db.Tx) error {
		all = nil
		return db.Each(t.Context(), tx, `SELECT r.res, r.type, r.id, r.updated, v.body FROM resource r JOIN version v ON v.seq = r.seq WHERE r.deleted = FALSE`, nil, func(r db.Row) error {
			var h hit
			var body string
			if err := r.Scan(&h.res, &h.ref.Type, &h.ref.ID, &h.updated, &body); err != nil {
				return err
			}
			n, err := resource.Parse([]byte(body))
			if err == nil {
				h.terms = search.Extract(n, db.FromMicros(h.updated), search.Options{Base: base})
				all = append(all, h)
			}
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (all scan) find(q *search.Query) (out []hit) {
	for _, h := range all {
		ok := q.Match(h.terms)
		for i := range q.Where {
			ok = ok && (q.Where[i].Link == nil || all.linked(q.Where[i].Link, h))
		}
		if ok {
			out = append(out, h)
		}
	}
	return out
}

func (all scan) linked(l *search.Link, h hit) bool {
	for _, q := range l.Inner {
		for _, inner := range all.find(q) {
			for _, k := range l.Keys(inner.ref.Type, inner.ref.ID, inner.terms) {
				if h.terms.Has(k) {
					return true
				}
			}
		}
	}
	return false
}

func ids(all []hit) (out []string) {
	for _, h := range all {
		out = append(out, h.ref.ID)
	}
	return out
}

// fill writes a small clinic, by chance: patients, practitioners, encounters and observations, some changed, some deleted.
func fill(t testing.TB, s *Store, rnd *rand.Rand, n int) {
	t.Helper()
	ctx := context.Background()
	of := func(some ...string) string { return some[rnd.IntN(len(some))] }
	date := func() string {
		return of(fmt.Sprintf("20%02d", 10+rnd.IntN(4)), fmt.Sprintf("2012-%02d", 1+rnd.IntN(12)), fmt.Sprintf("2012-%02d-%02dT10:00:00Z", 1+rnd.IntN(12), 1+rnd.IntN(28)))
	}
	one := func() string {
		switch rnd.IntN(8) {
		case 0, 1:
			return fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","name":[{"family":%q,"given":[%q]}],"gender":%q,"birthDate":%q,"generalPractitioner":[{"reference":"Practitioner/d%d"}]}`,
				rnd.IntN(n/8+1), of("Weir", "Wéiss", "Moss", "Moston"), of("Ada", "Tom"), of("male", "female"), of("1980", "1980-05-02", "1990-01"), rnd.IntN(3))
		case 2:
			return fmt.Sprintf(`{"resourceType":"Practitioner","id":"d%d","name":[{"family":%q}],"active":%s}`, rnd.IntN(3), of("Quenby", "Arlen"), of("true", "false"))
		case 3:
			return fmt.Sprintf(`{"resourceType":"Encounter","id":"e%d","status":%q,"class":{"code":%q},"subject":{"reference":"Patient/p%d"},"period":{"start":%q%s}}`,
				rnd.IntN(n/8+1), of("finished", "planned"), of("AMB", "EMER"), rnd.IntN(n/8+1), date(), of("", "", `,"end":"2013-02"`, `,"end":"2060"`))
		}
		value := of(fmt.Sprintf(`,"valueQuantity":{"value":%d,"system":"http://unitsofmeasure.org","code":"mg/dL"}`, rnd.IntN(200)), "",
			fmt.Sprintf(`,"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":%d,"unit":"mmHg"}}]`, 90+rnd.IntN(60)))
		return fmt.Sprintf(`{"resourceType":"Observation","id":"o%d","status":%q,"category":[{"coding":[{"system":"urn:c","code":%q}]}],"code":{"coding":[{"system":"http://loinc.org","code":%q}]},"subject":{"reference":"Patient/p%d"},"encounter":{"reference":"Encounter/e%d"}%s%s}`,
			rnd.IntN(n), of("final", "amended"), of("vital-signs", "laboratory"), of("8480-6", "2339-0", "85354-9"), rnd.IntN(n/8+1), rnd.IntN(n/8+1),
			of("", fmt.Sprintf(`,"effectiveDateTime":%q`, date())), value)
	}
	var all []Write
	seen := map[string]bool{}
	flush := func() {
		do(t, s, machine(t), func(tx *Tx) error {
			_, err := tx.WriteMany(ctx, slices.Clone(all))
			return err
		})
		all, seen = nil, map[string]bool{}
	}
	for range n {
		node := parse(t, one())
		w := Write{Do: access.Update, Node: node}
		if rnd.IntN(10) == 0 {
			w = Write{Do: access.Delete, Type: node.Type(), ID: node.ID()}
			if len(all) > 0 {
				flush()
			}
			err := s.Do(ctx, machine(t), func(tx *Tx) error { _, err := tx.Delete(ctx, w.Type, w.ID, Any); return err })
			if c := status(err); c != 200 && c != 404 {
				t.Fatal(err)
			}
			continue
		}
		if seen[node.Type()+node.ID()] {
			flush()
		}
		seen[node.Type()+node.ID()] = true
		all = append(all, w)
	}
	flush()
}

var parts = map[string][]string{
	"Observation": {"code=http://loinc.org|8480-6", "code=2339-0,85354-9", "combo-code=8480-6", "status=final", "status:not=final", "category=vital-signs",
		"date=ge2012-03", "date=lt2012-06", "date=ge2012-03&date=lt2012-06", "date=gt2011-02&date=le2012-05-01", "date=2012", "date:missing=true", "subject=Patient/p1", "patient=p0,p1,p2", "patient.name=weir", "subject:Patient.gender=female",
		"patient.general-practitioner.name=quenby", "encounter.class=AMB", "value-quantity=gt100", "combo-value-quantity=lt120", "_id=o1,o2,o3,o5", "_lastUpdated=ge2000", "encounter:missing=false"},
	"Patient": {"family=weir", "family:exact=Weir", "name=mos", "name:contains=os", "gender=female", "birthdate=lt1985", "birthdate=ge1979&birthdate=le1980-06", "general-practitioner=Practitioner/d1",
		"general-practitioner.name=arlen", "_has:Observation:patient:code=8480-6", "_has:Observation:patient:status=amended", "_has:Encounter:patient:class=EMER", "_has:Observation:patient:encounter.class=AMB", "given=ada,tom", "_id=p0,p1,p3"},
	"Encounter":    {"status=finished", "class=AMB", "subject=Patient/p2", "patient.family=moss", "date=2012", "date=gt2010-05&date=lt2012-09", "_has:Observation:encounter:code=2339-0"},
	"Practitioner": {"family=quenby", "active=true", "_has:Patient:general-practitioner:gender=male"},
}

var sorts = map[string][]string{"Observation": {"date", "-date", "code,-date", "status"}, "Patient": {"family", "-birthdate", "gender,family"}, "Encounter": {"-date", "status"}, "Practitioner": {"family"}}

func ask(rnd *rand.Rand) string {
	types := []string{"Observation", "Observation", "Patient", "Patient", "Encounter", "Practitioner"}
	typ := types[rnd.IntN(len(types))]
	var some []string
	for range rnd.IntN(4) {
		some = append(some, parts[typ][rnd.IntN(len(parts[typ]))])
	}
	if rnd.IntN(3) == 0 {
		some = append(some, "_sort="+sorts[typ][rnd.IntN(len(sorts[typ]))])
	}
	some = append(some, fmt.Sprintf("_count=%d", 1+rnd.IntN(9)))
	return typ + "?" + strings.Join(some, "&")
}

// Whatever way a search is run, it finds what a look at every record finds: each once, in the order asked for,
// through all pages.
func TestSearchFindsWhatAScanFinds(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		seed := uint64(7)
		rnd := rand.New(rand.NewPCG(seed, 1))
		fill(t, s, rnd, 200)
		all := scanOf(t, s)
		if len(all) < 100 {
			t.Fatalf("%d records are too few", len(all))
		}
		some, sorted := 0, 0
		for i := range 80 {
			s.limits = usual
			if i%2 == 1 { // so that a small clinic is a big one
				s.limits.tiny, s.limits.few, s.limits.many = 1+rnd.IntN(4), 1+rnd.IntN(12), 20
			}
			text := ask(rnd)
			q := query(t, text)
			want := all.find(q)
			got, err := found(t, s, machine(t), text)
			if status(err) == 403 && len(q.Sort) > 1 {
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			a, b := ids(want), slices.Clone(got)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(a, b) {
				t.Fatalf("%s with %+v: found %v, want %v", text, s.limits, b, a)
			}
			if len(got) > 0 {
				some++
			}
			if len(q.Sort) == 0 || len(got) < 2 {
				continue
			}
			sorted++
			of := map[string]*hit{}
			for j := range all {
				if all[j].ref.Type == q.Type {
					of[all[j].ref.ID] = &all[j]
				}
			}
			for j := 1; j < len(got); j++ {
				if out(q, of[got[j-1]], of[got[j]]) > 0 {
					t.Fatalf("%s with %+v: %s before %s in %v", text, s.limits, got[j-1], got[j], got)
				}
			}
		}
		if some < 30 || sorted < 6 {
			t.Errorf("only %d searches found anything and %d were sorted", some, sorted)
		}
	})
}

// out compares two records as q sorts: those without a value last.
func out(q *search.Query, a, b *hit) int {
	for i := range q.Sort {
		x, y := q.Sort[i].Key(a.terms), q.Sort[i].Key(b.terms)
		c := bytes.Compare(x, y)
		switch {
		case x == nil && y == nil:
			continue
		case x == nil:
			return 1
		case y == nil:
			return -1
		}
		if q.Sort[i].Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// The index is what the terms of the current versions say: nothing is left behind, nothing is missing.
func TestIndexHoldsTheCurrentVersions(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		fill(t, s, rand.New(rand.NewPCG(3, 3)), 200)
		want := map[string]bool{}
		for _, h := range scanOf(t, s) {
			for k := range h.terms.Index() {
				want[fmt.Sprint(h.res, k)] = true
			}
		}
		got := 0
		err := s.db.Read(t.Context(), func(tx db.Tx) error {
			got = 0
			return db.Each(t.Context(), tx, `SELECT key, res FROM idx`, nil, func(r db.Row) error {
				var k key
				if err := r.Scan(&k.key, &k.res); err != nil {
					return err
				}
				if got++; !want[fmt.Sprint(k.res, k.key)] {
					t.Errorf("left behind: %x of %d", k.key, k.res)
				}
				return nil
			})
		})
		if err != nil || got != len(want) || got == 0 {
			t.Errorf("%d rows, want %d: %v", got, len(want), err)
		}
	})
}
