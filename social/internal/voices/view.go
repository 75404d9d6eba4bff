package voices

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/topics"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

func (v profileView) isNew() bool     { return v.was.ID.IsZero() }
func (v profileView) clinician() bool { return v.p.Kind == profiles.Clinician }

// heading is what the page is about.
func (v profileView) heading(ctx context.Context) string {
	if !v.isNew() {
		return v.was.Name.In(text.Lang(ctx))
	}
	switch v.p.Kind {
	case profiles.Organisation:
		return text.T(ctx, "A profile for the organisation")
	case profiles.Department:
		return text.T(ctx, "A new department")
	}
	return text.T(ctx, "A new clinician")
}

// action is where the form goes.
func (v profileView) action() templ.SafeURL {
	if v.isNew() {
		return "/admin/profiles/new"
	}
	return templ.SafeURL("/admin/profiles/" + v.was.Handle)
}

// sent returns what was written into a field, or else what is stored.
func (v profileView) sent(field, stored string) string {
	if v.f != nil {
		return v.f.values.Get(field)
	}
	return stored
}

func (v profileView) since() string {
	if v.was.Since == 0 {
		return v.sent("since", "")
	}
	return v.sent("since", strconv.Itoa(v.was.Since))
}

// accounts are the staff who can be given a profile.
func (v profileView) accounts(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: text.T(ctx, "Nobody yet")}}
	for _, p := range v.staff {
		out = append(out, ui.Option{Value: p.Subject.String(), Label: p.Name})
	}
	if !v.was.Subject.IsZero() && personOf(v.staff, v.was.Subject) == nil {
		out = append(out, ui.Option{Value: v.was.Subject.String(), Label: text.T(ctx, "An account that is closed or has another role")})
	}
	return out
}

func (v profileView) departments(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: text.T(ctx, "None")}}
	for _, d := range v.deps {
		out = append(out, ui.Option{Value: d.ID.String(), Label: d.Name.In(text.Lang(ctx))})
	}
	return out
}

// news is what just happened, "" if nothing.
func (v profileView) news(ctx context.Context) string {
	switch v.done {
	case "saved":
		return text.T(ctx, "Saved. Readers see it now.")
	case "unsealed":
		return text.T(ctx, "Saved. The seal is off until an administrator has seen the registration again.")
	case "retire":
		return text.T(ctx, "The profile is retired. What it said stays.")
	case "restore":
		return text.T(ctx, "The profile speaks again.")
	case "up", "down":
		return text.T(ctx, "The order is changed.")
	}
	return ""
}

// difference is a field that two people wrote differently, and what the other one wrote.
type difference struct{ label, theirs string }

func differ(ctx context.Context, out []difference, field string, langs []string, mine, theirs profiles.Words) []difference {
	for _, lang := range langs {
		if a, b := in(mine, lang), in(theirs, lang); a != b {
			out = append(out, difference{fieldWord(ctx, field+"_"+lang), b})
		}
	}
	return out
}

// differences is what a colleague saved otherwise while somebody filled in the form.
func (v profileView) differences(ctx context.Context) (out []difference) {
	mine, theirs := v.p, v.was
	out = differ(ctx, out, "name", v.langs, mine.Name, theirs.Name)
	if mine.Handle != theirs.Handle {
		out = append(out, difference{text.T(ctx, "Handle"), theirs.Handle})
	}
	out = differ(ctx, out, "title", v.langs, mine.Title, theirs.Title)
	out = differ(ctx, out, "bio", v.langs, mine.Bio, theirs.Bio)
	out = differ(ctx, out, "speaks", v.langs, mine.Speaks, theirs.Speaks)
	out = differ(ctx, out, "declares", v.langs, mine.Declares, theirs.Declares)
	if mine.Since != theirs.Since {
		out = append(out, difference{text.T(ctx, "Here since"), strconv.Itoa(theirs.Since)})
	}
	if mine.Subject != theirs.Subject {
		out = append(out, difference{text.T(ctx, "Who speaks as them"), speakers(ctx, theirs, v.staff)})
	}
	if mine.Department != theirs.Department {
		name := text.T(ctx, "None")
		for _, d := range v.deps {
			if d.ID == theirs.Department {
				name = d.Name.In(text.Lang(ctx))
			}
		}
		out = append(out, difference{text.T(ctx, "Department"), name})
	}
	if mine.Avatar != theirs.Avatar {
		out = append(out, difference{text.T(ctx, "Portrait"), text.T(ctx, "another one")})
	}
	return out
}

// differences is the same of a topic.
func (v topicView) differences(ctx context.Context) (out []difference) {
	out = differ(ctx, out, "name", v.langs, v.t.Name, v.was.Name)
	return differ(ctx, out, "about", v.langs, v.t.About, v.was.About)
}

func (v topicView) news(ctx context.Context) string {
	switch v.done {
	case "saved":
		return text.T(ctx, "Saved. Readers see it now.")
	case "retire":
		return text.T(ctx, "The topic is retired. Its page stays.")
	case "restore":
		return text.T(ctx, "The topic takes posts again.")
	}
	return ""
}

// kindWord is what a kind of profile is called.
func kindWord(ctx context.Context, k profiles.Kind) string {
	switch k {
	case profiles.Organisation:
		return text.T(ctx, "The organisation")
	case profiles.Department:
		return text.T(ctx, "Department")
	}
	return text.T(ctx, "Clinician")
}

// address is how readers reach a page, without what they need not type.
func address(ctx context.Context, path string) string {
	_, host, _ := strings.Cut(ui.From(ctx).Origin, "://")
	return host + path
}

func (s step) class(n, now int) string {
	switch {
	case s.done:
		return "done"
	case n == now:
		return "now"
	}
	return ""
}

func current(is bool) templ.Attributes {
	if is {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

// titleWord is what the line below a profile's name is called in the form.
func titleWord(ctx context.Context, k profiles.Kind) string {
	if k == profiles.Clinician {
		return text.T(ctx, "What they do")
	}
	return text.T(ctx, "In a few words")
}

func titleHint(ctx context.Context, k profiles.Kind) string {
	if k == profiles.Clinician {
		return text.T(ctx, "Such as “Family doctor”")
	}
	return ""
}

// otherName is a topic's name in the other languages, and the end of its address.
func otherName(ctx context.Context, t topics.Topic) string {
	out := "/topics/" + t.Slug
	if other := in(t.Name, map[string]string{"en": "es", "es": "en"}[text.Lang(ctx)]); other != t.Name.In(text.Lang(ctx)) {
		out = other + " · " + out
	}
	return out
}

// labelOf is what one field of a pair is called: the language, or the label where there is only one.
func labelOf(langs []string, label, lang string) string {
	switch {
	case len(langs) < 2:
		return label
	case lang == "es":
		return "Español"
	}
	return "English"
}
