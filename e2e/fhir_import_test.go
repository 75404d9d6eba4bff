package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKillImport kills an import again and again, beside a running server, and lets it go on until it is
// through: every resource is there, once.
func TestKillImport(t *testing.T) {
	t.Parallel()
	lines, entries := often(1500, 4000), often(1000, 3000)
	dir, data := t.TempDir(), t.TempDir()
	var list, bundle strings.Builder
	for i := range lines {
		fmt.Fprintln(&list, identified("Patient", fmt.Sprint("line", i), ""))
	}
	for i := range entries {
		fmt.Fprintf(&bundle, `,{"resource":%s}`, identified("Patient", fmt.Sprint("entry", i), ""))
	}
	for name, text := range map[string]string{"a.ndjson": list.String(), "b.json": `{"resourceType":"Bundle","type":"collection","entry":[` + bundle.String()[1:] + `]}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := serve(t, data)
	token := p.token(t)
	cut := 0
	for run := 0; ; run++ {
		if run > 60 {
			t.Fatal("it comes to no end")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(60+rand.IntN(500))*time.Millisecond)
		if cut >= often(3, 4) {
			ctx = t.Context()
		}
		said, err := exec.CommandContext(ctx, binary(t), "fhir", "import", dir, "--data", data).CombinedOutput()
		killed := ctx.Err() != nil
		cancel()
		if err == nil {
			break
		}
		if !killed {
			t.Fatalf("%v\n%s", err, said)
		}
		cut++
	}
	count := map[string]int{}
	for _, n := range (&fhir{t: t, token: token, url: p.URL}).all("Patient?_count=1000") {
		count[n.Identifier[0].Value]++
	}
	if len(count) != lines+entries {
		t.Errorf("%d are there of %d", len(count), lines+entries)
	}
	for name, n := range count {
		if n != 1 {
			t.Errorf("%s is there %d times", name, n)
		}
	}
	t.Logf("cut off %d times", cut)

	// What is wrong is named, the rest is taken in, and the exit status tells.
	wrong := filepath.Join(dir, "wrong.ndjson")
	if err := os.WriteFile(wrong, []byte(`{"resourceType":"Patient","gender":"blue"}`+"\n"+identified("Patient", "after", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, "", nil, "fhir", "import", wrong, "--data", data, "--json")
	if code != 1 || !strings.Contains(errs, "wrong.ndjson: line 1: gender: ") || !strings.Contains(out, `"resources":1`) {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
}
