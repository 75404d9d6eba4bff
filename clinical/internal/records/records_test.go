package records

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

const base = "https://orlena.example/fhir"

func open(t testing.TB, d *db.DB, c clock.Clock) *Store {
	t.Helper()
	s, err := Open(Deps{DB: d, Clock: c, Log: slog.New(slog.DiscardHandler), Base: base})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func each(t *testing.T, f func(t *testing.T, s *Store)) {
	t.Helper()
	dbtest.Each(t, "clinical", append(Migrations(), WithheldMigrations()...), func(t *testing.T, d *db.DB) { f(t, open(t, d, clock.System{})) })
}

func scoped(t testing.TB, scope string) Ask {
	t.Helper()
	s, err := access.ParseScopes(scope)
	if err != nil {
		t.Fatal(err)
	}
	return Ask{Who: access.Who{Kind: access.System, ID: "lab", Name: "The laboratory", Scopes: s}, Purpose: access.Treatment, Request: "r1"}
}

func machine(t testing.TB) Ask { return scoped(t, "system/*.cruds") }

func patient(id string) Ask {
	return Ask{Who: access.Who{Kind: access.Patient, ID: "s-" + id, Patient: id}}
}

var officer = Ask{Who: access.Who{Kind: access.PrivacyOfficer, ID: "olga"}}

func parse(t testing.TB, text string) *resource.Node {
	t.Helper()
	n, err := resource.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func query(t testing.TB, q string) *search.Query {
	t.Helper()
	typ, rest, _ := strings.Cut(q, "?")
	params, err := url.ParseQuery(rest)
	if err != nil {
		t.Fatal(err)
	}
	out, err := search.Parse(typ, params, search.Asked{Strict: true, Base: base, Now: time.Now()})
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	out.Cursor = params.Get("_cursor")
	return out
}

func do(t testing.TB, s *Store, ask Ask, f func(*Tx) error) {
	t.Helper()
	if err := s.Do(context.Background(), ask, f); err != nil {
		t.Fatal(err)
	}
}

// status of an error; 200 is none.
func status(err error) int {
	if err == nil {
		return 200
	}
	if o := outcome.Of(err); o != nil {
		return o.Status
	}
	return 500
}

func put(t testing.TB, s *Store, text string) (r Record) {
	t.Helper()
	do(t, s, machine(t), func(tx *Tx) (err error) {
		r, _, err = tx.Update(t.Context(), parse(t, text), Any)
		return err
	})
	return r
}

// found runs a search to its last page and returns the ids.
func found(t testing.TB, s *Store, ask Ask, q string) (ids []string, err error) {
	t.Helper()
	cursor := ""
	for range 500 {
		asked := query(t, q)
		asked.Cursor = cursor
		var p Page
		err := s.Look(t.Context(), ask, func(tx *Tx) (err error) { p, err = tx.Search(t.Context(), asked); return err })
		if err != nil {
			return ids, err
		}
		for _, r := range p.Records {
			ids = append(ids, r.ID)
		}
		if cursor = p.Next; cursor == "" {
			return ids, nil
		}
	}
	t.Fatalf("%s does not end", q)
	return nil, nil
}

func TestLifeOfARecord(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		var first, second, same, gone, back Record
		do(t, s, machine(t), func(tx *Tx) (err error) {
			first, err = tx.Create(ctx, parse(t, `{"resourceType":"Patient","meta":{"tag":[{"code":"x"}],"versionId":"77"},"name":[{"family":"Weir"}],"multipleBirthInteger":1.50}`))
			return err
		})
		want := fmt.Sprintf(`{"resourceType":"Patient","id":%q,"meta":{"tag":[{"code":"x"}],"lastUpdated":%q,"versionId":"1"},"name":[{"family":"Weir"}],"multipleBirthInteger":1.50}`, first.ID, instant(first.Updated))
		if string(first.Body) != want || first.Version != 1 || !first.Created || len(first.ID) != 26 {
			t.Fatalf("created %s", first.Body)
		}
		n := parse(t, string(first.Body))
		do(t, s, machine(t), func(tx *Tx) (err error) { same, _, err = tx.Update(ctx, n, Any); return err })
		if !same.Same || same.Version != 1 || string(same.Body) != want {
			t.Errorf("the same content: %+v", same)
		}
		n = parse(t, string(first.Body))
		n.Set("active", resource.B(true))
		do(t, s, machine(t), func(tx *Tx) (err error) { second, _, err = tx.Update(ctx, n, 1); return err })
		if second.Version != 2 || second.Created || second.Same {
			t.Errorf("updated: %+v", second)
		}
		err := s.Do(ctx, machine(t), func(tx *Tx) (err error) { _, _, err = tx.Update(ctx, n, 1); return err })
		if status(err) != 412 {
			t.Errorf("IfMatch of an old version: %v", err)
		}
		do(t, s, machine(t), func(tx *Tx) (err error) { gone, err = tx.Delete(ctx, "Patient", first.ID, 2); return err })
		do(t, s, machine(t), func(tx *Tx) (err error) { same, err = tx.Delete(ctx, "Patient", first.ID, Any); return err })
		if gone.Version != 3 || !same.Same || same.Version != 3 {
			t.Errorf("deleted: %+v, again %+v", gone, same)
		}
		read := func(version int64) (r Record, err error) {
			err = s.Look(ctx, machine(t), func(tx *Tx) (err error) {
				if version == 0 {
					r, err = tx.Read(ctx, "Patient", first.ID)
				} else {
					r, err = tx.Vread(ctx, "Patient", first.ID, version)
				}
				return err
			})
			return r, err
		}
		for v, want := range []int{410, 200, 200, 410, 404} {
			if _, err := read(int64(v)); status(err) != want {
				t.Errorf("version %d: %v, want %d", v, err, want)
			}
		}
		if r, _ := read(1); string(r.Body) != string(first.Body) || !r.Updated.Equal(first.Updated) || r.Method != "POST" {
			t.Errorf("the first version: %s", r.Body)
		}
		if ids, _ := found(t, s, machine(t), "Patient?family=weir"); ids != nil {
			t.Error("a deleted record is found")
		}
		n = parse(t, string(first.Body))
		do(t, s, machine(t), func(tx *Tx) (err error) { back, _, err = tx.Update(ctx, n, Any); return err })
		if back.Version != 4 || !back.Created {
			t.Errorf("brought back: %+v", back)
		}
		if ids, err := found(t, s, machine(t), "Patient?family=weir"); fmt.Sprint(ids) != "["+first.ID+"]" {
			t.Errorf("a record that came back is not found: %v %v", ids, err)
		}
		var h HistoryPage
		do(t, s, machine(t), func(tx *Tx) (err error) { h, err = tx.History(ctx, "Patient", first.ID, HistoryQuery{}); return err })
		got := ""
		for _, r := range h.Records {
			got += fmt.Sprint(r.Version, r.Method, r.Deleted, " ")
		}
		if got != "4PUTfalse 3DELETEtrue 2PUTfalse 1POSTfalse " || *h.Total != 4 {
			t.Errorf("history: %s", got)
		}
	})
}

func TestUpdateMakesWhatIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		if r := put(t, s, `{"resourceType":"Patient","id":"a.b-1"}`); r.Version != 1 || !r.Created || r.ID != "a.b-1" {
			t.Errorf("%+v", r)
		}
		err := s.Do(ctx, machine(t), func(tx *Tx) error {
			_, _, err := tx.Update(ctx, parse(t, `{"resourceType":"Patient","id":"other"}`), 1)
			return err
		})
		if status(err) != 412 {
			t.Errorf("IfMatch of what is not there: %v", err)
		}
		put(t, s, `{"resourceType":"Patient","id":"deleted"}`)
		if err := s.Do(ctx, machine(t), func(tx *Tx) error { _, err := tx.Delete(ctx, "Patient", "deleted", Existing); return err }); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			id   string
			m    IfMatch
			want int
		}{{"absent1", Existing, 412}, {"absent1", Missing, 200}, {"a.b-1", Missing, 412}, {"a.b-1", Existing, 200}, {"deleted", Existing, 412}, {"deleted", Missing, 200}} {
			err := s.Do(ctx, machine(t), func(tx *Tx) error {
				_, _, err := tx.Update(ctx, parse(t, `{"resourceType":"Patient","id":"`+c.id+`","gender":"other"}`), c.m)
				return err
			})
			if status(err) != c.want {
				t.Errorf("%s with %d: %v, want %d", c.id, c.m, err, c.want)
			}
		}
		err = s.Do(ctx, machine(t), func(tx *Tx) error {
			_, err := tx.Patch(ctx, parse(t, `{"resourceType":"Patient","id":"other"}`), Any)
			return err
		})
		if status(err) != 404 {
			t.Errorf("a patch of what is not there: %v", err)
		}
	})
}

