package policy

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/gate/scan"
)

func TestOwnPackGrows(t *testing.T) {
	text, err := AddWatch(OwnText, Watch{ID: "bluebird", Words: []string{"bluebird", "pájaro azul"}, Unless: []string{"rumour"}, Severity: scan.Hold,
		ReasonEN: "Not announced yet.", ReasonES: "Aún no se ha anunciado.", Caught: "Bluebird opens on Monday", Passes: "Bluebird is only a rumour"})
	if err != nil {
		t.Fatal(err)
	}
	if text, err = SetSeverity(text, "core/email-unknown", scan.Warn, "we publish many"); err != nil {
		t.Fatal(err)
	}
	const reply = "Thank you for writing. Please call us, so that we can talk in private: 555-0199."
	for range 2 { // twice is once
		if text, err = Allow(text, AllowTemplate, reply); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Count(text, scan.TemplateHash(reply)) != 1 {
		t.Errorf("the template does not stand once in\n%s", text)
	}
	if text, err = Allow(text, AllowPhone, "555-0177"); err != nil {
		t.Fatal(err)
	}
	set, err := LoadOwn(text, 7, Builtin())
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if !strings.Contains(set.Version(), OwnPack+"@7") {
		t.Errorf("version %s", set.Version())
	}
	if f := set.TestPack(OwnPack); len(f) > 0 {
		t.Error(f)
	}
	e, err := set.Engine(Org{})
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]scan.Severity{
		"The bluebird opens soon": scan.Hold, reply: 0, "THANK YOU for writing! Please call us so that we can talk in private 555-0199": 0,
		"Call me at 555-0177 about it": 0, reply + " Or write to ana.lopez@gmail.com.": scan.Warn,
	} {
		if v := scan.Verdict(e.Scan(body, scan.Context{Kind: scan.Reply, Parent: "hello"})); v != want {
			t.Errorf("%q: %s, want %s", body, v, want)
		}
	}
	// replaced, not added
	again, err := AddWatch(text, Watch{ID: "bluebird", Words: []string{"redbird"}, Severity: scan.Block, ReasonEN: "a", ReasonES: "b", Caught: "Bluebird opens on Monday"})
	if err != nil || strings.Count(again, "id: bluebird") != 1 || strings.Contains(again, "rumour\n        ") {
		t.Errorf("%v\n%s", err, again)
	}
	set, err = LoadOwn(again, 8, Builtin())
	if err != nil {
		t.Fatal(err)
	}
	if f := set.TestPack(OwnPack); len(f) == 0 {
		t.Error("a rule that no longer finds its example passes its test")
	}
}

func TestOwnPackRefuses(t *testing.T) {
	for _, text := range []string{"", "a", "pack: other\nversion: 1\n", OwnText + "lists: {a: &x {en: [b]}}\n", OwnText + "nonsense: 1\n",
		OwnText + "allow: {templates: [abc]}\n", OwnText + "override:\n  - {rule: core/none, severity: hold}\n"} {
		if text == "" {
			continue
		}
		if _, err := LoadOwn(text, 1, Builtin()); err == nil {
			t.Errorf("accepted %q", text)
		} else if !strings.HasPrefix(err.Error(), ownFile+":") {
			t.Errorf("%q: %v does not say where", text, err)
		}
	}
}

func FuzzEdit(f *testing.F) {
	f.Add(OwnText)
	f.Add(OwnText + "rules: 3\ntests: {a: b}\nallow: [x]\n")
	f.Fuzz(func(_ *testing.T, text string) {
		if out, err := AddWatch(text, Watch{ID: "a", Words: []string{"b"}, Severity: scan.Hold, Caught: "b"}); err == nil {
			out, _ = SetSeverity(out, "core/email-unknown", scan.Warn, "c")
			out, _ = Allow(out, AllowStaff, "d")
			_, _ = LoadOwn(out, 1)
		}
	})
}
