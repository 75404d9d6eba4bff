package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestForeignFHIRClients drives the demo with the clients of others, installed from npm as they are:
// the versions and their hashes are in fhirclients/package-lock.json.
func TestForeignFHIRClients(t *testing.T) {
	t.Parallel()
	dir := fhirClients(t)
	p := demo(t)
	if p.FHIRToken == "" {
		t.Fatal("demo --json gives no fhirToken")
	}
	private, public := keyPair(t)
	keys := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(keys, public, 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, "", nil, "admin", "client", "add", "--data", p.Data, "--name", "Laboratory of e2e", "--scope", "system/*.cruds", "--jwks", keys)
	if code != 0 {
		t.Fatalf("admin client: %d\n%s%s", code, out, errs)
	}
	for _, script := range []string{"kit.mjs", "smart.mjs"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, "node", script)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "FHIR_BASE="+p.URL+"/fhir", "FHIR_TOKEN="+p.FHIRToken,
				"CLIENT_ID="+strings.TrimSpace(out), "PRIVATE_JWK="+private)
			said, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if strings.Count(string(said), "ok ") < 4 {
				t.Errorf("it ended too early:\n%s", said)
			}
		})
	}
}

// fhirClients returns a folder with the scripts and what they need, installed once for each lock file.
func fhirClients(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("foreign FHIR clients: skipped, there is no %s", tool)
		}
	}
	lock, err := os.ReadFile("fhirclients/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	sum := sha256.Sum256(lock)
	dir := filepath.Join(cache, "mitral-e2e", hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(dir); err != nil {
		if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
			t.Fatal(err)
		}
		fresh, err := os.MkdirTemp(filepath.Dir(dir), "new-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(fresh)
		copyInto(t, fresh, "package.json", "package-lock.json")
		cmd := exec.Command("npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund")
		cmd.Dir = fresh
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, said)
		}
		if err := os.Rename(fresh, dir); err != nil {
			if _, there := os.Stat(dir); there != nil { // otherwise somebody else was faster
				t.Fatal(err)
			}
		}
	}
	work := t.TempDir()
	copyInto(t, work, "package.json", "kit.mjs", "smart.mjs")
	if err := os.Symlink(filepath.Join(dir, "node_modules"), filepath.Join(work, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return work
}

func copyInto(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join("fhirclients", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// keyPair makes a P-384 key as JSON Web Keys: the private one alone, the public one in a set.
func keyPair(t *testing.T) (private string, set []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	jwk := map[string]string{"kty": "EC", "crv": "P-384", "alg": "ES384", "use": "sig", "kid": "e2e", "x": text(point[1:49]), "y": text(point[49:])}
	set, err = json.Marshal(map[string]any{"keys": []any{jwk}})
	if err != nil {
		t.Fatal(err)
	}
	jwk["d"] = text(secret)
	all, err := json.Marshal(jwk)
	if err != nil {
		t.Fatal(err)
	}
	return string(all), set
}
