package onetime

import (
	"encoding/base32"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The secret and times of RFC 6238, appendix B (SHA-1); the codes are the last six of its eight digits.
func TestCheckAgainstTheRFC(t *testing.T) {
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for unix, code := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037",
	} {
		step, ok := Check(secret, code, time.Unix(unix, 0), -1)
		if !ok || step != unix/30 {
			t.Errorf("%d: %v, step %d", unix, ok, step)
		}
	}
}

func TestCheckWindowAndReplay(t *testing.T) {
	secret, now := New(), time.Unix(1_790_000_000, 0)
	code := func(d time.Duration) string { c, _ := Code(secret, now.Add(d)); return c }
	for name, c := range map[string]struct {
		code string
		last int64
		ok   bool
	}{
		"now":              {code(0), 0, true},
		"one step late":    {code(-30 * time.Second), 0, true},
		"one step early":   {code(30 * time.Second), 0, true},
		"two steps late":   {code(-60 * time.Second), 0, false},
		"with a space":     {code(0)[:3] + " " + code(0)[3:], 0, true},
		"used already":     {code(0), now.Unix() / 30, false},
		"older than used":  {code(-30 * time.Second), now.Unix() / 30, false},
		"letters":          {"abcdef", 0, false},
		"empty":            {"", 0, false},
		"other alphabet":   {"١٢٣٤٥٦", 0, false},
		"seven characters": {code(0) + "0", 0, false},
	} {
		if _, ok := Check(secret, c.code, now, c.last); ok != c.ok {
			t.Errorf("%s: %v", name, ok)
		}
	}
}

func TestURLNamesTheOrganisation(t *testing.T) {
	secret := New()
	s, err := URL(secret, "Orlena: Health Centre", "ama@orlena.example")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "otpauth" || u.Query().Get("secret") != secret {
		t.Fatalf("%s: %v", s, err)
	}
}

func TestRecoveryCodes(t *testing.T) {
	codes := RecoveryCodes(10)
	seen := map[string]bool{}
	for _, c := range codes {
		read := ReadRecoveryCode(" " + strings.ToLower(strings.ReplaceAll(c, "-", " ")) + " ")
		if read == "" || read != strings.ReplaceAll(c, "-", "") {
			t.Errorf("%q was read as %q", c, read)
		}
		seen[read] = true
	}
	if len(seen) != 10 {
		t.Fatal("a code came twice")
	}
	if got := ReadRecoveryCode("o0il-1111-2222"); got != "001111112222" {
		t.Errorf("look-alikes: %q", got)
	}
}

func FuzzReadRecoveryCode(f *testing.F) {
	f.Add("ABCD-EFGH-JKMN")
	f.Add("\u00a0\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if got := ReadRecoveryCode(s); got != "" && (len(got) != 12 || ReadRecoveryCode(got) != got) {
			t.Fatalf("%q was read as %q", s, got)
		}
	})
}

func FuzzCheck(f *testing.F) {
	secret := New()
	f.Add("123456")
	f.Fuzz(func(t *testing.T, s string) {
		now := time.Unix(1_790_000_000, 0)
		if step, ok := Check(secret, s, now, now.Unix()/30+1); ok {
			t.Fatalf("%q was taken for step %d", s, step)
		}
	})
}
