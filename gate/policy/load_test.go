package policy

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mitral-health/mitral/gate/scan"
)

const head = "pack: mine\nversion: 2\ntitle: {en: Mine, es: Lo mío}\n"

func folder(body string) fstest.MapFS {
	return fstest.MapFS{"mine.yaml": {Data: []byte(body)}}
}

func TestLoadRefuses(t *testing.T) {
	rule := "rules:\n  - id: r\n    kind: k\n    severity: hold\n    match: {any: [word]}\n    reason: {en: a, es: b}\n"
	for _, c := range []struct{ name, body, want string }{
		{"unknown key", head + "colour: red\n", "mine.yaml:4: unknown key colour"},
		{"unknown key in a rule", head + strings.Replace(rule, "kind: k", "kind: k\n    sevrity: hold", 1), "mine.yaml:7: unknown key sevrity"},
		{"double key", head + "version: 3\n", "mine.yaml:4: "},
		{"no header", rule, "mine.yaml: no file of this pack has a header"},
		{"no Spanish title", "pack: mine\nversion: 1\ntitle: {en: Mine}\n", "mine.yaml:1: the pack needs a title"},
		{"severity", head + strings.Replace(rule, "hold", "fatal", 1), `mine.yaml:5: rule r: "fatal" is no severity`},
		{"no Spanish reason", head + strings.Replace(rule, ", es: b", "", 1), "mine.yaml:5: rule r needs a reason"},
		{"notation", head + strings.Replace(rule, "[word]", `["(a|b"]`, 1), `mine.yaml:8: rule r: "(a|b": a bracket is not closed`},
		{"missing list", head + strings.Replace(rule, "[word]", "[<nowhere>]", 1), "mine.yaml:5: rule r: there is no list or scanner <nowhere>"},
		{"missing list in a list", head + "lists:\n  mylist:\n    en: [one, a <nowhere>]\n", "mine.yaml:6: list mylist: there is no list or scanner <nowhere>"},
		{"list again", head + "lists:\n  procedure: {en: [one]}\n", `mine.yaml:5: a list or scanner called "procedure" exists already`},
		{"extends nothing", head + "extend:\n  nothing-such: {en: [one]}\n", `mine.yaml:5: there is no list "nothing-such" to extend`},
		{"two rules", head + rule + strings.TrimPrefix(rule, "rules:\n"), `mine.yaml:10: two rules are called "r"`},
		{"override nothing", head + "override:\n  - {rule: core/nothing, severity: hold}\n", `mine.yaml:5: there is no rule "core/nothing" to override`},
		{"silences the rule that others are silent for", head + "override:\n  - {rule: core/consent-said, severity: note}\n", `can't be silent for rule "consent-said", which has to warn at least`},
		{"silent for nothing", head + strings.Replace(rule, "[word]", "[word], unless: [nothing]", 1), `there is no rule "nothing" in this pack`},
		{"silent for what may be doubted", head + strings.Replace(rule, "[word]", "[word], unless: [o]", 1) + "  - {id: o, kind: k, severity: warn, match: {any: [other], doubt: 10}, reason: {en: a, es: b}}\n", `can't be silent for rule "o"`},
		{"alias", head + "about: &a {en: x, es: y}\n", "mine.yaml:4: anchors and references are not used"},
		{"two documents", head + "---\npack: other\n", "more than one document"},
		{"list instead of value", head + "rules:\n  - id: [r]\n", "mine.yaml:5: "},
		{"not yaml", "pack: [", "mine.yaml"},
		{"kind of text", head + strings.Replace(rule, "match:", "when: {kind: [tweet]}\n    match:", 1), `mine.yaml:8: "tweet" is no kind of text`},
		{"same pack", "pack: core\nversion: 1\ntitle: {en: a, es: b}\n", `a pack called "core" exists already`},
		{"circle", head + "lists:\n  a-list: {en: [x <b-list>]}\n  b-list: {en: [y <a-list>]}\n", "circle"},
		{"too large", head + "# " + strings.Repeat("x", maxFile), "larger than"},
		{"verdict", head + "tests:\n  - {text: x, verdict: maybe}\n", "mine.yaml:5: a test needs a verdict"},
	} {
		_, err := Load(Builtin(), folder(c.body))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestOwnPack(t *testing.T) {
	set, err := Load(Builtin(), folder(head+`
lists:
  project: {en: [bluebird, project bluebird]}
extend:
  labour: {en: [rota]}
override:
  - {rule: core/date-care, severity: hold, why: our town is small}
rules:
  - id: secret-project
    kind: confidential
    severity: warn
    when: {kind: [post], channel: [site], not-role: [member]}
    match: {any: [<project>], near: [{any: [opens, opening], n: 5, ordered: after}]}
    reason: {en: Not announced yet., es: Aún no se ha anunciado.}
tests:
  - {text: Bluebird opens on Monday, channel: site, verdict: warn, rules: [secret-project]}
  - {text: Opens on Monday - Bluebird, channel: site, verdict: allow}
  - {text: Bluebird opens on Monday, channel: mastodon, verdict: allow}
  - {text: Bluebird opens on Monday, channel: site, role: member, verdict: allow}
  - {text: One of our patients went home last Tuesday., verdict: hold}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range set.Test() {
		t.Error(f)
	}
	builtin, err := Load(Builtin())
	if err != nil {
		t.Fatal(err)
	}
	if set.Version() == builtin.Version() || !strings.Contains(set.Version(), "mine@2") {
		t.Errorf("version %s", set.Version())
	}
	// a test that is wrong must fail
	wrong, err := Load(Builtin(), folder(head+"tests:\n  - {text: Hello, verdict: block}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if f := wrong.Test(); len(f) != 1 || f[0].Line != 5 || f[0].File != "mine.yaml" {
		t.Errorf("got %v", f)
	}
}

// What a hospital makes stricter still asks the rules that it asked before.
func TestOverrideKeepsWhatARuleAsks(t *testing.T) {
	set, err := Load(Builtin(), folder(head+`
override:
  - {rule: core/first-name-care, severity: block}
  - {rule: core/consent-said, severity: hold}
`))
	if err != nil {
		t.Fatal(err)
	}
	e, err := set.Rules(Org{})
	if err != nil {
		t.Fatal(err)
	}
	post := scan.Context{Kind: scan.Post, AuthorRole: "communications"}
	for text, want := range map[string]scan.Severity{
		"Marta had surgery here.":                              scan.Block,
		"Marta had surgery here. Written consent on file.":     scan.Hold,
		"Marta has not signed a release.":                      scan.Hold,
		"Marta had surgery here. No written consent from her.": scan.Block,
	} {
		if found := e.Scan(text, post); scan.Verdict(found) != want {
			t.Errorf("%s: got %v, want %v", text, found, want)
		}
	}
}

// A call for help is told by its own question, whatever severity a hospital gives it: made milder, it holds no
// text that it did not mark before.
func TestOverrideKeepsTheQuestion(t *testing.T) {
	ours, milder := exampleEngine(t), engineWith(t, Builtin(), folder(head+"override:\n  - {rule: core/reads-risk-now, severity: hold}\n"))
	member := scan.Context{Kind: scan.Comment, AuthorRole: "member"}
	asked := func(e *scan.Engine, text string) bool {
		return slices.ContainsFunc(e.Scan(text, member), func(f scan.Finding) bool { return f.Rule == "reads-risk-now" })
	}
	for _, text := range []string{"Where did he go?", "Voy ahora mismo", "No sé qué hacer con tanto papel", "They took him to the match", "Does she have the form?"} {
		if asked(ours, text) || asked(milder, text) {
			t.Errorf("%s: a call for help, now %v, where that is milder %v", text, asked(ours, text), asked(milder, text))
		}
	}
	if call := "not gonna be on this app after tonight. gave the dog to my sister already. love u all, be good"; scan.Verdict(milder.Scan(call, member)) < scan.Hold {
		t.Errorf("%s: passes", call)
	}
}

func TestJurisdictions(t *testing.T) {
	e := exampleEngine(t)
	emergency := "Chest pain? Just message us here."
	for j, number := range map[string]string{"us": "911", "uk": "999", "es": "112", "": "112"} {
		found := e.Scan(emergency, scan.Context{Jurisdiction: j})
		if scan.Verdict(found) != scan.Urgent || !strings.Contains(found[0].Suggestion.EN, number) {
			t.Errorf("%q: %v", j, found)
		}
	}
	// an identifier is one everywhere
	for _, j := range []string{"us", "es", "uk", "eu", ""} {
		for _, text := range []string{"DNI 12345678Z", "SSN 536-22-8714", "NHS 943 476 5919", "ES91 2100 0418 4502 0005 1332"} {
			if v := scan.Verdict(e.Scan(text, scan.Context{Jurisdiction: j})); v != scan.Block {
				t.Errorf("%q in %q: %s", text, j, v)
			}
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(head)
	f.Add(head + "lists:\n  a: {en: [x ~3 y, \"(a|b)? c\", <phone>]}\nrules:\n  - id: r\n    kind: k\n    severity: hold\n    match: {any: [<a>], near: [{any: [z], n: 3}]}\n    reason: {en: a, es: b}\ntests:\n  - {text: x, verdict: allow}\n")
	f.Fuzz(func(t *testing.T, body string) {
		set, err := Load(folder(body))
		if err == nil {
			set.Test()
		}
	})
}
