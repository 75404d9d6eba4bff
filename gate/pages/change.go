package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/rulebook"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// tried is how many of the last texts a change of the rules is tried on.
const tried = 200

// changeView is the page on which rules are changed.
type changeView struct {
	Version  *rulebook.Version // the draft or proposal; nil before the first change
	Text     string
	Revision int
	InForce  string // the text that decides now
	Mine     bool   // the viewer wrote in it
	Rules    []policy.Rule
	Failures []policy.Failure
	Changes  []gate.Change
	Read     int
	Broken   error // why the text can't be used
	Versions []rulebook.Version
	Form     url.Values // what was typed and not taken
	Err      error
	Done     string
}

// severity is what the form of a rule offers: what was chosen, or how strict the rule is now.
func (v *changeView) severity() string {
	if s := v.Form.Get("severity"); s != "" {
		return s
	}
	for _, r := range v.Rules {
		if pack, _, _ := strings.Cut(r.Pack, "@"); pack+"/"+r.ID == v.Form.Get("rule") {
			return r.Severity.String()
		}
	}
	return ""
}

func (v *changeView) proposed() bool {
	return v.Version != nil && v.Version.State == rulebook.Proposed
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request) error {
	return p.showChange(w, r, http.StatusOK, r.URL.Query(), nil)
}

func (p *Pages) showChange(w http.ResponseWriter, r *http.Request, status int, form url.Values, failed error) error {
	ctx, me := r.Context(), identity.From(r.Context())
	open, begin, err := p.Book.Open(ctx, me)
	if err != nil {
		return err
	}
	v := &changeView{Version: open, Text: begin, InForce: begin, Form: form, Err: failed, Done: form.Get("done")}
	n := int64(0)
	if open != nil {
		v.Text, v.Revision, v.Mine, n = open.Text, open.Revision, open.WrittenBy(me), open.N
	}
	if v.Versions, err = p.Book.List(ctx, me, 20); err != nil {
		return err
	}
	if set := p.Gate.Packs(ctx); set != nil {
		for _, pack := range set.Packs {
			v.Rules = append(v.Rules, pack.Rules...)
		}
	}
	if open != nil {
		if err := p.try(ctx, v, n); err != nil {
			return err
		}
	}
	return web.RenderStatus(w, r, status, changePage(v))
}

// try finds what the text would change.
func (p *Pages) try(ctx context.Context, v *changeView, n int64) error {
	rules, err := p.Book.Build(v.Text, n)
	if err != nil {
		v.Broken = err
		return nil
	}
	v.Failures = rules.Set.TestPack(policy.OwnPack)
	v.Changes, v.Read, err = p.Gate.Compare(ctx, identity.From(ctx), rules.Engine, tried)
	return err
}

// saveChange takes the forms of the page: each changes the draft, or moves it on.
func (p *Pages) saveChange(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	revision, err := strconv.Atoi(form.Get("revision"))
	if err != nil {
		return fault.New(fault.Invalid, "This form is incomplete. Open the page again.")
	}
	ctx, me, do := r.Context(), identity.From(r.Context()), form.Get("do")
	switch do {
	case "discard":
		err = p.Book.Discard(ctx, me, revision)
	case "propose":
		err = p.Book.Propose(ctx, me, revision, form.Get("why"))
	case "approve", "refuse":
		err = p.Book.Decide(ctx, me, revision, do == "approve", form.Get("comment"))
	default:
		err = p.edit(ctx, form, revision)
	}
	if err != nil {
		if !shown(err) {
			return err
		}
		return p.showChange(w, r, web.Status(err), form, err)
	}
	return web.Redirect(w, r, "/gate/rules/change?done="+url.QueryEscape(do)+"#done")
}

