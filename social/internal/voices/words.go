package voices

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// line reads a text of one line: white space is single, what can't be seen or turns the writing
// direction is left out.
func line(s string) string {
	return strings.Map(visible, strings.Join(strings.Fields(s), " "))
}

// lines is line for a text of several.
func lines(s string) string {
	out := strings.Split(s, "\n")
	for i := range out {
		out[i] = line(out[i])
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

func visible(r rune) rune {
	if unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
		return -1
	}
	return r
}

// pair reads a text in each language that the site speaks; the others keep what they have.
func pair(v url.Values, name string, read func(string) string, langs []string, had profiles.Words) profiles.Words {
	for _, lang := range langs {
		if value := read(v.Get(name + "_" + lang)); lang == "es" {
			had.ES = value
		} else {
			had.EN = value
		}
	}
	return had
}

// in returns the words of one language only, "" if there are none.
func in(w profiles.Words, lang string) string {
	if lang == "es" {
		return w.ES
	}
	return w.EN
}

// said is a text that readers will see: the field of the form that it stands in, and its words.
type said struct {
	field string
	words profiles.Words
}

// reading is what the gate says about a form.
type reading struct {
	findings []gate.Finding
	langs    []string // of the finding of the same index
	verdict  scan.Severity
}

// ask lets the gate read what readers will see, each group of texts by itself: the name of a profile is
// meant to stand beside what they do.
func (s *Voices) ask(ctx context.Context, who *identity.Principal, speaker string, groups ...[]said) (reading, error) {
	var out reading
	for _, all := range groups {
		if err := s.askOne(ctx, who, speaker, all, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (s *Voices) askOne(ctx context.Context, who *identity.Principal, speaker string, all []said, out *reading) error {
	role := identity.Administrator
	if who.Has(identity.Communications) {
		role = identity.Communications
	}
	for _, lang := range []string{"en", "es"} {
		d := gate.Draft{ID: "profile", Kind: scan.Post, Lang: lang, Channel: "site", Speaker: speaker,
			Author: gate.Author{Subject: who.Subject(identity.Social), Name: who.Name, Role: string(role)}}
		for _, one := range all {
			if words := in(one.words, lang); words != "" {
				d.Fields = append(d.Fields, gate.Field{Name: one.field + "_" + lang, Text: words})
			}
		}
		if len(d.Fields) == 0 {
			continue
		}
		res, err := s.Gate.Check(ctx, d)
		if err != nil {
			return err
		}
		out.verdict = max(out.verdict, res.Verdict)
		for _, f := range res.Findings {
			if f.Severity >= scan.Warn {
				out.findings, out.langs = append(out.findings, f), append(out.langs, lang)
			}
		}
	}
	return nil
}

// stops returns why the words can't be public, nil if they can: a warning can be confirmed, more must
// be changed, because nobody else reads these words before they are public.
func (r reading) stops(attested bool) error {
	switch {
	case r.verdict >= scan.Hold:
		return fault.New(fault.Invalid, "The gate can't let these words be public. Change what it marks.")
	case r.verdict >= scan.Warn && !attested:
		return fault.New(fault.Invalid, "The gate warns. Change the words, or confirm that you mean them.")
	}
	return nil
}

// warns reports whether the words can be confirmed.
func (r reading) warns() bool { return r.verdict == scan.Warn }

// views are the findings as the page lists them.
func (r reading) views(ctx context.Context) []ui.FindingView {
	var out []ui.FindingView
	for n, f := range r.findings {
		out = append(out, ui.FindingView{N: n + 1, Severity: f.Severity.String(), Reason: f.Reason.In(text.Lang(ctx)),
			Suggestion: f.Suggestion.In(r.langs[n]), Field: fieldWord(ctx, f.Field)})
	}
	return out
}

// fieldWord is what a field is called, in the language that its name ends with.
func fieldWord(ctx context.Context, field string) string {
	name, lang, _ := strings.Cut(field, "_")
	word := ""
	switch name {
	case "name":
		word = text.T(ctx, "Name")
	case "title":
		word = text.T(ctx, "What they do")
	case "bio":
		word = text.T(ctx, "A sentence or two")
	case "speaks":
		word = text.T(ctx, "Languages they speak")
	case "declares":
		word = text.T(ctx, "Paid by industry")
	case "about":
		word = text.T(ctx, "In a sentence")
	}
	return inLang(ctx, word, lang)
}

// inLang says in which language a field is written, where the site has two.
func inLang(ctx context.Context, word, lang string) string {
	switch {
	case len(ui.From(ctx).Site.Langs) < 2:
		return word
	case lang == "es":
		return text.T(ctx, "%s, in Spanish", word)
	case lang == "en":
		return text.T(ctx, "%s, in English", word)
	}
	return word
}

// order is that of the fields on the page; what is not in it concerns the whole form and comes first.
var order = []string{"name_en", "name_es", "handle", "title_en", "title_es", "account", "department", "portrait", "bio_en", "bio_es",
	"speaks_en", "speaks_es", "declares_en", "declares_es", "since", "verified", "about_en", "about_es", "slug", "gate"}

// summary lists the problems for the head of the form.
func summary(ctx context.Context, all problems) []ui.FieldError {
	var out []ui.FieldError
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b problem) int {
		return slices.Index(order, a.field) - slices.Index(order, b.field)
	})
	for _, p := range sorted {
		out = append(out, ui.FieldError{Name: p.field, Text: text.Fault(ctx, p.err)})
	}
	return out
}

// wrong is what a field's error says, "" if there is none.
func (p problems) wrong(ctx context.Context, field string) string {
	if err := p.of(field); err != nil {
		return text.Fault(ctx, err)
	}
	return ""
}

// say is a page of this package; readers see at once what is saved on it.
func say(ctx context.Context, title string) ui.Page {
	return ui.Page{Title: title, Nav: "voices", Chamber: ui.ChamberPublic, NoIndex: true,
		Says: text.T(ctx, "What you save here, anyone can read at once")}
}
