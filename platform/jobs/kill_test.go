package jobs_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/jobs"
)

const victimEnv = "MITRAL_TEST_JOBS_VICTIM" // the store's URL, in the process that is killed

// TestMain lets this test binary also be the program that is killed in the middle of a job.
func TestMain(m *testing.M) {
	if dsn := os.Getenv(victimEnv); dsn != "" {
		victim(dsn)
		return
	}
	os.Exit(m.Run())
}

// victim inserts a job, begins it, says so and never ends it.
func victim(dsn string) {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	store, err := db.Open(ctx, "social", dsn)
	fail(err)
	r := jobs.NewRegistry()
	jobs.Handle(r, func(context.Context, note) error {
		fmt.Println("begun")
		select {}
	})
	q, err := jobs.Open(ctx, store, r, slog.New(slog.DiscardHandler))
	fail(err)
	fail(store.Write(ctx, func(tx db.Tx) error { return q.Insert(ctx, tx, note{"x"}, jobs.Unique()) }))
	fail(q.Start(ctx))
	time.Sleep(time.Minute)
}

// killInTheMiddle runs victim on the store until its job has begun, and kills it.
func killInTheMiddle(t *testing.T, dsn string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimEnv+"="+dsn)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	cmd.Process.Kill()
	cmd.Wait()
	if line != "begun\n" {
		t.Fatalf("the program to kill said %q", line)
	}
}

func TestKilledOnSQLite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "social.db")
	killInTheMiddle(t, path)
	store, err := db.Open(t.Context(), "social", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	var s seen
	q := open(t, store, func(_ context.Context, n note) error { s.add(n.ID); return nil })
	time.Sleep(300 * time.Millisecond)
	if s.count("x") != 0 {
		t.Error("Open alone ran a job")
	}
	start(t, q)
	eventually(t, 5*time.Second, "the job runs again", func() bool { return s.count("x") == 1 })
}

func TestKilledOnPostgres(t *testing.T) {
	t.Parallel()
	dsn := dbtest.URL(t, "social")
	killInTheMiddle(t, dsn)
	store, err := db.Open(t.Context(), "social", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	var s seen
	q := open(t, store, func(_ context.Context, n note) error { s.add(n.ID); return nil })
	// Time passes: the dead program's lease on the job and its lead run out.
	err = store.Write(t.Context(), func(tx db.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE river_leader SET elected_at = elected_at - interval '1 minute', expires_at = expires_at - interval '1 minute'`); err != nil {
			return err
		}
		n, err := tx.Exec(t.Context(), `UPDATE river_job SET attempted_at = attempted_at - interval '91 seconds' WHERE state = 'running'`)
		if n != 1 {
			t.Errorf("%d jobs were running", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	start(t, q)
	eventually(t, 15*time.Second, "the job runs again", func() bool { return s.count("x") == 1 })
}

// Two copies of the program start at the same moment on an empty database.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	dsn := dbtest.URL(t, "social")
	errs := make(chan error)
	for range 4 {
		go func() {
			store, err := db.Open(t.Context(), "social", dsn)
			if err == nil {
				defer store.Close()
				r := jobs.NewRegistry()
				jobs.Handle(r, func(context.Context, note) error { return nil })
				_, err = jobs.Open(t.Context(), store, r, slog.New(slog.DiscardHandler))
			}
			errs <- err
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
