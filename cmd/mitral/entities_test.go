package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// --entities lists a name even where the rules let it pass, in bytes of the original text.
func TestCheckEntities(t *testing.T) {
	in := strings.NewReader(`{"id":"1","text":"Año nuevo: my name is Ngozi Adeyemi and I live in Leeds."}` + "\n")
	var out, errs bytes.Buffer
	if code := runCheck([]string{"--jsonl", "--entities"}, in, &out, &errs); code != 0 {
		t.Fatalf("%d: %s", code, errs.String())
	}
	if want := `"start":23,"end":36,"kind":"entity","severity":"note","rule":"entity","pack":"engine","entity":"NAME"`; !strings.Contains(out.String(), want) {
		t.Errorf("want %s in %s", want, out.String())
	}
}

func TestPolicyEval(t *testing.T) {
	dir := t.TempDir()
	spans, verdicts := filepath.Join(dir, "spans.jsonl"), filepath.Join(dir, "verdicts.jsonl")
	for path, text := range map[string]string{
		spans:    `{"id":"a","lang":"en","text":"My name is Ngozi Adeyemi.","spans":[{"start":11,"end":24,"u":"NAME"}]}`,
		verdicts: `{"id":"b","lang":"en","kind":"post","text":"Wash your hands.","verdict":"allow"}`,
	} {
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	if code := runPolicy([]string{"eval", spans, verdicts}, &out, &errs); code != 0 {
		t.Fatalf("%d: %s", code, errs.String())
	}
	for _, want := range []string{"== spans.jsonl", "NAME: NAME 1", "== verdicts.jsonl", "allow   allow 1"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, out.String())
		}
	}
	if code := runPolicy([]string{"eval"}, &out, &errs); code != 2 {
		t.Errorf("without a set: %d", code)
	}
}
