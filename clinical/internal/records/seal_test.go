package records

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

func TestSealedTrailShowsTampering(t *testing.T) {
	dbtest.Each(t, "clinical", Migrations(), func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		now := clock.At(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
		s := open(t, d, now)
		seal := func(want int) {
			t.Helper()
			if n, err := s.Seal(ctx); n != want || err != nil {
				t.Fatalf("sealed %d, %v, want %d", n, err, want)
			}
		}
		write := func(n int) {
			for i := range n {
				put(t, s, fmt.Sprintf(`{"resourceType":"Basic","id":"b%d","language":"%s"}`, i, strings.Repeat("x", n)))
				now.Advance(time.Second)
			}
		}
		write(4)
		seal(0) // too young
		now.Advance(time.Hour)
		seal(4)
		seal(0)
		write(3)
		now.Advance(time.Hour)
		var wg sync.WaitGroup
		var mu sync.Mutex
		together := 0
		for range 3 { // several processes
			wg.Go(func() {
				n, err := s.Seal(ctx)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				together += n
				mu.Unlock()
			})
		}
		wg.Wait()
		if together != 3 {
			t.Errorf("sealed %d together, want 3", together)
		}
		write(2)
		check := func() (int64, *Broken) {
			t.Helper()
			n, broken, err := s.Verify(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return n, broken
		}
		if n, broken := check(); n != 7 || broken != nil {
			t.Fatalf("%d entries, %v", n, broken)
		}
		head, at, err := s.Head(ctx)
		if err != nil || len(head) != 32 || at.IsZero() {
			t.Errorf("head %x at %v: %v", head, at, err)
		}
		const audits = `FROM version WHERE type = 'AuditEvent'`
		for name, c := range map[string]struct {
			sql  string
			good int64
		}{
			"text changed":    {`UPDATE version SET body = body || ' ' WHERE seq = (SELECT min(seq) ` + audits + `)`, 0},
			"removed":         {`DELETE FROM version WHERE seq = (SELECT min(seq) ` + audits + `)`, 0},
			"put in":          {`INSERT INTO version (seq, res, type, id, version, at, method, body) SELECT seq + 1, 1, type, 'x', 1, at, method, body ` + audits + ` AND seq = (SELECT min(seq) ` + audits + `)`, 0},
			"time changed":    {`UPDATE version SET at = at + 1 WHERE seq = (SELECT min(seq) ` + audits + `)`, 0},
			"seal changed":    {`UPDATE seal SET hash = prev WHERE last = (SELECT max(last) FROM seal)`, 4},
			"first seal gone": {`DELETE FROM seal WHERE last = (SELECT min(last) FROM seal)`, 0},
		} {
			copied := copyOf(t, d, c.sql)
			if err := copied(func() {
				if n, broken := check(); n != c.good || broken == nil {
					t.Errorf("%s: %d entries, %v", name, n, broken)
				}
			}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n, broken := check(); n != 7 || broken != nil {
			t.Fatalf("put back: %d entries, %v", n, broken)
		}
	})
}

// copyOf runs a statement, lets somebody look, and puts the two tables back as they were.
func copyOf(t *testing.T, d *db.DB, sql string) func(look func()) error {
	run := func(all ...string) error {
		return d.Write(t.Context(), func(tx db.Tx) error {
			for _, s := range all {
				if n, err := tx.Exec(t.Context(), s); err != nil || n == 0 && s == sql {
					return errors.Join(err, fmt.Errorf("%d rows: %s", n, s))
				}
			}
			return nil
		})
	}
	return func(look func()) error {
		if err := run(`CREATE TABLE kept_version AS SELECT * FROM version`, `CREATE TABLE kept_seal AS SELECT * FROM seal`, sql); err != nil {
			return err
		}
		look()
		return run(`DELETE FROM version`, `DELETE FROM seal`, `INSERT INTO version SELECT * FROM kept_version`, `INSERT INTO seal SELECT * FROM kept_seal`,
			`DROP TABLE kept_version`, `DROP TABLE kept_seal`)
	}
}

// Numbers grow, and never meet within a process, though its clock stands still.
func TestNumbers(t *testing.T) {
	var n numbers
	n.restart()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	last := int64(0)
	for i := range 1000 {
		next := n.next(at.Add(-time.Duration(i%3) * time.Second))
		if next <= last {
			t.Fatal("a number that does not grow")
		}
		last = next
	}
	if d := when(last).Sub(at); d < 0 || d > time.Millisecond {
		t.Errorf("the number is of %v", when(last))
	}
	if from(at) > last || from(time.Date(2105, 1, 1, 0, 0, 0, 0, time.UTC)) < last {
		t.Error("numbers do not follow time")
	}
}

// Two processes that drew the same part of their numbers and whose clocks agree: both write.
func TestNumbersThatMeet(t *testing.T) {
	dbtest.Each(t, "clinical", Migrations(), func(t *testing.T, d *db.DB) {
		now := clock.At(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
		a, b := open(t, d, now), open(t, d, now)
		b.numbers.part = a.numbers.part
		put(t, a, `{"resourceType":"Basic","id":"a"}`)
		put(t, b, `{"resourceType":"Basic","id":"b"}`)
		if ids, err := found(t, a, machine(t), "Basic"); len(ids) != 2 {
			t.Errorf("%v %v", ids, err)
		}
	})
}