func TestFailureLeavesOnlyTheAudit(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		put(t, s, `{"resourceType":"Patient","id":"a"}`)
		for i, fail := range []error{errors.New("ours"), outcome.New(422, outcome.Processing, "", "no")} {
			err := s.Do(ctx, machine(t), func(tx *Tx) error {
				if _, err := tx.Create(ctx, parse(t, `{"resourceType":"Patient","gender":"male"}`)); err != nil {
					return err
				}
				if _, err := tx.Read(ctx, "Patient", "a"); err != nil { // writes what was to be written
					return err
				}
				if _, err := tx.Delete(ctx, "Patient", "a", Any); err != nil {
					return err
				}
				return fail
			})
			if !errors.Is(err, fail) {
				t.Fatal(err)
			}
			if ids, _ := found(t, s, machine(t), "Patient"); fmt.Sprint(ids) != "[a]" {
				t.Errorf("left: %v", ids)
			}
			for q, want := range map[string]int{"AuditEvent?action=C&outcome=4": i + 1, "AuditEvent?action=D&outcome=4": i + 1, "AuditEvent?action=R&outcome=0": i + 1} {
				if ids, err := found(t, s, officer, q); len(ids) != want {
					t.Errorf("%s: %d, want %d (%v)", q, len(ids), want, err)
				}
			}
		}
	})
}

func TestTwoChangeOneRecord(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		put(t, s, `{"resourceType":"Patient","id":"a"}`)
		for round := range 5 {
			var wg sync.WaitGroup
			codes := make(chan int, 16)
			for i := range 8 {
				wg.Go(func() {
					err := s.Do(ctx, machine(t), func(tx *Tx) error {
						_, _, err := tx.Update(ctx, parse(t, fmt.Sprintf(`{"resourceType":"Patient","id":"a","name":[{"text":"%d-%d"}]}`, round, i)), IfMatch(round+1))
						return err
					})
					codes <- status(err)
				})
				wg.Go(func() { // and of one that is not there yet
					err := s.Do(ctx, machine(t), func(tx *Tx) error {
						_, _, err := tx.Update(ctx, parse(t, fmt.Sprintf(`{"resourceType":"Basic","id":"b%d","language":"x%d"}`, round, i)), Any)
						return err
					})
					if c := status(err); c != 200 && c != 409 {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			close(codes)
			won := 0
			for c := range codes {
				switch c {
				case 200:
					won++
				case 409, 412:
				default:
					t.Errorf("status %d", c)
				}
			}
			if won != 1 {
				t.Errorf("%d won", won)
			}
			if ids, err := found(t, s, machine(t), "Basic?_id=b"+fmt.Sprint(round)); len(ids) != 1 {
				t.Errorf("made %d times, %v", len(ids), err)
			}
		}
		var h HistoryPage
		do(t, s, machine(t), func(tx *Tx) (err error) { h, err = tx.History(ctx, "Patient", "a", HistoryQuery{}); return err })
		if len(h.Records) != 6 || h.Records[0].Version != 6 {
			t.Errorf("%d versions, want 6", len(h.Records))
		}
	})
}

func TestConditionalCreateMakesOne(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				err := s.Do(ctx, machine(t), func(tx *Tx) error {
					there, err := tx.Match(ctx, query(t, "Patient?identifier=urn:x|1"))
					if err != nil || len(there) > 0 {
						return err
					}
					_, err = tx.Create(ctx, parse(t, fmt.Sprintf(`{"resourceType":"Patient","identifier":[{"system":"urn:x","value":"1"}],"name":[{"text":"%d"}]}`, i)))
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if ids, err := found(t, s, machine(t), "Patient?identifier=urn:x|1"); len(ids) != 1 {
			t.Errorf("%d records, %v", len(ids), err)
		}
	})
}

func TestHistoryOfTypesAndAll(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		for i := range 7 {
			put(t, s, fmt.Sprintf(`{"resourceType":"Patient","id":"p%d"}`, i))
			put(t, s, fmt.Sprintf(`{"resourceType":"Basic","id":"b%d"}`, i))
		}
		list := func(ask Ask, typ string, n int) (all []string, err error) {
			cursor := ""
			for range 20 {
				var p HistoryPage
				err := s.Look(ctx, ask, func(tx *Tx) (err error) {
					p, err = tx.History(ctx, typ, "", HistoryQuery{Count: n, Cursor: cursor})
					return err
				})
				if err != nil {
					return nil, err
				}
				for _, r := range p.Records {
					all = append(all, r.ID)
				}
				if cursor = p.Next; cursor == "" {
					return all, nil
				}
			}
			return nil, errors.New("no end")
		}
		if got, err := list(machine(t), "Patient", 3); fmt.Sprint(got) != "[p6 p5 p4 p3 p2 p1 p0]" {
			t.Errorf("%v %v", got, err)
		}
		if got, err := list(machine(t), "", 4); fmt.Sprint(got) != "[b6 p6 b5 p5 b4 p4 b3 p3 b2 p2 b1 p1 b0 p0]" {
			t.Errorf("%v %v", got, err)
		}
		if _, err := list(patient("p1"), "", 4); status(err) != 404 {
			t.Errorf("a patient reads the history of everything: %v", err)
		}
		if _, err := list(scoped(t, "system/Patient.rs"), "", 4); status(err) != 404 {
			t.Errorf("who reads patients reads the history of everything: %v", err)
		}
	})
}
