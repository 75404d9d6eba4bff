package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTokensAndClients(t *testing.T) {
	data := t.TempDir()
	t.Setenv("MITRAL_URL", "http://localhost:1")
	keys := filepath.Join(t.TempDir(), "keys.json")
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	x, y := base64.RawURLEncoding.EncodeToString(point[1:49]), base64.RawURLEncoding.EncodeToString(point[49:])
	set := `{"keys":[{"kty":"EC","crv":"P-384","kid":"k","x":"` + x + `","y":"` + y + `"}]}`
	if err := os.WriteFile(keys, []byte(set), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		out  string // begins so
		errs string // holds it
	}{
		{"admin token --client a --scope system/*.rs", 1, "", "holds no Mitral"},
		{"admin first-link", 0, "Open this link", ""},
		{"admin token --client a --scope system/*.cruds --hours 2", 0, "mt_", "2 hours"},
		{"admin token --client a --scope system/*.rs", 0, "mt_", ""},
		{"admin token --client ward --scope patient/*.rs --patient p1", 0, "mt_", ""},
		{"admin token --client b --scope patient/*.rs", 1, "", "patient"},
		{"admin token --client b --scope system/*.x", 1, "", "scope"},
		{"admin token --client b --scope system/*.rs --hours 0", 1, "", "live"},
		{"admin token --client b", 2, "", "--scope"},
		{"admin token", 2, "", "--client"},
		{"admin client add --name lab --scope system/*.rs --jwks " + keys, 0, "", "client_id"},
		{"admin client add --name lab --scope system/*.rs --jwks " + keys, 1, "", "already"},
		{"admin client add --name x --scope system/*.rs --jwks http://x.example/keys", 1, "", "https"},
		{"admin client add --name x --scope system/*.rs", 2, "", "flag"},
		{"admin client list", 0, "NAME", ""},
		{"admin client disable --name lab", 0, "Done", ""},
		{"admin client disable --name nobody", 1, "", "no client"},
		{"admin client", 2, "", "add"},
		{"admin client what", 2, "", "what"},
		{"fhir", 2, "", "import"},
		{"fhir import", 2, "", "at least"},
		{"fhir import " + data + "/nothing", 1, "", "no file"},
	} {
		args := strings.Fields(c.args)
		if args[0] == "admin" && len(args) > 1 {
			at := 2
			if args[1] == "client" && len(args) > 2 {
				at = 3
			}
			args = append(args[:at:at], append([]string{"--data", data}, args[at:]...)...)
		}
		if c.args == "admin client" {
			args = args[:2]
		}
		if args[0] == "fhir" && len(args) > 1 {
			args = append(args[:2:2], append([]string{"--data", data}, args[2:]...)...)
		}
		var out, errs strings.Builder
		code := run(t.Context(), args, stdio{strings.NewReader(""), &out, &errs})
		if code != c.code || !strings.HasPrefix(out.String(), c.out) || !strings.Contains(errs.String(), c.errs) {
			t.Errorf("%s: exit %d\nout %s\nerr %s", c.args, code, out.String(), errs.String())
		}
	}
}
