// Package pages shows the gate to people: the review queue and its items, the ledger, and the rules
// for reading. It decides nothing: package gate does. May import gate, identity, platform and ui.
package pages

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/rulebook"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/platform/web"
)

// Example is a text that shows what a rule is about, and what the rule says to it.
type Example struct {
	Text   string
	Expect scan.Severity // zero: the rule lets it pass
}

// Rule is one rule as people read it.
type Rule struct {
	ID         string
	Severity   scan.Severity
	Reason     scan.Message
	Suggestion scan.Message
	Examples   []Example
}

// Pack is a set of rules of one jurisdiction or subject.
type Pack struct {
	ID, Version string
	Title       scan.Message
	About       scan.Message
	Rules       []Rule
}

// Deps is what the pages need.
type Deps struct {
	Gate *gate.Gate
	Log  *slog.Logger
	Book *rulebook.Book // the organisation's own rules
	// Speaker returns what readers call the profile of a draft; nil leaves it out.
	Speaker func(ctx context.Context, profile string) string
	// Picture returns the address of an image of a draft, "" if there is none; nil shows only its description.
	Picture     func(ctx context.Context, media string) string
	SampleOneIn int // as the gate draws, for the label
}

// Pages serves the gate's pages.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes returns the gate's routes.
func (p *Pages) Routes() []web.Route {
	reviewers := []identity.Role{identity.Reviewer, identity.PrivacyOfficer}
	return []web.Route{
		{Pattern: "GET /review", Handler: identity.Require(p.queue, reviewers...)},
		{Pattern: "GET /review/{id}", Handler: identity.Require(p.item, reviewers...)},
		{Pattern: "POST /review/{id}", Handler: identity.Require(p.decide, reviewers...)},
		{Pattern: "GET /ledger", Handler: identity.Require(p.ledger, gate.LedgerReaders...)},
		{Pattern: "POST /ledger/verify", Handler: identity.Require(p.verify, gate.LedgerReaders...), Timeout: 5 * time.Minute},
		{Pattern: "POST /ledger/export", Handler: identity.Require(p.export, gate.LedgerExporters...), Timeout: 10 * time.Minute},
		{Pattern: "GET /gate/rules", Handler: identity.Require(p.rules)},
		{Pattern: "GET /gate/rules/change", Handler: identity.Require(p.change, rulebook.Editors...), Timeout: time.Minute},
		{Pattern: "POST /gate/rules/change", Handler: identity.Require(p.saveChange, rulebook.Editors...), Timeout: time.Minute},
	}
}

const (
	queueLength  = 30
	ledgerLength = 50
)

// rulesView is the page of the rules.
type rulesView struct {
	Packs          []Pack
	Edits          bool // the viewer may change them
	Waits, Drafted bool // a new version waits for a second person, or is being written
}

// deskView is the review page: the list, and the item that is open, if any.
type deskView struct {
	Queue   gate.Queue
	Next    string // address of the next page
	Now     time.Time
	Sampled int
	Targets gate.Targets
	Done    string // what the reader has just decided
	Item    *itemView
}

// itemView is an open item and what the reviewer has typed so far.
type itemView struct {
	gate.Item
	Now       time.Time
	Speaker   string
	Fields    []fieldView
	Findings  []numbered
	Act       review.Act
	Comment   string
	Err       error // why the decision was not taken
	Checked   *gate.Result
	Proposal  []gate.Field // the wording that was checked or typed
	Sampled1N int
}

func (p *Pages) queue(w http.ResponseWriter, r *http.Request) error {
	v, err := p.list(r)
	if err != nil {
		return err
	}
	v.Done = r.URL.Query().Get("done")
	return web.Render(w, r, deskPage(*v))
}

func (p *Pages) list(r *http.Request) (*deskView, error) {
	after, err := page.Parse(r.URL.Query().Get("after"))
	if err != nil {
		return nil, err
	}
	q, err := p.Gate.Queue(r.Context(), identity.From(r.Context()), after, queueLength)
	if err != nil {
		return nil, err
	}
	v := &deskView{Queue: q, Now: p.Gate.Now(), Sampled: p.SampleOneIn, Targets: p.Gate.Targets()}
	if !q.Next.IsZero() {
		v.Next = "/review?after=" + q.Next.String()
	}
	return v, nil
}

func (p *Pages) item(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, http.StatusOK, func(*itemView) {})
}

// show renders the list and the item; change adds what the reviewer typed and what came of it.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, change func(*itemView)) error {
	ctx := r.Context()
	it, err := p.Gate.Look(ctx, identity.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := p.list(r)
	if err != nil {
		return err
	}
	v.Item = p.itemView(ctx, it)
	change(v.Item)
	return web.RenderStatus(w, r, status, deskPage(*v))
}

// decide takes the form of an item: a claim, a decision, or wording to check.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	in, err := parseDecision(form)
	if err != nil {
		return err
	}
	in.Submission = r.PathValue("id")
	if form.Get("do") == "check" {
		return p.check(w, r, in)
	}
	if _, err = p.Gate.Decide(r.Context(), identity.From(r.Context()), in); err != nil {
		if !shown(err) {
			return err
		}
		return p.show(w, r, web.Status(err), func(v *itemView) {
			v.Act, v.Comment, v.Proposal, v.Err = in.Act, in.Comment, in.Suggestion, err
		})
	}
	if in.Act == review.Claim {
		return web.Redirect(w, r, "/review/"+in.Submission)
	}
	return web.Redirect(w, r, "/review?done="+string(in.Act))
}

// check shows what the gate says to the reviewer's own wording. Nothing is decided.
func (p *Pages) check(w http.ResponseWriter, r *http.Request, in gate.Decision) error {
	it, err := p.Gate.Look(r.Context(), identity.From(r.Context()), in.Submission)
	if err != nil {
		return err
	}
	res, err := p.Gate.Check(r.Context(), it.Draft.With(in.Suggestion))
	status := http.StatusOK
	if err != nil {
		if status = web.Status(err); !shown(err) {
			return err
		}
	}
	return p.show(w, r, status, func(v *itemView) {
		v.Act, v.Comment, v.Proposal, v.Err = review.SendBack, in.Comment, in.Suggestion, err
		if err == nil {
			v.Checked = &res
		}
	})
}

// shown reports faults that belong beside the form, where what was typed is kept; others get a page
// of their own.
func shown(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Kind != fault.NotFound && f.Kind != fault.Internal
}

func (p *Pages) rules(w http.ResponseWriter, r *http.Request) error {
	ctx, me := r.Context(), identity.From(r.Context())
	v := rulesView{Packs: PacksOf(p.Gate.Packs(ctx)), Edits: me.Has(rulebook.Editors...)}
	if v.Edits {
		open, _, err := p.Book.Open(ctx, me)
		if err != nil {
			return err
		}
		v.Waits = open != nil && open.State == rulebook.Proposed
		v.Drafted = open != nil && !v.Waits
	}
	return web.Render(w, r, rulesPage(v))
}
