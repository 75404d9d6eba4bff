package e2e

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/db"
)

// TestCommands calls the program as an administrator's shell does and reads what it prints and its
// exit status.
func TestCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	notes := write("notes.txt", "The hall opens at ten on Monday.\n")
	risky := write("risky.txt", "Our new tea cures diabetes.\n")
	held := write("held.txt", "Our patient in room 12 is on her feet again.\n")
	unknown := write("unknown.yaml", "sight: {name: x}\n")
	wrong := write("wrong.yaml", "url: ftp://x\nsite: {time_zone: Mars/Base, langs: [de]}\nkey: abc\n")
	half := write("half.yaml", "databases: {social: 'postgres://127.0.0.1/x'}\n")
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()

	for _, c := range []struct {
		name, args, stdin string
		code              int
		out, errs         string // what must be in standard output and standard error
	}{
		{name: "no verb", code: 2, errs: "mitral serve"},
		{name: "an unknown verb", args: "dance", code: 2, errs: `no verb "dance"`},
		{name: "help", args: "help", out: "mitral backup"},
		{name: "version", args: "version", out: "mitral "},
		{name: "too many words", args: "version now", code: 2, errs: "argument"},
		{name: "an unknown flag", args: "serve --dance", code: 2, errs: "dance"},
		{name: "a verb's help", args: "serve -h", errs: "listen"},

		{name: "check: nothing", args: "check " + notes, out: "nothing found"},
		{name: "check: a warning", args: "check " + risky, code: 3, out: "cures diabetes"},
		{name: "check: held", args: "check " + held, code: 4, out: "room 12"},
		{name: "check: blocked, from a pipe", args: "check -", stdin: "My NHS number is 943 476 5919\n", code: 5, out: "NHS number"},
		{name: "check: Spanish", args: "check --lang es -", stdin: "Nuestra paciente de la habitación 12 ya camina.\n", code: 4},
		{name: "check: JSON", args: "check --json " + held, code: 4, out: `"room-care"`},
		{name: "check: no such file", args: "check " + filepath.Join(dir, "none"), code: 1, errs: "none"},
		{name: "check: no file", args: "check", code: 2},
		{name: "policy test", args: "policy test", out: ""},

		{name: "no such configuration", args: "serve --config " + filepath.Join(dir, "none.yaml"), code: 1, errs: "none.yaml"},
		{name: "an unknown setting", args: "serve --config " + unknown, code: 1, errs: `no setting "sight"`},
		{name: "several mistakes at once", args: "serve --config " + wrong, code: 1, errs: "site.time_zone"},
		{name: "some databases here, some there", args: "serve --config " + half, code: 1, errs: "1 of the four"},
		{name: "an address that is taken", args: "serve --listen " + busy.Addr().String() + " --data " + filepath.Join(dir, "taken"), code: 1, errs: "in use"},

		{name: "migrate", args: "migrate --data " + filepath.Join(dir, "new"), out: "at this program's version"},
		{name: "migrate again", args: "migrate --data " + filepath.Join(dir, "new"), out: "at this program's version"},
		{name: "admin without a word", args: "admin", code: 2, errs: "first-link"},
		{name: "admin on nothing", args: "admin list --data " + filepath.Join(dir, "nothing"), code: 1, errs: "holds no Mitral"},
		{name: "backup of nothing", args: "backup --data " + filepath.Join(dir, "nothing") + " " + filepath.Join(dir, "nothing.bak"), code: 1, errs: "holds no Mitral"},
		{name: "backup without a name", args: "backup --data " + filepath.Join(dir, "new"), code: 2},
		{name: "backup", args: "backup --data " + filepath.Join(dir, "new") + " " + filepath.Join(dir, "b"), out: "4 stores"},
		{name: "backup over a backup", args: "backup --data " + filepath.Join(dir, "new") + " " + filepath.Join(dir, "b"), code: 1, errs: "exists already"},
		{name: "restore of something else", args: "restore --data " + filepath.Join(dir, "r") + " " + notes, code: 1, errs: "no backup of Mitral"},
		{name: "restore", args: "restore --data " + filepath.Join(dir, "r2") + " " + filepath.Join(dir, "b"), out: "Restored 4 stores"},
		{name: "restore into a full place", args: "restore --data " + filepath.Join(dir, "r2") + " " + filepath.Join(dir, "b"), code: 1, errs: "empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, errs, code := run(t, c.stdin, []string{"MITRAL_URL="}, strings.Fields(c.args)...)
			if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) {
				t.Errorf("mitral %s: %d, want %d\nout: %s\nerr: %s", c.args, code, c.code, out, errs)
			}
			if strings.Contains(errs, "goroutine ") || strings.Contains(errs, "panic") {
				t.Errorf("it fell over:\n%s", errs)
			}
		})
	}
}

// TestDowngrade: what a newer Mitral wrote is left alone, by every verb.
func TestDowngrade(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if out, errs, code := run(t, "", nil, "migrate", "--data", data); code != 0 {
		t.Fatal(out, errs)
	}
	ctx := context.Background()
	store, err := db.Open(ctx, "social", filepath.Join(data, "social.db"))
	if err != nil {
		t.Fatal(err)
	}
	err = store.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE schema_version SET version = 999`)
		return err
	})
	store.Close()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"migrate", "--data", data}, {"serve", "--listen", "127.0.0.1:0", "--data", data}} {
		out, errs, code := run(t, "", nil, args...)
		if code != 1 || !strings.Contains(errs, "version 999") || !strings.Contains(errs, "newer Mitral") {
			t.Errorf("%v: %d\n%s%s", args, code, out, errs)
		}
	}
}

// TestDemoDies: a demo whose building was killed is built anew by the next start, and is whole.
func TestDemoDies(t *testing.T) {
	t.Parallel()
	p := demo(t)
	if model.killed < 1<<20 {
		t.Fatalf("it was killed with %d bytes", model.killed)
	}
	f := &fhir{t: t, token: p.FHIRToken, url: p.URL}
	if n := len(f.all("Patient?_count=200")); n != 58 { // of sixty two let no other program read
		t.Errorf("%d patients", n)
	}
	verified(t, p.Data, p.URL)
}

// TestDemoLine is what programs that drive the demo rely on.
func TestDemoLine(t *testing.T) {
	t.Parallel()
	p := demo(t)
	roles := map[string]bool{}
	for _, a := range p.Accounts {
		roles[a.Role] = a.Login != "" && a.Password != ""
	}
	for _, role := range []string{"communications", "reviewer", "privacy_officer", "clinician", "moderator", "administrator"} {
		if !roles[role] {
			t.Errorf("the demo's line has no %s", role)
		}
	}
	if !strings.HasPrefix(p.URL, "http://") {
		t.Errorf("the demo is at %q", p.URL)
	}
	for path, kind := range map[string]string{"/healthz": "", "/readyz": "", "/metrics": "text/plain"} {
		res, err := http.Get(p.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
	}
	// Programs can ask the gate, too.
	v := p.as(t, "communications")
	a, err := v.try("POST", "/compose/check", "application/json", strings.NewReader(`{"id":"","kind":"note","lang":"en","title":"","body":"Our tea cures diabetes.","pictures":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Verdict string }
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.Verdict != "warn" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
