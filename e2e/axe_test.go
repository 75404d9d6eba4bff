package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
)

var axe = sync.OnceValues(func() (string, error) {
	b, err := os.ReadFile("vendor/axe.min.js")
	return string(b) + "; true", err
})

// axeRules are what a page must keep: WCAG 2.2 AA and the field's good practice.
const axeRules = `{type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}`

// form is how a page is looked at.
type form struct {
	width int
	dark  bool
}

func (f form) String() string {
	if f.dark {
		return itoa(f.width) + "-dark"
	}
	return itoa(f.width)
}

// inspect holds the page that the tab shows against axe-core in these forms, and looks whether it fits the screen; without
// forms in both widths, and with dark the colours of the dark.
func (b *tab) inspect(name string, dark bool, forms ...form) {
	b.t.Helper()
	source, err := axe()
	if err != nil {
		b.t.Fatal(err)
	}
	rules := axeRules
	if len(forms) == 0 {
		forms = []form{{390, false}, {390, dark}, {1280, false}, {1280, dark}}
	}
	for i, f := range forms {
		at := name + "-" + f.String()
		if i == 0 || f.width != forms[i-1].width {
			b.fits(at, f.width)
			rules = axeRules
		} else if f.dark {
			rules = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`
		} else {
			continue
		}
		b.dark(f.dark)
		if i == 0 {
			eval[bool](b, source)
		}
		b.violations(at, rules)
		b.picture(at)
	}
	b.dark(false)
}

func (b *tab) violations(at, rules string) {
	b.t.Helper()
	// What a bar that stays in sight lies over comes out by scrolling; axe takes it for hidden.
	eval[bool](b, `(() => { const s = new CSSStyleSheet(); s.replaceSync(".tabbar, .acting, .chamberbar { position: static !important }"); document.adoptedStyleSheets = [s]; return true; })()`)
	defer eval[bool](b, `(document.adoptedStyleSheets = [], true)`)
	for _, v := range eval[[]string](b, `axe.run(document, {resultTypes: ["violations"], runOnly: `+rules+`}).then((r) =>
		r.violations.map((v) => v.id + ": " + v.help + "\n" + v.nodes.slice(0, 3).map((n) => "    " + n.target.join(" ") + "\n      " + n.failureSummary.replace(/\s+/g, " ")).join("\n")))`) {
		b.t.Errorf("%s: %s", at, v)
	}
}

// fits reports what is wider than the screen, also on the smallest phone that WCAG names (1.4.10).
func (b *tab) fits(at string, width int) {
	b.t.Helper()
	widths := []int{width}
	if width < 600 {
		widths = []int{320, width}
	}
	for _, w := range widths {
		b.resize(w)
		for _, wide := range eval[[]string](b, `document.documentElement.scrollWidth <= innerWidth ? [] :
			[...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility()).slice(0, 4)
				.map((e) => e.tagName.toLowerCase() + "." + e.className + " " + Math.round(e.getBoundingClientRect().right))`) {
			b.t.Errorf("%s is wider than %d: %s", at, w, wide)
		}
	}
}

// picture saves what the tab shows, if somebody wants to look.
func (b *tab) picture(name string) {
	if dir := os.Getenv("MITRAL_SHOTS"); dir != "" {
		// Pictures that load late would leave holes.
		eval[bool](b, `(async () => { for (const i of document.images) { i.loading = "eager"; await i.decode().catch(() => 0); } return true; })()`)
		b.shot(filepath.Join(dir, name))
	}
}

// speak chooses the language as the reader's own choice does.
func (b *tab) speak(lang string) {
	command(b, network.SetCookie, network.SetCookieParams{Name: "lang", Value: lang, URL: b.base})
}

// sight is a page in one state.
type sight struct {
	name string
	path string
	dark bool         // is looked at in the dark, too
	then func(b *tab) // what leads from the page to the state
}

// look goes through pages as one person: each in both languages and both widths if there is time, else each
// in one of the two, in turn.
func (p *program) look(t *testing.T, as string, sights []sight) {
	b := newTab(t, p.URL, look{})
	only := os.Getenv("MITRAL_SIGHT") // a part of a name, to look at one page alone
	all := long || only != "" || os.Getenv("MITRAL_SHOTS") != ""
	for l, lang := range []string{"en", "es"} {
		if as != "" {
			b.be(p.anew(t, as))
		}
		b.speak(lang)
		for i, s := range sights {
			if !strings.Contains(s.name, only) || !all && i%2 != l {
				continue
			}
			seen := form{1280, s.dark && i/4%2 == 0} // of the pages in one language each has another form than the one before
			if i/2%2 == 0 {
				seen.width = 390
			}
			at := seen.width
			if all || s.then != nil { // what leads to a state was written for a desk
				at = 1280
			}
			b.resize(at)
			b.open(s.path)
			if s.then != nil {
				s.then(b)
			}
			if got := eval[string](b, `document.documentElement.lang`); got != lang {
				t.Errorf("%s is in %q", s.name, got)
			}
			if all {
				b.inspect(s.name+"-"+lang, s.dark)
			} else {
				b.inspect(s.name+"-"+lang, s.dark, seen)
			}
		}
	}
}

// TestEveryPage looks at every page of the demo: nothing that axe-core objects to, nothing wider than
// the screen. With MITRAL_SHOTS=dir it leaves a picture of each, in all forms. Pages that only a server without
// accounts has are looked at in TestAdministrator.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	p := demo(t)
	browser(t)
	for who, sights := range map[string][]sight{
		"":                readersSights(t, p),
		"communications":  writersSights(t, p),
		"reviewer":        reviewersSights(t, p),
		"administrator":   administratorsSights(t, p),
		"privacy_officer": privacyOfficersSights(t, p),
		"patient":         slices.Concat(patientsSights(t, p), appPlanSights(t, p), appSights(t, p), controlSights(t, p), messagesSights(t, p)),
		"irune":           caregiversSights(),
		"clinician":       slices.Concat(cliniciansSights(t, p), carePlanSights(t, p), legalSights(t, p), inboxSights(t, p)),
		"moderator":       {{name: "error-403", path: "/review"}, {name: "account-moderator", path: "/account"}},
	} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			p.look(t, who, sights)
		})
	}
}
