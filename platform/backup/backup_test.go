package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/backup"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/jobs"
)

// The tables are named so that the alphabet is the wrong order for their references.
var bank = []db.Migration{{Name: "bank", SQL: `
CREATE TABLE owners (id TEXT PRIMARY KEY, boss TEXT REFERENCES owners (id), photo BYTEA, ok BOOLEAN);
CREATE TABLE accounts (id TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES owners (id), amount BIGINT NOT NULL, note TEXT);
INSERT INTO owners (id) VALUES ('seed')`}}

var empty = []db.Migration{{Name: "nothing", SQL: `CREATE TABLE decisions (id TEXT PRIMARY KEY)`}}

var known = map[string][]db.Migration{"gate": empty, "social": bank}

type ring struct {
	ID string `json:"id"`
}

func (ring) Kind() string { return "ring" }

const accounts, each = 40, 1000

// house is a small Mitral: two stores, one with jobs, and files.
type house struct {
	gate, social *db.DB
	queue        *jobs.Queue
	files        blob.Store
	rang         chan string
}

func (h house) source() backup.Source {
	return backup.Source{Stores: []*db.DB{h.gate, h.social}, Files: h.files, Program: "test", Clock: clock.At(time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC))}
}

func open(t *testing.T, dsn map[string]string, files blob.Store) house {
	t.Helper()
	h := house{files: files, rang: make(chan string, 10)}
	for name, to := range map[string]**db.DB{"gate": &h.gate, "social": &h.social} {
		store, err := db.Open(t.Context(), name, dsn[name])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(store.Close)
		if err := store.Migrate(t.Context(), known[name]); err != nil {
			t.Fatal(err)
		}
		*to = store
	}
	r := jobs.NewRegistry()
	jobs.Handle(r, func(_ context.Context, a ring) error { h.rang <- a.ID; return nil })
	var err error
	if h.queue, err = jobs.Open(t.Context(), h.social, r, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return h
}

func furnished(t *testing.T, dsn map[string]string) house {
	t.Helper()
	files := folder(t)
	h := open(t, dsn, files)
	for key, text := range map[string]string{"a/picture.png": "not really", "empty": "", "b": strings.Repeat("x", 100_000)} {
		if err := files.Put(t.Context(), key, strings.NewReader(text), int64(len(text)), "image/png"); err != nil {
			t.Fatal(err)
		}
	}
	must(t, h.social.Write(t.Context(), func(tx db.Tx) error {
		if _, err := tx.Exec(t.Context(), `INSERT INTO owners (id, boss, photo, ok) VALUES ($1, $2, $3, $4)`, "o\t\\N\n☂", "seed", []byte{0, 255, 10}, true); err != nil {
			return err
		}
		for i := range accounts {
			if _, err := tx.Exec(t.Context(), `INSERT INTO accounts (id, owner, amount, note) VALUES ($1, $2, $3, $4)`, fmt.Sprintf("%02d", i), "o\t\\N\n☂", each, strings.Repeat("n", i*3000)); err != nil {
				return err
			}
		}
		return h.queue.Insert(t.Context(), tx, ring{"bell"})
	}))
	return h
}

func folder(t *testing.T) blob.Store {
	t.Helper()
	f, err := blob.Folder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// both runs f with a maker of fresh places for the two stores, on each database.
func both(t *testing.T, f func(t *testing.T, fresh func() map[string]string)) {
	t.Run("sqlite", func(t *testing.T) {
		f(t, func() map[string]string {
			dir := t.TempDir()
			return map[string]string{"gate": filepath.Join(dir, "gate.db"), "social": filepath.Join(dir, "social.db")}
		})
	})
	t.Run("postgres", func(t *testing.T) {
		f(t, func() map[string]string { return dbtest.Roles(t) })
	})
}

func contents(t *testing.T, h house) (rows []string) {
	t.Helper()
	must(t, h.social.Read(t.Context(), func(tx db.Tx) error {
		rows = nil
		for _, q := range []string{
			`SELECT id, boss, photo, ok, '' FROM owners ORDER BY id`,
			`SELECT id, owner, note, NULL, amount FROM accounts ORDER BY id`,
			`SELECT kind, state, args, NULL, id FROM river_job ORDER BY id`,
		} {
			err := db.Each(t.Context(), tx, q, nil, func(r db.Row) error {
				var a, b, c, d, e any
				err := r.Scan(&a, &b, &c, &d, &e)
				rows = append(rows, fmt.Sprintf("%v|%v|%s|%v|%v", a, b, c, d, e))
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, h.files.List(t.Context(), func(key string, size int64) error {
		f, info, err := h.files.Get(t.Context(), key)
		if err != nil {
			return err
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		rows = append(rows, fmt.Sprintf("%s %d %s %s", key, size, info.ContentType, b))
		return err
	}))
	slices.Sort(rows)
	return rows
}

func take(t *testing.T, h house) []byte {
	t.Helper()
	var buf bytes.Buffer
	m, err := backup.Backup(t.Context(), &buf, h.source())
	must(t, err)
	read, err := backup.Verify(t.Context(), bytes.NewReader(buf.Bytes()))
	must(t, err)
	if fmt.Sprint(read) != fmt.Sprint(m) {
		t.Errorf("read back\n%v\nwrote\n%v", read, m)
	}
	return buf.Bytes()
}

func TestThereAndBack(t *testing.T) {
	both(t, func(t *testing.T, fresh func() map[string]string) {
		h := furnished(t, fresh())
		want := contents(t, h)
		b := take(t, h)
		dsn, files := fresh(), folder(t)
		to := backup.Target{DSN: dsn, Steps: known, Files: files}
		_, err := backup.Restore(t.Context(), bytes.NewReader(b), to)
		must(t, err)
		back := open(t, dsn, files)
		if got := contents(t, back); !slices.Equal(got, want) {
			t.Errorf("got\n%.3000q\nwant\n%.3000q", got, want)
		}
		// The job that waited runs, new ones get ids that are free, and the references hold.
		must(t, back.social.Write(t.Context(), func(tx db.Tx) error { return back.queue.Insert(t.Context(), tx, ring{"second"}) }))
		must(t, back.queue.Start(t.Context()))
		rang := map[string]bool{}
		for range 2 {
			select {
			case id := <-back.rang:
				rang[id] = true
			case <-time.After(5 * time.Second):
				t.Fatalf("only %v rang", rang)
			}
		}
		must(t, back.queue.Stop(t.Context()))
		if !rang["bell"] || !rang["second"] {
			t.Errorf("rang %v", rang)
		}
		err = back.social.Write(t.Context(), func(tx db.Tx) error {
			_, err := tx.Exec(t.Context(), `DELETE FROM owners WHERE id = 'seed'`)
			return err
		})
		if err == nil {
			t.Error("a reference no longer holds")
		}
		back.gate.Close()
		back.social.Close()
		if _, err := backup.Restore(t.Context(), bytes.NewReader(b), to); err == nil || !strings.Contains(err.Error(), "empty place") {
			t.Errorf("restored over what is there: %v", err)
		}
		// Any of the three alone is enough to refuse.
		for _, only := range []backup.Target{
			{DSN: map[string]string{"gate": fresh()["gate"], "social": dsn["social"]}, Steps: known, Files: folder(t)},
			{DSN: fresh(), Steps: known, Files: files},
		} {
			if _, err := backup.Restore(t.Context(), bytes.NewReader(b), only); err == nil || !strings.Contains(err.Error(), "empty place") {
				t.Errorf("restored over what is there: %v", err)
			}
		}
	})
}

// Money moves between accounts all the while; in the backup none may have been lost or made.
func TestWhileItIsWrittenTo(t *testing.T) {
	both(t, func(t *testing.T, fresh func() map[string]string) {
		h := furnished(t, fresh())
		stop := make(chan struct{})
		var wg sync.WaitGroup
		moves := 0
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := h.social.Write(t.Context(), func(tx db.Tx) error {
					from, to := fmt.Sprintf("%02d", rand.N(accounts)), fmt.Sprintf("%02d", rand.N(accounts))
					if _, err := tx.Exec(t.Context(), `UPDATE accounts SET amount = amount - 7 WHERE id = $1`, from); err != nil {
						return err
					}
					_, err := tx.Exec(t.Context(), `UPDATE accounts SET amount = amount + 7 WHERE id = $1`, to)
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				moves++
			}
		})
		time.Sleep(50 * time.Millisecond)
		b := take(t, h)
		close(stop)
		wg.Wait()
		if moves < 5 {
			t.Errorf("only %d moves: this proves nothing", moves)
		}
		dsn, files := fresh(), folder(t)
		_, err := backup.Restore(t.Context(), bytes.NewReader(b), backup.Target{DSN: dsn, Steps: known, Files: files})
		must(t, err)
		var sum int64
		back := open(t, dsn, files)
		must(t, back.social.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT CAST(sum(amount) AS BIGINT) FROM accounts`).Scan(&sum)
		}))
		if sum != accounts*each {
			t.Errorf("%d in all accounts, want %d", sum, accounts*each)
		}
	})
}

func TestNewerAndOtherAreRefusedUntouched(t *testing.T) {
	both(t, func(t *testing.T, fresh func() map[string]string) {
		b := take(t, furnished(t, fresh()))
		dsn := fresh()
		for name, c := range map[string]struct {
			to   backup.Target
			want string
		}{
			"newer":         {backup.Target{DSN: dsn, Steps: map[string][]db.Migration{"gate": empty, "social": {}}}, "newer"},
			"unknown store": {backup.Target{DSN: dsn, Steps: map[string][]db.Migration{"gate": empty}}, "does not know"},
			"other kind": {backup.Target{Steps: known, DSN: map[string]string{
				"gate": other(dsn["gate"]), "social": other(dsn["social"])}}, "only there"},
		} {
			c.to.Files = folder(t)
			if _, err := backup.Restore(t.Context(), bytes.NewReader(b), c.to); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !db.IsPostgres(dsn["social"]) {
			if left, _ := os.ReadDir(filepath.Dir(dsn["social"])); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		}
	})
}

func other(dsn string) string {
	if db.IsPostgres(dsn) {
		return "/nowhere/social.db"
	}
	return "postgres://127.0.0.1:1/x"
}

// A file that breaks after it was verified, as a failing disk does, leaves an SQLite target as it was.
func TestBreaksInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	dsn := func(sub string) map[string]string {
		return map[string]string{"gate": filepath.Join(dir, sub, "gate.db"), "social": filepath.Join(dir, sub, "social.db")}
	}
	b := take(t, furnished(t, dsn("a")))
	files := folder(t)
	_, err := backup.Restore(t.Context(), &failing{Reader: bytes.NewReader(b)}, backup.Target{DSN: dsn("b"), Steps: known, Files: files})
	if err == nil {
		t.Fatal("no error")
	}
	left, _ := os.ReadDir(filepath.Join(dir, "b"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	must(t, files.List(t.Context(), func(key string, _ int64) error { return errors.New("left behind: " + key) }))
}

type failing struct {
	*bytes.Reader
	rewound bool
}

func (f *failing) Seek(off int64, whence int) (int64, error) {
	f.rewound = f.rewound || whence == io.SeekStart
	return f.Reader.Seek(off, whence)
}

func (f *failing) Read(p []byte) (int, error) {
	if f.rewound && f.Len() < int(f.Size()/2) {
		return 0, errors.New("the disk fails")
	}
	return f.Reader.Read(p)
}
