package gate

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/jobs"
)

var (
	ctx    = context.Background()
	monday = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
)

// words is an engine that finds the names of the severities.
type words struct{}

func (words) Scan(text string, _ scan.Context) (out []scan.Finding) {
	for s := scan.Note; s <= scan.Urgent; s++ {
		word := "[" + s.String() + "]"
		for from := 0; ; {
			i := strings.Index(text[from:], word)
			if i < 0 {
				break
			}
			out = append(out, scan.Finding{Start: from + i, End: from + i + len(word), Severity: s, Rule: "word-" + s.String(), Pack: "test@1"})
			from += i + len(word)
		}
	}
	if i := strings.Index(text, "[answered]"); i >= 0 {
		out = append(out, scan.Finding{Start: i, End: i + 10, Severity: scan.Urgent, Kind: scan.Answered, Rule: "word-answered", Pack: "test@1"})
	}
	return out
}

// broken is an engine that fails in the way of its choice.
type broken func() []scan.Finding

func (b broken) Scan(string, scan.Context) []scan.Finding { return b() }

// desk is a gate with people around it.
type desk struct {
	*Gate
	t     *testing.T
	store *db.DB
	clock *clock.Manual
	told  *told

	ama            *identity.Principal // writes, and reviews as well
	leonor, iker   *identity.Principal // review
	berta          *identity.Principal // privacy officer
	root           *identity.Principal // administrator
	registry       *jobs.Registry
	queueForWorker *jobs.Queue
}

// told is a source that remembers what it was told.
type told struct {
	mu    sync.Mutex
	fail  int // how many calls still fail
	calls []string
}

func (s *told) note(format string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail > 0 {
		s.fail--
		return fmt.Errorf("not now")
	}
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
	return nil
}

func (s *told) all() string { s.mu.Lock(); defer s.mu.Unlock(); return strings.Join(s.calls, "; ") }

func (s *told) Released(_ context.Context, draft string, hash [32]byte) error {
	return s.note("released %s %x", draft, hash[:2])
}
func (s *told) Returned(_ context.Context, draft string, hash [32]byte, state State, comment string) error {
	return s.note("returned %s %x %s %q", draft, hash[:2], state, comment)
}
func (s *told) Withdraw(_ context.Context, draft string, reason string) error {
	return s.note("withdraw %s %q", draft, reason)
}

func newDesk(t *testing.T, store *db.DB, change func(*Deps)) *desk {
	t.Helper()
	c := clock.At(monday)
	d := Deps{Store: store, Clock: c, Engine: words{}, PackVersion: "test@1", Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Seed: []byte("a seed of enough bytes"), Hours: review.Weekdays(time.UTC, 8, 20)}
	if change != nil {
		change(&d)
	}
	g, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	r := jobs.NewRegistry()
	g.RegisterJobs(r)
	q, err := jobs.Open(ctx, store, r, d.Log)
	if err != nil {
		t.Fatal(err)
	}
	g.UseQueue(q)
	src := &told{}
	g.UseSource(src)
	return &desk{Gate: g, t: t, store: store, clock: c, told: src, registry: r, queueForWorker: q,
		ama:    identity.NewPrincipal("Ama Oseland", identity.Communications, identity.Reviewer),
		leonor: identity.NewPrincipal("Leonor Vask", identity.Reviewer),
		iker:   identity.NewPrincipal("Iker Sol", identity.Reviewer),
		berta:  identity.NewPrincipal("Berta Quill", identity.PrivacyOfficer),
		root:   identity.NewPrincipal("Noa Reyes", identity.Administrator)}
}

// by changes what the gate decides by.
func (d *desk) by(pack string, e Engine) { d.rules.Store(&rules{engine: e, pack: pack}) }

func each(t *testing.T, change func(*Deps), f func(d *desk)) {
	t.Helper()
	dbtest.Each(t, "gate", Migrations(), func(t *testing.T, store *db.DB) { f(newDesk(t, store, change)) })
}

// draft is a post of Ama's.
func (d *desk) draft(name, text string) Draft {
	return Draft{ID: name, Kind: scan.Post, Lang: "en", Channel: "site", Speaker: "orlena",
		Fields: []Field{{"title", "Heart month"}, {"body", text}},
		Author: Author{Subject: d.ama.Subject(identity.Social), Name: d.ama.Name, Role: "communications"}}
}

func (d *desk) submit(draft Draft, attested bool) Outcome {
	d.t.Helper()
	out, err := d.Submit(ctx, draft, attested)
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// decide looks at the item, as a reviewer does, and decides on what they saw.
func (d *desk) decide(p *identity.Principal, submission string, act review.Act, why string) (State, error) {
	d.t.Helper()
	it, err := d.Look(ctx, p, submission)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.Decide(ctx, p, Decision{Submission: submission, Revision: it.Revision, Act: act, Comment: why})
}

func (d *desk) must(s State, err error) State {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// acts is the ledger, oldest first, by the names of its acts; it also checks that the chain holds.
func (d *desk) acts() string {
	d.t.Helper()
	if _, b, err := ledger.Trail().Verify(ctx, d.store); err != nil || b != nil {
		d.t.Fatalf("ledger: %v, %v", b, err)
	}
	var out []string
	err := d.store.Read(ctx, func(tx db.Tx) error {
		return db.Each(ctx, tx, `SELECT act FROM gate_audit ORDER BY seq`, nil, func(row db.Row) error {
			var s string
			err := row.Scan(&s)
			out = append(out, s)
			return err
		})
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func (d *desk) count(query string) (n int) {
	d.t.Helper()
	err := d.store.Read(ctx, func(tx db.Tx) error { return tx.QueryRow(ctx, query).Scan(&n) })
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

func (d *desk) cleared(draft Draft) bool {
	d.t.Helper()
	c, err := d.Clearance(ctx, draft.ID, draft.Hash())
	if err == nil {
		if err := c.Covers(draft); err != nil {
			d.t.Fatal(err)
		}
		return true
	}
	if !fault.Is(err, fault.Forbidden) || c.Covers(draft) == nil {
		d.t.Fatalf("clearance: %v", err)
	}
	return false
}