// edit applies one of the small forms to the draft's text, or takes the whole text.
func (p *Pages) edit(ctx context.Context, form url.Values, revision int) error {
	me := identity.From(ctx)
	open, text, err := p.Book.Open(ctx, me)
	if err != nil {
		return err
	}
	if open != nil {
		text = open.Text
	}
	switch form.Get("do") {
	case "severity":
		s, ok := scan.ParseSeverity(form.Get("severity"))
		if !ok || s == 0 || form.Get("rule") == "" {
			return fault.New(fault.Invalid, "Choose a rule and how strict it should be.")
		}
		text, err = policy.SetSeverity(text, form.Get("rule"), s, strings.TrimSpace(form.Get("why")))
	case "watch":
		var watch policy.Watch
		if watch, err = watchOf(form); err == nil {
			text, err = policy.AddWatch(text, watch)
		}
	case "allow":
		sorts := []string{policy.AllowStaff, policy.AllowPhone, policy.AllowPlace, policy.AllowHandle, policy.AllowName, policy.AllowTemplate}
		value := strings.TrimSpace(form.Get("value"))
		if value == "" || !slices.Contains(sorts, form.Get("sort")) {
			return fault.New(fault.Invalid, "Write what may pass.")
		}
		text, err = policy.Allow(text, form.Get("sort"), value)
	case "text":
		text = strings.ReplaceAll(form.Get("text"), "\r\n", "\n")
	default:
		return fault.New(fault.Invalid, "This form is incomplete. Open the page again.")
	}
	if err != nil {
		return unread(err)
	}
	return p.Book.Save(ctx, me, text, revision)
}

// unread tells what is wrong with the text of a pack; what is a fault already stays one.
func unread(err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.Invalid, "These rules can't be read: %s", err.Error())
}

// watchOf reads the form of a rule of one's own.
func watchOf(form url.Values) (policy.Watch, error) {
	s, ok := scan.ParseSeverity(form.Get("severity"))
	w := policy.Watch{ID: nameOf(form.Get("name")), Words: lines(form.Get("words")), Near: lines(form.Get("near")), Unless: lines(form.Get("unless")),
		Kinds: form["kind"], Severity: s, ReasonEN: strings.TrimSpace(form.Get("reason-en")), ReasonES: strings.TrimSpace(form.Get("reason-es")),
		Caught: strings.TrimSpace(form.Get("caught")), Passes: strings.TrimSpace(form.Get("passes"))}
	switch {
	case w.ID == "":
		return w, fault.New(fault.Invalid, "Give the rule a short name.")
	case len(w.Words) == 0:
		return w, fault.New(fault.Invalid, "Write the words to watch for, one or more to a line.")
	case !ok || s == 0:
		return w, fault.New(fault.Invalid, "Choose a rule and how strict it should be.")
	case w.ReasonEN == "" || w.ReasonES == "":
		return w, fault.New(fault.Invalid, "Say why, in English and in Spanish: authors read it beside their text.")
	case w.Caught == "":
		return w, fault.New(fault.Invalid, "Give an example that the rule must find.")
	}
	return w, nil
}

// nameOf makes a rule's id of a name: small letters, digits and hyphens.
func nameOf(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, strings.ToLower(strings.TrimSpace(s)))
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	return strings.Trim(s[:min(len(s), 60)], "-")
}

func lines(s string) (out []string) {
	for l := range strings.SplitSeq(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func ruleOptions(ctx context.Context, v *changeView) []ui.Option {
	out := []ui.Option{{Label: text.T(ctx, "Choose a rule")}}
	for _, r := range v.Rules {
		pack, _, _ := strings.Cut(r.Pack, "@")
		if pack == policy.OwnPack {
			continue
		}
		out = append(out, ui.Option{Value: pack + "/" + r.ID, Label: brief(blanks.Replace(r.Reason.In(text.Lang(ctx)))) + " (" + pack + "/" + r.ID + ")"})
	}
	return out
}

// brief cuts a reason to what fits a line of a list.
func brief(s string) string {
	if r := []rune(s); len(r) > 70 {
		return string(r[:70]) + "…"
	}
	return s
}

func kindOptions(ctx context.Context, ticked []string) (out []ui.Option) {
	for _, k := range []string{scan.Post, scan.Article, scan.Reply, scan.Comment} {
		out = append(out, ui.Option{Value: k, Label: kindLabel(ctx, k), Selected: slices.Contains(ticked, k)})
	}
	return out
}

func severityMeans(ctx context.Context, s scan.Severity) string {
	switch s {
	case scan.Note:
		return text.T(ctx, "The author sees it; the text passes.")
	case scan.Warn:
		return text.T(ctx, "The author changes it or confirms that it is meant.")
	case scan.Hold:
		return text.T(ctx, "A reviewer decides.")
	}
	return text.T(ctx, "The text can't go out as it is.")
}

// fileText is the draft, or what was typed and not taken.
func fileText(v *changeView) string {
	if v.Err != nil && v.Form.Get("do") == "text" {
		return v.Form.Get("text")
	}
	return v.Text
}
