package people

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/ui"
)

type postbox struct{ sent []mail.Message }

func (l *postbox) Send(_ context.Context, m mail.Message) error {
	l.sent = append(l.sent, m)
	return nil
}

type world struct {
	*People
	clock *clock.Manual
	post  *postbox
	ask   records.Ask // a clinician's
	ids   []string    // of the patients
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	steps := slices.Concat(records.Migrations(), Migrations(), CaringMigrations())
	dbtest.Each(t, "clinical", steps, func(t *testing.T, store *db.DB) {
		w := &world{clock: clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), post: &postbox{},
			ask: records.Ask{Who: access.Who{Kind: access.Clinician, ID: "doctor", Name: "Marisol Quenby"}}}
		log := slog.New(slog.DiscardHandler)
		rec, err := records.Open(records.Deps{DB: store, Clock: w.clock, Log: log, Base: "https://orlena.example/fhir"})
		if err != nil {
			t.Fatal(err)
		}
		w.People, err = Open(Deps{Records: rec, Store: store, Clock: w.clock, Mailer: w.post, Key: bytes.Repeat([]byte{3}, 32),
			Site: &ui.Site{Name: "Orlena Health Centre", URL: "https://orlena.example"}})
		if err != nil {
			t.Fatal(err)
		}
		reg := jobs.NewRegistry()
		w.RegisterJobs(reg)
		queue, err := jobs.Open(t.Context(), store, reg, log)
		if err != nil {
			t.Fatal(err)
		}
		w.UseQueue(queue)
		err = rec.Do(t.Context(), w.ask, func(tx *records.Tx) error {
			w.ids = nil
			for range 2 {
				n, err := resource.Parse([]byte(`{"resourceType":"Patient","name":[{"given":["Edda"],"family":"Fernbrook"}]}`))
				if err != nil {
					return err
				}
				r, err := tx.Create(t.Context(), n)
				if err != nil {
					return err
				}
				w.ids = append(w.ids, r.ID)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		f(t, w)
	})
}

func (w *world) invite(t *testing.T, patient string) Invitation {
	t.Helper()
	v, err := w.Invite(t.Context(), w.ask, patient, "", "en")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (w *world) refused(t *testing.T, code, why string) {
	t.Helper()
	if _, err := w.Find(t.Context(), code); err != ErrCode {
		t.Errorf("%s: Find says %v", why, err)
	}
	if _, err := w.Accept(t.Context(), "stranger", "X", code); err != ErrCode {
		t.Errorf("%s: Accept says %v", why, err)
	}
	if p, err := w.PatientOf(t.Context(), "stranger"); p != "" || err != nil {
		t.Errorf("%s: the stranger sees %q, %v", why, p, err)
	}
}

func TestInvitation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		v := w.invite(t, w.ids[0])
		if len(v.Code) != 11 || clean(v.Code) == "" || v.Expires.Sub(w.clock.Now()) != Lasts {
			t.Fatalf("%+v", v)
		}
		again, err := w.Invited(ctx, w.ids[0])
		if err != nil || again == nil || again.Code != v.Code {
			t.Fatalf("the page can't show the code again: %+v, %v", again, err)
		}
		w.refused(t, "AAAAA-AAAAA", "an invented code")
		w.refused(t, "", "no code")
		w.refused(t, strings.Repeat("A", 1000), "a long one")

		// Typed as people do, once.
		got, err := w.Accept(ctx, "edda", "Edda", " "+strings.ToLower(strings.ReplaceAll(v.Code, "-", " "))+" ")
		if err != nil || got != w.ids[0] {
			t.Fatalf("%q, %v", got, err)
		}
		if p, err := w.PatientOf(ctx, "edda"); err != nil || p != w.ids[0] {
			t.Errorf("edda sees %q, %v", p, err)
		}
		w.refused(t, v.Code, "a used code")

		// A newer one ends the one before; time and a withdrawal end it as well.
		first, second := w.invite(t, w.ids[1]), w.invite(t, w.ids[1])
		w.refused(t, first.Code, "a replaced code")
		if err := w.Withdraw(ctx, w.ask, w.ids[1]); err != nil {
			t.Fatal(err)
		}
		w.refused(t, second.Code, "a withdrawn code")
		third := w.invite(t, w.ids[1])
		w.clock.Advance(Lasts)
		w.refused(t, third.Code, "a code of a week ago")

		// Another account takes the record over; the first sees nothing from then on.
		fourth := w.invite(t, w.ids[0])
		if _, err := w.Accept(ctx, "edda-2", "Edda", fourth.Code); err != nil {
			t.Fatal(err)
		}
		if p, err := w.PatientOf(ctx, "edda"); p != "" || err != nil {
			t.Errorf("the account before still sees %q, %v", p, err)
		}
	})
}

func TestTwoWithOneCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.invite(t, w.ids[0])
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() { _, errs[i] = w.Accept(t.Context(), string(rune('a'+i)), "X", v.Code) })
		}
		wg.Wait()
		in := 0
		for i, err := range errs {
			switch {
			case err == nil:
				in++
			case err != ErrCode:
				t.Errorf("%d: %v", i, err)
			}
		}
		if in != 1 {
			t.Errorf("%d came in with one code", in)
		}
	})
}

func TestWhoMayInvite(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, who := range []access.Who{{Kind: access.Patient, ID: "p", Patient: w.ids[1]}, {Kind: access.PrivacyOfficer, ID: "o"}, {Kind: access.Administrator, ID: "a"}, {}} {
			if _, err := w.Invite(t.Context(), records.Ask{Who: who}, w.ids[0], "", "en"); err == nil {
				t.Errorf("%s may invite", who.Kind)
			}
		}
		if _, err := w.Invite(t.Context(), w.ask, "nobody", "", "en"); err == nil {
			t.Error("nobody was invited")
		}
		if _, err := w.Invite(t.Context(), w.ask, w.ids[0], "no address", "en"); !fault.Is(err, fault.Invalid) {
			t.Errorf("no address: %v", err)
		}
		if v, err := w.Invited(t.Context(), w.ids[0]); v != nil || err != nil {
			t.Errorf("something is open: %v, %v", v, err)
		}
	})
}

// TestLetter reads the letter as whoever shares the mailbox.
func TestLetter(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v, err := w.Invite(t.Context(), w.ask, w.ids[0], "Edda@orlena.example", "es")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.send(t.Context(), letter{v.ID.String()}); err != nil || len(w.post.sent) != 1 {
			t.Fatalf("%v, %d letters", err, len(w.post.sent))
		}
		m := w.post.sent[0]
		if m.To != "edda@orlena.example" || !strings.Contains(m.Text, "https://orlena.example/join/"+clean(v.Code)) || !strings.Contains(m.Text, "Hola") {
			t.Errorf("%+v", m)
		}
		for _, tells := range []string{"Edda", "Fernbrook", "Quenby", w.ids[0], "paciente", "tensión"} {
			if strings.Contains(m.Subject+m.Text, tells) {
				t.Errorf("the letter tells %q:\n%s", tells, m.Text)
			}
		}
		if err := w.Withdraw(t.Context(), w.ask, w.ids[0]); err != nil {
			t.Fatal(err)
		}
		if err := w.send(t.Context(), letter{v.ID.String()}); err != nil || len(w.post.sent) != 1 {
			t.Errorf("a withdrawn invitation was mailed: %v", err)
		}
	})
}

// TestCodeIsNotStored looks for the code in the table.
func TestCodeIsNotStored(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.invite(t, w.ids[0])
		var hash []byte
		err := w.Store.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT hash FROM people_invitations`).Scan(&hash)
		})
		if err != nil || len(hash) != 32 || bytes.Contains(hash, []byte(clean(v.Code))) || bytes.Contains(hash, []byte(v.Code)) {
			t.Errorf("%x, %v", hash, err)
		}
		other := *w.People
		other.Key = bytes.Repeat([]byte{4}, 32)
		if _, err := other.Find(t.Context(), v.Code); err != ErrCode {
			t.Errorf("with another key: %v", err)
		}
	})
}
