package mail

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

func TestMailboxKeepsTheNewest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	c := clock.At(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	b, err := OpenMailbox(c, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for i := range keep + 3 {
		c.Advance(time.Microsecond) // within one millisecond the order must hold as well
		if err := b.Send(t.Context(), Message{To: "ana@example.org", Subject: fmt.Sprintf("No. %d", i), Text: "Hola, ñ\n"}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := b.List(t.Context())
	if err != nil || len(all) != keep {
		t.Fatalf("%d letters, %v", len(all), err)
	}
	if all[0].Subject != fmt.Sprintf("No. %d", keep+2) || all[keep-1].Subject != "No. 3" || !all[0].At.Equal(c.Now()) {
		t.Errorf("from %+v to %+v", all[0], all[keep-1])
	}
	got, err := b.Get(t.Context(), all[7].ID)
	if err != nil || got != all[7] || got.Text != "Hola, ñ\n" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := b.Get(t.Context(), id.New[Kept](c.Now())); !fault.Is(err, fault.NotFound) {
		t.Errorf("missing: %v", err)
	}
	if _, err := b.Get(t.Context(), id.Of[Kept]{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("no id: %v", err)
	}
	if err := b.Send(t.Context(), Message{To: "ana", Subject: "x"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("bad address: %v", err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, all[0].ID.String()+ending): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	again, err := OpenMailbox(c, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if all, err := again.List(t.Context()); err != nil || len(all) != keep {
		t.Errorf("after a restart %d letters, %v", len(all), err)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("Ana <ana@example.org>", "Hello")
	f.Add("=?utf-8?q?=0D=0A?= <a@b>", "a\u2028b")
	f.Add("\"a> <b\"@c", "x\x85")
	f.Fuzz(func(t *testing.T, to, subject string) {
		m := Message{To: to, Subject: subject, Text: "x"}
		if m.check() != nil {
			return
		}
		s, err := SMTP(SMTPConfig{Host: "mail.example.org", From: "no-reply@orlena.example"})
		if err != nil {
			t.Fatal(err)
		}
		letter, err := s.letter(m)
		if err != nil {
			return // the sending library is stricter: refused as well
		}
		if n := len(letter.GetToString()); n != 1 {
			t.Errorf("%q goes to %d addresses", to, n)
		}
		rcpt, err := letter.GetRecipients()
		if err != nil || len(rcpt) != 1 || !line(rcpt[0]) {
			t.Errorf("%q goes to %q, %v", to, rcpt, err)
		}
	})
}
