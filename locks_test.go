package mitral_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheCompilerHoldsTheWall tries to break the two locks that the compiler keeps: code that
// reaches into the other chamber, and code that makes itself a clearance. Each intruder is laid over
// the tree for one build only; the build must fail, and for the right reason.
func TestTheCompilerHoldsTheWall(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("skipped: there is no go command here")
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, at, code, want string }{
		{"clinical reads social", "clinical/intruder.go",
			`package clinical; import "` + module + `/social/internal/posts"; var _ posts.ID`,
			"use of internal package"},
		{"the server reaches behind a façade", "server/intruder.go",
			`package server; import "` + module + `/social/internal/posts"; var _ posts.ID`,
			"use of internal package"},
		{"a chamber clears its own text", "social/internal/posts/intruder.go",
			`package posts; import "` + module + `/gate"; var _ = gate.Cleared{ok: true}`,
			"cannot refer to unexported field ok"},
		{"a chamber forges a principal's account", "social/internal/posts/intruder.go",
			`package posts; import "` + module + `/identity"; var _ = identity.Principal{account: 1}`,
			"cannot refer to unexported field account"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			src := filepath.Join(dir, "intruder.go")
			if err := os.WriteFile(src, []byte(c.code), 0o600); err != nil {
				t.Fatal(err)
			}
			over, _ := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, c.at): src}})
			file := filepath.Join(dir, "overlay.json")
			if err := os.WriteFile(file, over, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("go", "vet", "-overlay", file, "./"+filepath.Dir(c.at)).CombinedOutput()
			if err == nil {
				t.Fatalf("it compiles: the lock is open")
			}
			if !strings.Contains(string(out), c.want) {
				t.Fatalf("it failed for another reason, want %q:\n%s", c.want, out)
			}
		})
	}
}
