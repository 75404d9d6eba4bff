package drafts

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/topics"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// editorView is what the pages of one draft show.
type editorView struct {
	d       Draft
	reading reading
	failed  error // what stopped the last button
	voices  []profiles.Profile
	voice   *profiles.Profile // of the draft, if it has one
	topics  []topics.Topic
	images  map[media.ID]media.Image
	advice  []gate.Field // the reviewer's wording
	now     time.Time
	mine    bool
	mayPost bool
}

// view reads everything that a page of d shows besides d.
func (s *Drafts) view(r *http.Request, d Draft) (editorView, error) {
	ctx := r.Context()
	p := identity.From(ctx)
	v := editorView{d: d, now: s.Clock.Now(), mine: d.mine(p), mayPost: p.MayPost() == nil}
	err := s.Store.Read(ctx, func(tx db.Tx) error {
		all, err := s.Profiles.All(ctx, tx)
		if err != nil {
			return err
		}
		v.voices = nil
		for i := range all {
			if all[i].MaySpeak(p) {
				v.voices = append(v.voices, all[i])
			}
			if all[i].ID == d.Content.Profile {
				v.voice = &all[i]
			}
		}
		about, err := s.Topics.All(ctx, tx)
		if err != nil {
			return err
		}
		v.topics = slices.DeleteFunc(about, func(t topics.Topic) bool {
			return !t.Retired.IsZero() && (d.Content.Edits.IsZero() || !hasTopic(d.Content, t.Slug))
		})
		ids := make([]media.ID, len(d.Content.Images))
		for n, i := range d.Content.Images {
			ids[n] = i.ID
		}
		v.images, err = s.Media.Many(ctx, tx, ids)
		return err
	})
	if err != nil {
		return v, err
	}
	if v.d.Content.Profile.IsZero() && len(v.voices) > 0 {
		v.d.Content.Profile = v.voices[0].ID
		for _, one := range v.voices {
			if one.Kind == profiles.Organisation {
				v.d.Content.Profile = one.ID
			}
		}
	}
	v.reading = s.read(ctx, p, v.d.Content)
	if d.Hash != [32]byte{} && (d.State == Returned || d.State == Writing && d.Comment != "") {
		if out, err := s.Gate.Status(ctx, d.ID.String(), d.Hash); err == nil {
			v.advice = out.Suggestion
		}
	}
	return v, nil
}

func pageOf(title, nav string, scripts ...string) ui.Page {
	return ui.Page{Title: title, Nav: nav, Chamber: ui.ChamberPublic, Scripts: scripts, NoIndex: true}
}

func (s *Drafts) renderEditor(w http.ResponseWriter, r *http.Request, status int, d Draft, failed error) error {
	v, err := s.view(r, d)
	if err != nil {
		return err
	}
	v.failed = failed
	pg := pageOf(v.heading(r.Context()), "compose", "compose.js")
	pg.Says = text.T(r.Context(), "A draft: not published yet")
	w.Header().Set("Cache-Control", "no-store")
	return web.RenderStatus(w, r, status, editorPage(pg, v))
}

func (s *Drafts) renderStanding(w http.ResponseWriter, r *http.Request, status int, d Draft, failed error) error {
	v, err := s.view(r, d)
	if err != nil {
		return err
	}
	v.failed = failed
	pg := pageOf(v.title(r.Context()), "drafts")
	pg.Says = text.T(r.Context(), "Where colleagues write")
	w.Header().Set("Cache-Control", "no-store")
	return web.RenderStatus(w, r, status, standingPage(pg, v))
}

func (s *Drafts) renderPreview(w http.ResponseWriter, r *http.Request, d Draft) error {
	v, err := s.view(r, d)
	if err != nil {
		return err
	}
	pg := pageOf(text.T(r.Context(), "Preview"), "compose")
	pg.Says = text.T(r.Context(), "A draft: not published yet")
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, previewPage(pg, v))
}

// clashOut tells the page's script that somebody else was faster.
type clashOut struct {
	Error struct {
		Kind string `json:"kind"`
		Text string `json:"text"`
	} `json:"error"`
	Rev int `json:"rev"`
}

func (s *Drafts) renderClash(w http.ResponseWriter, r *http.Request, c *Clash) error {
	ctx := r.Context()
	if web.WantsJSON(r) {
		var out clashOut
		out.Error.Kind, out.Error.Text, out.Rev = fault.Conflict.String(), text.Fault(ctx, c), c.Theirs.Rev
		return web.JSON(w, web.Status(c), out)
	}
	pg := pageOf(text.T(ctx, "This draft was changed meanwhile"), "drafts")
	pg.Says = text.T(ctx, "A draft: not published yet")
	return web.RenderStatus(w, r, web.Status(c), clashPage(pg, c, s.Clock.Now()))
}

