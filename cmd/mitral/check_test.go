package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	write := func(name, body string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	leak := write("leak.txt", "Hello.\nÁnimo a la señora García, operada ayer.\n")
	org := write("org.yaml", "name: Elsewhere\nphones: [\"612 345 678\"]\n")
	packs := filepath.Join(dir, "packs")
	if err := os.Mkdir(packs, 0o700); err != nil {
		t.Fatal(err)
	}
	write("packs/own.yaml", "pack: own\nversion: 1\ntitle: {en: a, es: b}\nrules:\n  - id: secret\n    kind: secret\n    severity: hold\n    match: {any: [bluebird]}\n    reason: {en: Not yet., es: Aún no.}\n")

	for _, c := range []struct {
		name, args, in string
		code           int
		want           string
	}{
		{"clean", "-", "Flu vaccines on Saturday.", 0, "nothing found"},
		{"note", "-", "Hypertension is common.", 0, "note:"},
		{"warn", "-", "It is 100% safe.", 3, "text:1:7: warn: \"100% safe\""},
		{"hold", "-", "Our 97-year-old neighbour.", 4, "held"},
		{"block, line and column in characters", leak, "", 5, ":2:12: block: \"señora García\""},
		{"Spanish", "--lang es -", "Mi DNI es 12345678Z", 5, "Es un DNI o un NIE."},
		{"urgent", "--kind comment -", "i took all my pills", 5, "urgent"},
		{"reply", "--kind reply --parent bad -", "We treated you well.", 4, "care-confirmed"},
		{"json", "--json -", "It is 100% safe.", 3, `{"verdict":"warn","findings":[{"start":6,"end":15,"kind":"promise","severity":"warn","rule":"perfect-safety","pack":"plain@1","reason":{"en":`},
		{"packs", "--packs " + packs + " -", "bluebird", 4, "secret, own@1"},
		{"org", "--org " + org + " -", "612 345 678", 0, "nothing found"},
		{"too large", "-", strings.Repeat("a", maxCheck+1), 1, ""},
		{"no file", filepath.Join(dir, "missing"), "", 1, ""},
		{"no argument", "", "", 2, ""},
		{"unknown flag", "--nope -", "", 2, ""},
		{"unknown kind", "--kind tweet -", "", 2, ""},
		{"help", "-h", "", 0, "Exit status"},
		{"any bytes", "-", "\xff\xfe\x00 100% safe", 3, "100% safe"},
		{"jsonl", "--jsonl -", `{"id":7,"text":"ok"}` + "\n\n" + `{"id":"b","text":"Nunca ha sido paciente.","kind":"reply","parent":"x","gold":[1]}`, 0,
			`{"id":7,"verdict":"allow","findings":[]}` + "\n" + `{"id":"b","verdict":"hold","findings":[{"start":0,"end":13,"kind":"care-denial","severity":"hold","rule":"care-denied","pack":"core@1"}]}` + "\n"},
		{"jsonl with a bad line", "--jsonl", `{"text":"a","text":"b"}` + "\n" + `{"id":1,"text":"ok"}` + "\n", 1, "\"error\""},
	} {
		var out, errs strings.Builder
		code := runCheck(strings.Fields(c.args), strings.NewReader(c.in), &out, &errs)
		if code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: exit %d, want %d\nout %s\nerr %.300s\nwant %s", c.name, code, c.code, out.String(), errs.String(), c.want)
		}
		if code != 0 && out.Len() == 0 && errs.Len() == 0 {
			t.Errorf("%s: nothing was said", c.name)
		}
	}
}

func TestPolicyVerb(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "own.yaml"), []byte("pack: own\nversion: 1\ntitle: {en: a, es: b}\ntests:\n  - {text: hello, verdict: hold}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"test"}, 0, "tests passed"},
		{[]string{"test", dir}, 1, "own.yaml:5: want hold, got allow"},
		{[]string{"test", dir + "/none"}, 1, ""},
		{nil, 2, ""},
		{[]string{"-h"}, 0, "mitral policy test"},
	} {
		var out, errs strings.Builder
		if code := runPolicy(c.args, &out, &errs); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: exit %d\n%s%s", c.args, code, out.String(), errs.String())
		}
	}
}
