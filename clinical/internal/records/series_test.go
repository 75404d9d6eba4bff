package records

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/search"
)

// days writes n Observations of each patient, one or more a day, some of them taking weeks or never ending, some without a time.
func days(t *testing.T, s *Store, rnd *rand.Rand, patients, n int) {
	t.Helper()
	var all []Write
	for p := range patients {
		for i := range n {
			day := fmt.Sprintf("2012-%02d-%02d", 1+i%12, 1+rnd.IntN(28))
			when := fmt.Sprintf(`,"effectiveDateTime":"%sT%02d:00:00Z"`, day, rnd.IntN(24))
			switch rnd.IntN(9) {
			case 0:
				when = fmt.Sprintf(`,"effectivePeriod":{"start":"%s"}`, day)
			case 1:
				when = fmt.Sprintf(`,"effectivePeriod":{"start":"%s","end":"2012-12-%02d"}`, day, 29+rnd.IntN(3))
			case 2:
				when = ""
			case 3:
				when = `,"effectiveDateTime":"` + day[:7] + `"`
			}
			all = append(all, Write{Do: access.Update, Node: parse(t, fmt.Sprintf(`{"resourceType":"Observation","id":"s%d-%d","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"%d"}]},"subject":{"reference":"Patient/p%d"}%s}`,
				p, i, rnd.IntN(3), p, when))})
		}
	}
	for part := range slices.Chunk(all, 500) {
		do(t, s, machine(t), func(tx *Tx) error {
			_, err := tx.WriteMany(context.Background(), part)
			return err
		})
	}
}

// One patient's records by date: all of them, in order, whatever takes long or has no time.
func TestSeriesFindsWhatAScanFinds(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		rnd := rand.New(rand.NewPCG(3, 1))
		days(t, s, rnd, 3, 40)
		all := scanOf(t, s)
		dates := []string{"", "", "&date=ge2012-06-10", "&date=gt2012-03-02&date=le2012-09-01", "&date=lt2012-05", "&date=sa2012-07-07", "&date=2012-08", "&date=ge2012-05,2012-02-14", "&date=ge2013", "&date:missing=false"}
		found1 := 0
		for i := range 60 {
			s.limits = usual
			s.limits.tiny, s.limits.few, s.limits.many = 1, 1+rnd.IntN(30), 31
			text := fmt.Sprintf("Observation?%s=Patient/p%d%s%s&_sort=%s&_count=%d", []string{"patient", "subject"}[i%2], rnd.IntN(4), dates[rnd.IntN(len(dates))],
				[]string{"", "&code=http://loinc.org|1", "&code=0,2"}[rnd.IntN(3)], []string{"date", "-date"}[rnd.IntN(2)], 1+rnd.IntN(9))
			q := query(t, text)
			got, err := found(t, s, machine(t), text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			a, b := ids(all.find(q)), slices.Clone(got)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(a, b) {
				t.Fatalf("%s with %+v: found %v, want %v", text, s.limits, b, a)
			}
			of := map[string]*hit{}
			for j := range all {
				of[all[j].ref.ID] = &all[j]
			}
			for j := 1; j < len(got); j++ {
				if out(q, of[got[j-1]], of[got[j]]) > 0 {
					t.Fatalf("%s: %s before %s in %v", text, got[j-1], got[j], got)
				}
			}
			found1 += len(got)
		}
		if found1 < 300 {
			t.Errorf("only %d found", found1)
		}
	})
}

// What others measured costs a patient's page nothing, nor what they measured long before, nor another thing that goes on and on.
func TestSeriesCostsWhatItShows(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		var all []Write
		for i := range 600 {
			code, when := "1", fmt.Sprintf(`"effectiveDateTime":"2012-%02d-%02dT%02d:00:00Z"`, 1+i/6*12/100, 1+i/6%28, i%24)
			if i%60 == 3 {
				code, when = "2", `"effectivePeriod":{"start":"2012-01-07"}`
			}
			all = append(all, Write{Do: access.Update, Node: parse(t, fmt.Sprintf(`{"resourceType":"Observation","id":"c%d","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"%s"}]},"subject":{"reference":"Patient/p%d"},%s}`,
				i, code, i%6, when))})
		}
		do(t, s, machine(t), func(tx *Tx) error { _, err := tx.WriteMany(context.Background(), all); return err })
		s.limits.tiny, s.limits.few, s.limits.many, s.limits.budget = 2, 12, 40, 40
		for _, text := range []string{"Observation?patient=Patient/p3&code=http://loinc.org|1&date=ge2012-11-20&_sort=-date&_count=50", "Observation?patient=Patient/p3&_sort=-date&_count=3"} {
			q := query(t, text)
			var p Page
			if err := s.Look(t.Context(), machine(t), func(tx *Tx) (err error) { p, err = tx.Search(t.Context(), q); return err }); err != nil || len(p.Records) < 3 || p.Next != "" && len(p.Records) < q.Count {
				t.Errorf("%s: %d, %v", text, len(p.Records), err)
			}
		}
		// Patients may count what is theirs, however much it is.
		own := Ask{Who: access.Who{Kind: access.Patient, ID: "s3", Patient: "p3"}}
		q, err := search.Parse("Observation", url.Values{"_summary": {"count"}}, search.Asked{Strict: true, Patient: "p3", Base: base, Now: time.Unix(0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		var p Page
		if err := s.Look(t.Context(), own, func(tx *Tx) (err error) { p, err = tx.Search(t.Context(), q); return err }); err != nil || p.Total == nil || *p.Total != 100 {
			t.Errorf("counting: %v, %v", p.Total, err)
		}
	})
}