// heading says what one is doing.
func (v editorView) heading(ctx context.Context) string {
	switch {
	case !v.d.Content.Edits.IsZero():
		return text.T(ctx, "Edit a public post")
	case !v.d.Content.Continues.IsZero():
		return text.T(ctx, "Add to a thread")
	case !v.d.Content.TranslationOf.IsZero():
		return text.T(ctx, "Translate a post")
	case v.d.Content.Kind == posts.Article:
		return text.T(ctx, "New article")
	case v.d.Content.Kind == posts.Thread:
		return text.T(ctx, "New thread")
	}
	return text.T(ctx, "New post")
}

// title is how lists call a draft: its title, or how its text begins.
func (v editorView) title(ctx context.Context) string { return titleOf(ctx, v.d.Content) }

func titleOf(ctx context.Context, c posts.Content) string {
	for _, s := range []string{c.Title, c.Body} {
		if s = strings.Join(strings.Fields(strings.Trim(s, "#* \n")), " "); s != "" {
			if r := []rune(s); len(r) > 80 {
				s = strings.TrimRight(string(r[:79]), " ,.;") + "…"
			}
			return s
		}
	}
	return text.T(ctx, "Without words yet")
}

// action is where the editor's form goes.
func (v editorView) action() templ.SafeURL {
	if v.d.ID.IsZero() {
		return "/compose"
	}
	return templ.SafeURL("/compose/" + v.d.ID.String())
}

// failedText is what stopped the last button, in the reader's language.
func (v editorView) failedText(ctx context.Context) string { return text.Fault(ctx, v.failed) }

// failedField is the field that a refusal is about, as far as the text tells.
func (v editorView) failedField() string {
	var e *fault.Error
	if !errors.As(v.failed, &e) || e.Kind == fault.Unavailable {
		return ""
	}
	for words, field := range map[string]string{
		"title": "title", "Write something": "body", "too long": "body", "picture": "picture", "Choose who": "profile", "speak for": "profile", "profile is retired": "profile",
		"time": "plan_day", "the day": "plan_day", "topics": "topic", "ahead": "plan_day", "thread": "body", "language": "lang",
	} {
		if strings.Contains(e.Text, words) {
			return field
		}
	}
	return ""
}

// comment is what came back with the draft. The program's own words are translated, a reviewer's are not.
func (v editorView) comment(ctx context.Context) string { return commentOf(ctx, v.d) }

func commentOf(ctx context.Context, d Draft) string {
	if d.By == "" && d.Comment != "" {
		return text.Fault(ctx, &fault.Error{Kind: fault.Conflict, Text: d.Comment})
	}
	return d.Comment
}

// blocking lists the numbers of the findings that nobody can release.
func (v editorView) blocking() string {
	var ns []string
	for n, f := range v.reading.Findings {
		if f.Severity >= scan.Block {
			ns = append(ns, strconv.Itoa(n+1))
		}
	}
	return strings.Join(ns, ", ")
}

// asks reports whether the next step is a reviewer's.
func (v editorView) asks() bool {
	return v.reading.Verdict == scan.Hold || v.d.By != "" && v.d.State != Withdrawn
}

func (v editorView) planDay() string {
	day, _, _ := strings.Cut(v.d.Plan.Wall, "T")
	return day
}

func (v editorView) planTime() string {
	_, clock, _ := strings.Cut(v.d.Plan.Wall, "T")
	return clock
}

func (v editorView) planZone(ctx context.Context) string {
	if v.d.Plan.Zone != "" {
		return v.d.Plan.Zone
	}
	return text.Zone(ctx).String()
}

// oddity says what the change of clocks does to the plan, "" if nothing.
func oddity(ctx context.Context, p Plan) string {
	full, odd, err := planAt(p.Wall, p.Zone)
	if err != nil {
		return ""
	}
	switch odd {
	case Skipped:
		return text.T(ctx, "The clocks go forward that night, so this time does not exist. It goes out at %s.", clockIn(full))
	case Repeated:
		return text.T(ctx, "The clocks go back that night, so this time comes twice. It goes out the first time.")
	}
	return ""
}

// clockIn writes the time of a plan in its own zone.
func clockIn(p Plan) string {
	loc, err := time.LoadLocation(p.Zone)
	if err != nil {
		loc = time.UTC
	}
	return p.At.In(loc).Format("15:04")
}

// planText writes a plan as its author meant it: day and time in its zone.
func planText(ctx context.Context, p Plan) string {
	loc, err := time.LoadLocation(p.Zone)
	if err != nil {
		return text.DateTime(ctx, p.At)
	}
	there := text.With(ctx, text.Lang(ctx), loc)
	return text.T(ctx, "%s (%s time)", text.Day(there, p.At)+", "+text.Time(there, p.At), zoneName(p.Zone))
}

// zoneName makes a place of a zone: Europe/Madrid is Madrid.
func zoneName(zone string) string {
	return strings.ReplaceAll(zone[strings.LastIndex(zone, "/")+1:], "_", " ")
}
