package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/page"
)

var (
	trail = New("gate")
	ctx   = context.Background()
	start = time.Date(2026, 3, 2, 9, 0, 0, 123456789, time.UTC)
)

func steps() []db.Migration {
	return []db.Migration{trail.Migration(), New("identity").Migration()}
}

// fill appends n entries, a minute apart.
func fill(t *testing.T, store *db.DB, n int) {
	t.Helper()
	for i := range n {
		act := []string{"looked", "approved"}[i%2]
		err := store.Write(ctx, func(tx db.Tx) error {
			_, err := trail.Append(ctx, tx, Entry{At: start.Add(time.Duration(i) * time.Minute), Actor: fmt.Sprint("actor ", i), Act: act,
				Object: fmt.Sprint("object ", i%3), Detail: map[string]string{"n": fmt.Sprint(i), "ñ": "«<&>»"}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func verify(t *testing.T, store *db.DB) (int64, *Break) {
	t.Helper()
	n, broken, err := trail.Verify(ctx, store)
	if err != nil {
		t.Fatal(err)
	}
	return n, broken
}

func TestTamperingShows(t *testing.T) {
	const swap = `UPDATE gate_audit SET seq = -1 WHERE seq = 3;
UPDATE gate_audit SET seq = 3 WHERE seq = 4;
UPDATE gate_audit SET seq = 4 WHERE seq = -1`
	cases := []struct {
		name string
		sql  string
		want Break
	}{
		{"actor changed", `UPDATE gate_audit SET actor = 'somebody' WHERE seq = 3`, Break{3, Changed}},
		{"act changed", `UPDATE gate_audit SET act = 'rejected' WHERE seq = 3`, Break{3, Changed}},
		{"object changed", `UPDATE gate_audit SET object = '' WHERE seq = 3`, Break{3, Changed}},
		{"detail changed", `UPDATE gate_audit SET detail = '{"n":"9"}' WHERE seq = 3`, Break{3, Changed}},
		{"detail damaged", `UPDATE gate_audit SET detail = '{' WHERE seq = 3`, Break{3, Changed}},
		{"instant changed", `UPDATE gate_audit SET at = at + 1 WHERE seq = 1`, Break{1, Changed}},
		{"hash changed", `UPDATE gate_audit SET hash = prev WHERE seq = 5`, Break{5, Changed}},
		{"link changed", `UPDATE gate_audit SET prev = hash WHERE seq = 5`, Break{5, Changed}},
		{"first removed", `DELETE FROM gate_audit WHERE seq = 1`, Break{1, Missing}},
		{"middle removed", `DELETE FROM gate_audit WHERE seq = 3`, Break{3, Missing}},
		{"removed and renumbered", "DELETE FROM gate_audit WHERE seq = 5;\nUPDATE gate_audit SET seq = 5 WHERE seq = 6", Break{5, Changed}},
		{"reordered", swap, Break{3, Changed}},
		{"tail removed", `DELETE FROM gate_audit WHERE seq >= 5`, Break{5, Tail}},
		{"all removed", `DELETE FROM gate_audit`, Break{1, Tail}},
		{"head moved back", `UPDATE gate_audit_head SET seq = 5`, Break{6, Tail}},
		{"head's hash changed", `UPDATE gate_audit_head SET hash = (SELECT prev FROM gate_audit WHERE seq = 1)`, Break{7, Tail}},
		{"head removed", `DELETE FROM gate_audit_head`, Break{1, Tail}},
	}
	dbtest.Each(t, "gate", steps(), func(t *testing.T, store *db.DB) {
		fill(t, store, 6)
		for _, c := range cases {
			if n, broken := verify(t, store); n != 6 || broken != nil {
				t.Fatalf("untouched: %d entries, %v", n, broken)
			}
			undo := errors.New("undo")
			err := store.Write(ctx, func(tx db.Tx) error {
				for _, s := range strings.Split(c.sql, ";\n") {
					if n, err := tx.Exec(ctx, s); err != nil || n == 0 {
						return fmt.Errorf("%q: %d rows, %v", s, n, err)
					}
				}
				if n, broken, err := trail.walk(ctx, tx, nil); err != nil || broken == nil || *broken != c.want || n != c.want.Seq-1 {
					t.Errorf("%s: %d entries, break %v, %v; want %v", c.name, n, broken, err, c.want.String())
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Fatal(err)
			}
		}
	})
}

// A forger who can compute hashes but not rewrite the chain: an entry put in or sealed anew still
// does not fit its neighbours.
func TestForgedEntriesDoNotFit(t *testing.T) {
	dbtest.Each(t, "gate", steps(), func(t *testing.T, store *db.DB) {
		fill(t, store, 4)
		forge := func(e Entry, sql string) {
			t.Helper()
			if err := e.check(); err != nil {
				t.Fatal(err)
			}
			e.Hash = e.seal()
			err := store.Write(ctx, func(tx db.Tx) error {
				_, err := tx.Exec(ctx, sql, e.Seq, db.Micros(e.At), e.Actor, e.Act, e.Object, e.detail, e.Prev[:], e.Hash[:])
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		var last Entry
		err := store.Read(ctx, func(tx db.Tx) error {
			p, err := trail.List(ctx, tx, Filter{}, page.Cursor{}, 1)
			last = p.Items[0]
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		insert := `INSERT INTO gate_audit (seq, at, actor, act, object, detail, prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
		forge(Entry{Seq: 5, At: start, Act: "approved", Prev: last.Hash}, insert)
		if _, broken := verify(t, store); broken == nil || *broken != (Break{5, Tail}) {
			t.Errorf("appended past the head: %v", broken)
		}
		forge(Entry{Seq: 2, At: start, Act: "approved"},
			`UPDATE gate_audit SET at = $2, actor = $3, act = $4, object = $5, detail = $6, prev = $7, hash = $8 WHERE seq = $1`)
		if _, broken := verify(t, store); broken == nil || *broken != (Break{2, Unbound}) {
			t.Errorf("sealed anew: %v", broken)
		}
	})
}

func TestConcurrentAppends(t *testing.T) {
	dbtest.Each(t, "gate", steps(), func(t *testing.T, store *db.DB) {
		const writers, each = 6, 8
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					err := store.Write(ctx, func(tx db.Tx) error {
						_, err := trail.Append(ctx, tx, Entry{At: start, Actor: fmt.Sprint(w), Act: "looked", Object: fmt.Sprint(i)})
						return err
					})
					if err != nil {
						t.Errorf("writer %d: %v", w, err)
					}
				}
			})
		}
		wg.Wait()
		if n, broken := verify(t, store); n != writers*each || broken != nil {
			t.Errorf("%d entries, %v", n, broken)
		}
	})
}

func TestUndoneActLeavesNoEntry(t *testing.T) {
	dbtest.Each(t, "gate", steps(), func(t *testing.T, store *db.DB) {
		fill(t, store, 2)
		undo := errors.New("undo")
		err := store.Write(ctx, func(tx db.Tx) error {
			if _, err := trail.Append(ctx, tx, Entry{At: start, Act: "approved"}); err != nil {
				t.Fatal(err)
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		fill(t, store, 1)
		if n, broken := verify(t, store); n != 3 || broken != nil {
			t.Errorf("%d entries, %v", n, broken)
		}
	})
}

func TestTrailsAreApart(t *testing.T) {
	dbtest.Each(t, "gate", steps(), func(t *testing.T, store *db.DB) {
		fill(t, store, 2)
		if n, broken, err := New("identity").Verify(ctx, store); n != 0 || broken != nil || err != nil {
			t.Errorf("an empty trail: %d entries, %v, %v", n, broken, err)
		}
	})
}

func TestListPages(t *testing.T) {
	dbtest.Each(t, "gate", steps(), func(t *testing.T, store *db.DB) {
		fill(t, store, 7)
		list := func(f Filter, n int) (seqs []int64) {
			t.Helper()
			var at page.Cursor
			for range 10 {
				var p page.Of[Entry]
				err := store.Read(ctx, func(tx db.Tx) (err error) { p, err = trail.List(ctx, tx, f, at, n); return err })
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range p.Items {
					seqs = append(seqs, e.Seq)
				}
				if at = p.Next; at.IsZero() {
					return seqs
				}
			}
			t.Fatal("the list does not end")
			return nil
		}
		for _, c := range []struct {
			f    Filter
			n    int
			want string
		}{
			{Filter{}, 3, "[7 6 5 4 3 2 1]"},
			{Filter{Act: "approved"}, 2, "[6 4 2]"},
			{Filter{Object: "object 0"}, 1, "[7 4 1]"},
			{Filter{Act: "looked", Object: "object 0"}, 1, "[7 1]"},
			{Filter{Act: "nothing"}, 3, "[]"},
		} {
			if got := fmt.Sprint(list(c.f, c.n)); got != c.want {
				t.Errorf("%+v by %d: %s, want %s", c.f, c.n, got, c.want)
			}
		}
		err := store.Read(ctx, func(tx db.Tx) error {
			_, err := trail.List(ctx, tx, Filter{}, page.Cursor{ID: "x' OR 1=1"}, 3)
			return err
		})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a broken cursor: %v", err)
		}
	})
}

func TestExport(t *testing.T) {
	dbtest.Each(t, "gate", steps(), func(t *testing.T, store *db.DB) {
		fill(t, store, 3)
		lines := func() []map[string]any {
			t.Helper()
			var b bytes.Buffer
			if err := trail.Export(ctx, store, &b); err != nil {
				t.Fatal(err)
			}
			var out []map[string]any
			for _, l := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
				var m map[string]any
				if err := json.Unmarshal([]byte(l), &m); err != nil {
					t.Fatalf("%s: %v", l, err)
				}
				out = append(out, m)
			}
			return out
		}
		got := lines()
		if len(got) != 4 || got[0]["at"] != "2026-03-02T09:00:00.123456Z" || got[1]["prev"] != got[0]["hash"] {
			t.Fatalf("export: %v", got)
		}
		if m := got[3]; m["entries"] != 3.0 || m["last"] != got[2]["hash"] || m["broken"] != nil {
			t.Errorf("manifest: %v", m)
		}
		if err := store.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE gate_audit SET actor = 'x' WHERE seq = 2`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		got = lines()
		if m := got[len(got)-1]; len(got) != 2 || m["entries"] != 1.0 || m["broken"] != "entry 2: changed" {
			t.Errorf("export of a broken chain: %v", got)
		}
	})
}

func TestRefusedEntries(t *testing.T) {
	for name, e := range map[string]Entry{
		"no act":     {At: start},
		"no instant": {Act: "looked"},
		"NUL":        {At: start, Act: "looked", Object: "a\x00b"},
		"no UTF-8":   {At: start, Act: "looked", Actor: "\xff"},
	} {
		if e.check() == nil {
			t.Errorf("%s was taken", name)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a prefix that is no plain name was taken")
		}
	}()
	New("gate; DROP TABLE x")
}

// Two different entries never have the same canonical bytes, wherever the text is cut into fields.
func FuzzSeal(f *testing.F) {
	f.Add("ab", "c", "", "a", "bc", "")
	f.Add("", "x", "y", "x", "", "y")
	f.Fuzz(func(t *testing.T, a1, b1, c1, a2, b2, c2 string) {
		one := Entry{Actor: a1, Act: b1, Object: c1}
		two := Entry{Actor: a2, Act: b2, Object: c2}
		if same := a1 == a2 && b1 == b2 && c1 == c2; (one.seal() == two.seal()) != same {
			t.Errorf("%q and %q", []string{a1, b1, c1}, []string{a2, b2, c2})
		}
	})
}
