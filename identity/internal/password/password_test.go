package password

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
)

var cheap = Params{Memory: 64, Passes: 1, Threads: 1}

func TestHashAndCheck(t *testing.T) {
	ctx := context.Background()
	h := WithParams(cheap)
	hash, err := h.Hash(ctx, "lemon river window")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("the parameters are not in %q", hash)
	}
	if ok, stale, err := h.Check(ctx, hash, "lemon river window"); !ok || stale || err != nil {
		t.Fatalf("right password: %v %v %v", ok, stale, err)
	}
	if ok, _, _ := h.Check(ctx, hash, "lemon river windows"); ok {
		t.Fatal("a wrong password was taken")
	}
	if ok, stale, _ := WithParams(Params{Memory: 128, Passes: 1, Threads: 1}).Check(ctx, hash, "lemon river window"); !ok || !stale {
		t.Fatal("an old hash must still be right, and stale")
	}
	again, _ := h.Hash(ctx, "lemon river window")
	if again == hash {
		t.Fatal("two hashes share a salt")
	}
}

func TestNobodyIsNeverRight(t *testing.T) {
	for _, try := range []string{"", "x", "lemon river window"} {
		if ok, _, err := WithParams(cheap).Check(context.Background(), "", try); ok || err != nil {
			t.Errorf("%q: %v %v", try, ok, err)
		}
	}
}

// TestWorkIsBounded holds every turn: the next caller waits, and gives up with its context.
func TestWorkIsBounded(t *testing.T) {
	h := WithParams(cheap)
	for range atOnce {
		h.turns <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.Hash(ctx, "lemon river window"); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := h.Hash(context.Background(), "lemon river window"); err != nil {
			t.Error(err)
		}
	})
	<-h.turns
	wg.Wait()
}

func TestGood(t *testing.T) {
	words := []string{"ama.oseland@orlena.example", "ama.oseland", "Ama Oseland", "Orlena Health Centre"}
	for password, good := range map[string]bool{
		"lemon river window":            true,
		"doce limones y un tren":        true,
		"ñandú piñata cigüeña":          true,
		"short":                         false,
		"eleven char":                   false,
		"ñññññññññññ":                   false, // eleven characters, twenty-two bytes
		"password1234":                  false,
		"Password-1234":                 false,
		"aaaaaaaaaaaaa":                 false,
		"abcabcabcabcabc":               false,
		"abcdefghijklm":                 false,
		"contraseña1234":                false,
		"ama.oseland1":                  false,
		"AmaOseland2026":                false,
		"OrlenaHealthCentre":            false,
		"my friend ama oseland is kind": true,
		strings.Repeat("long ", 60):     false,
		"bad utf8 \xff\xfe\xfd here":    false,
	} {
		if err := Good(password, words...); (err == nil) != good {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	h := WithParams(cheap)
	f.Add(h.decoy)
	f.Add("$argon2id$v=19$m=4294967295,t=1,p=1$AAAA$AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		p, _, sum, err := decode(s)
		if err == nil && (p.Memory > 256*1024 || p.Passes > 16 || len(sum) != hashSize) {
			t.Fatalf("%q was taken", s)
		}
	})
}
