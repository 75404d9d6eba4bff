package triage

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

const (
	childDSN      = "MITRAL_TRIAGE_DSN" // of the process that is killed
	childPatients = "MITRAL_TRIAGE_PATIENTS"
	perPatient    = 40
)

// TestKill kills a process again and again while a flood of measurements comes in, each of which crosses a limit
// and is sent until somebody says that it was taken. At the end each is there once, and each counted once.
func TestKill(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { flood(t, filepath.Join(t.TempDir(), "clinical.db")) })
	t.Run("postgres", func(t *testing.T) { flood(t, dbtest.URL(t, "clinical")) })
}

func flood(t *testing.T, dsn string) {
	d, err := db.Open(t.Context(), "clinical", dsn)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context(), steps()); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, d)
	w.clock.Set(clock.System{}.Now())
	var patients []string
	for i := range 6 {
		patients = append(patients, w.followed(fmt.Sprintf("Flooded %d", i), thresholds.Hypertension))
	}
	d.Close() // SQLite's file is the child's alone
	took := map[string]bool{}
	kills := 0
	for len(took) < len(patients)*perPatient {
		child := exec.Command(os.Args[0], "-test.run=^TestFlooded$", "-test.count=1")
		child.Env = append(os.Environ(), childDSN+"="+dsn, childPatients+"="+strings.Join(patients, ","))
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		armed := kills >= 8
		for lines.Scan() {
			key, ok := strings.CutPrefix(lines.Text(), "took ")
			if !ok {
				continue
			}
			if took[key] = true; !armed { // it has begun: some moment later it dies
				armed = true
				kills++
				time.AfterFunc(time.Duration(rand.IntN(60_000))*time.Microsecond, func() { _ = child.Process.Kill() })
			}
		}
		_ = child.Wait()
		if kills > 100 {
			t.Fatal("it never ends")
		}
	}
	if kills < 3 {
		t.Errorf("only %d kills: the flood was over too soon", kills)
	}

	if d, err = db.Open(t.Context(), "clinical", dsn); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	w = newWorld(t, d)
	w.clock.Set(clock.System{}.Now())
	for _, p := range patients {
		counted := map[string]int{} // the mean needs twelve readings
		all := w.alertsOf(p, true)
		for _, a := range all {
			counted[a.First.Rule] = a.Repeats + 1
		}
		if len(all) != 2 || counted["bp-crisis"] != perPatient || counted["bp-mean"] != perPatient-11 {
			t.Errorf("of %d readings were counted %v in %d alerts", perPatient, counted, len(all))
		}
		var stored int
		var packed []byte
		err := d.Read(t.Context(), func(tx db.Tx) error {
			if err := tx.QueryRow(t.Context(), `SELECT state FROM triage_state WHERE patient = $1 AND measure = $2`, p, string(vitals.BloodPressure)).Scan(&packed); err != nil {
				return err
			}
			return tx.QueryRow(t.Context(), `SELECT COUNT(*) FROM version WHERE type = 'Observation' AND body LIKE $1`, "%Patient/"+p+"%").Scan(&stored)
		})
		state, wrong := alerts.Unpack(packed)
		if err != nil || wrong != nil || stored != perPatient || state.Len() != perPatient {
			t.Errorf("%d stored, %d remembered: %v %v", stored, state.Len(), err, wrong)
		}
		if l := w.line(p); l.Severity != thresholds.Urgent || l.More != 1 {
			t.Errorf("line %+v", l)
		}
	}
	t.Logf("%d kills", kills)
}

// TestFlooded is the process that TestKill kills.
func TestFlooded(t *testing.T) {
	dsn := os.Getenv(childDSN)
	if dsn == "" {
		return // nothing to do but as its child
	}
	d, err := db.Open(t.Context(), "clinical", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	g := copyOf(t, d, clock.System{}, nil)
	var say sync.Mutex
	var group sync.WaitGroup
	for _, p := range strings.Split(os.Getenv(childPatients), ",") {
		group.Go(func() {
			ask := records.Ask{Who: access.Who{Kind: access.Patient, ID: "s-" + p, Patient: p}}
			for i := range perPatient {
				key := "key-" + p + "-" + strconv.Itoa(i)
				if err := send(t.Context(), g, ask, p, key, i); err != nil {
					t.Error(err)
					return
				}
				say.Lock()
				fmt.Println("took " + key)
				say.Unlock()
			}
		})
	}
	group.Wait()
}

// send stores a reading as the app does: if there is none with this key.
func send(ctx context.Context, g *Triage, ask records.Ask, patient, key string, i int) error {
	now := g.Clock.Now()
	n, _, err := vitals.Observe(vitals.Entry{Measure: vitals.BloodPressure, Typed: []string{strconv.Itoa(185 + i%10), "100"}, Unit: "mm[Hg]",
		At: now.Add(-time.Duration(perPatient-i) * time.Minute), Received: now, Patient: patient, Key: key, Sure: true})
	if err != nil {
		return err
	}
	return g.Records.Do(ctx, ask, func(t *records.Tx) error {
		q, err := search.Parse("Observation", url.Values{"identifier": {vitals.KeySystem + "|" + key}, "patient": {"Patient/" + patient}}, search.Asked{Strict: true, Now: t.Now()})
		if err != nil {
			return err
		}
		there, err := t.Match(ctx, q)
		if err != nil || len(there) > 0 {
			return err
		}
		_, err = t.Create(ctx, &n)
		return err
	})
}
