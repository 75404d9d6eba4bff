package secret

import (
	"bytes"
	"fmt"
	"testing"
)

func ring(t *testing.T, fill byte) *Ring {
	t.Helper()
	r, err := NewRing(bytes.Repeat([]byte{fill}, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTokenRoundTrip(t *testing.T) {
	a := NewToken()
	b, err := ParseToken(a.Text())
	if err != nil || a != b {
		t.Fatalf("token changed: %v", err)
	}
	if NewToken() == a {
		t.Fatal("two tokens are equal")
	}
	if s := fmt.Sprintf("%v %s", a, a); s != "(token) (token)" {
		t.Fatalf("a token can be printed: %s", s)
	}
}

func TestBoxIsBoundToItsContext(t *testing.T) {
	r := ring(t, 1)
	sealed := r.Seal([]byte("JBSWY3DP"), "account-1")
	if got, err := r.Open(sealed, "account-1"); err != nil || string(got) != "JBSWY3DP" {
		t.Fatalf("got %q, %v", got, err)
	}
	if bytes.Contains(sealed, []byte("JBSWY3DP")) {
		t.Fatal("the secret stands in the box")
	}
	for name, f := range map[string]func() ([]byte, error){
		"other account": func() ([]byte, error) { return r.Open(sealed, "account-2") },
		"other key":     func() ([]byte, error) { return ring(t, 2).Open(sealed, "account-1") },
		"truncated":     func() ([]byte, error) { return r.Open(sealed[:5], "account-1") },
		"changed": func() ([]byte, error) {
			bad := bytes.Clone(sealed)
			bad[len(bad)-1] ^= 1
			return r.Open(bad, "account-1")
		},
	} {
		if _, err := f(); err == nil {
			t.Errorf("%s: it opened", name)
		}
	}
}

func TestMacTellsPartsApart(t *testing.T) {
	r := ring(t, 1)
	if bytes.Equal(r.Mac("a", "bc"), r.Mac("ab", "c")) {
		t.Fatal("parts run together")
	}
	if first, again := r.Derive("invite", "1"), ring(t, 1).Derive("invite", "1"); first != again {
		t.Fatal("a derived token is not stable")
	}
}

func TestRingRefusesAShortKey(t *testing.T) {
	if _, err := NewRing(make([]byte, 16)); err == nil {
		t.Fatal("16 bytes were taken")
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(NewToken().Text())
	f.Add("")
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")
	f.Fuzz(func(t *testing.T, s string) {
		tok, err := ParseToken(s)
		if err == nil && tok.Text() != s {
			t.Fatalf("%q and %q are the same token", s, tok.Text())
		}
	})
}
