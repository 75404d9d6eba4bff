package drafts

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/revision"
	"github.com/mitral-health/mitral/social/internal/topics"
	"github.com/mitral-health/mitral/ui"
)

var noon = time.Date(2026, 11, 12, 12, 0, 0, 0, time.UTC)

func migrations() []db.Migration {
	return append(media.Migrations(), db.Migration{Name: "revision", SQL: revision.Schema},
		db.Migration{Name: "profiles", SQL: profiles.Schema}, db.Migration{Name: "topics", SQL: topics.Schema},
		db.Migration{Name: "posts", SQL: posts.Schema}, db.Migration{Name: "drafts", SQL: Schema},
		db.Migration{Name: "voices", SQL: profiles.SchemaRetired + topics.SchemaRetired})
}

// rules is an engine that finds [warn], [hold], [block] and whatever word is added to it. While broken
// it panics, as an engine with a mistake would.
type rules struct {
	mu     sync.Mutex
	words  map[string]scan.Severity
	broken bool
}

func (r *rules) Scan(text string, c scan.Context) (out []scan.Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken {
		panic("engine")
	}
	if n := len(c.Before); n > 0 && strings.Contains(c.Before[n-1], "[half]") && strings.Contains(text, "[other half]") {
		out = append(out, scan.Finding{End: len(text), Kind: "sum", Severity: scan.Hold, Rule: "halves"})
	}
	for word, s := range r.words {
		for from := 0; ; {
			i := strings.Index(text[from:], word)
			if i < 0 {
				break
			}
			out = append(out, scan.Finding{Start: from + i, End: from + i + len(word), Severity: s, Rule: "word", Pack: "test@1",
				Reason: scan.Message{EN: "A reason.", ES: "Un motivo."}, Suggestion: scan.Message{EN: "something else", ES: "otra cosa"}})
			from += i + len(word)
		}
	}
	return out
}

func (r *rules) set(word string, s scan.Severity) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.words[word] = s
}
func (r *rules) fail(broken bool) { r.mu.Lock(); defer r.mu.Unlock(); r.broken = broken }

// world is a social chamber with its gate and people.
type world struct {
	*Drafts
	t         testing.TB
	rules     *rules
	clock     *clock.Manual
	gateStore *db.DB
	ama, luis *identity.Principal // communications
	doctor    *identity.Principal // a clinician with a profile
	reviewer  *identity.Principal
	org, own  profiles.ID // the organisation's profile, the doctor's
}

func each(t *testing.T, f func(*testing.T, *world)) {
	dbtest.Each(t, "social", migrations(), func(t *testing.T, store *db.DB) { f(t, newWorld(t, store, clock.At(noon))) })
}

func newWorld(t testing.TB, store *db.DB, c *clock.Manual) *world {
	t.Helper()
	w := &world{t: t, clock: c, rules: &rules{words: map[string]scan.Severity{
		"[note]": scan.Note, "[warn]": scan.Warn, "[hold]": scan.Hold, "[block]": scan.Block}}}
	var err error
	if w.gateStore, err = db.Open(context.Background(), "gate", filepath.Join(t.TempDir(), "gate.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.gateStore.Close)
	if err := w.gateStore.Migrate(context.Background(), gate.Migrations()); err != nil {
		t.Fatal(err)
	}
	w.ama, w.luis = identity.NewPrincipal("Ama Oseland", identity.Communications), identity.NewPrincipal("Luis Prado", identity.Communications)
	w.doctor = identity.NewPrincipal("Dr Quenby", identity.Clinician)
	w.reviewer = identity.NewPrincipal("Leonor Vidal", identity.Reviewer)
	folder, err := blob.Folder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var cl clock.Clock = c
	if c == nil {
		cl = clock.System{}
	}
	m := media.New(store, folder, cl)
	p := profiles.New(m)
	w.Drafts = New(Deps{Store: store, Clock: cl, Media: m, Profiles: p, Posts: posts.New(m, p), Site: &ui.Site{Name: "Orlena", TimeZone: "UTC"}, Log: slog.New(slog.DiscardHandler)})
	w.rulesVersion("test@1")
	r := jobs.NewRegistry()
	w.RegisterJobs(r)
	q, err := jobs.Open(context.Background(), store, r, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w.UseQueue(q)
	w.org, w.own = id.New[profiles.Profile](noon), id.New[profiles.Profile](noon)
	w.write(func(ctx context.Context, tx db.Tx) error {
		err := p.Save(ctx, tx, profiles.Profile{ID: w.org, Kind: profiles.Organisation, Handle: "orlena", Name: profiles.Words{EN: "Orlena Health Centre"}})
		if err == nil {
			err = p.Save(ctx, tx, profiles.Profile{ID: w.own, Kind: profiles.Clinician, Handle: "quenby", Name: profiles.Words{EN: "Dr Quenby"}, Subject: w.doctor.Subject(identity.Social)})
		}
		if err == nil {
			err = topics.Store{}.Save(ctx, tx, topics.Topic{Slug: "sleep", Name: profiles.Words{EN: "Sleep", ES: "Sueño"}})
		}
		return err
	})
	return w
}

// rulesVersion opens the gate anew, as a restart with other rules does.
func (w *world) rulesVersion(pack string) {
	w.t.Helper()
	g, err := gate.New(gate.Deps{Store: w.gateStore, Clock: w.Clock, Engine: w.rules, PackVersion: pack, Log: slog.New(slog.DiscardHandler), Hours: review.Always(time.UTC)})
	if err != nil {
		w.t.Fatal(err)
	}
	r := jobs.NewRegistry()
	g.RegisterJobs(r)
	q, err := jobs.Open(context.Background(), w.gateStore, r, slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	g.UseQueue(q)
	g.UseSource(w.Drafts)
	w.Gate = g
}

func (w *world) write(f func(context.Context, db.Tx) error) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.Store.Write(ctx, func(tx db.Tx) error { return f(ctx, tx) }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) note(body string) posts.Content {
	return posts.Content{Profile: w.org, Kind: posts.Note, Lang: "en", Body: body}
}

// draft stores a new draft of Ama's.
func (w *world) draft(body string) Draft {
	w.t.Helper()
	d, err := w.Create(context.Background(), w.ama, w.note(body), Plan{})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) submit(d Draft) Draft {
	w.t.Helper()
	d, err := w.Submit(context.Background(), w.ama, d.ID, d.Rev, false, false)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// now reads a draft as it is stored.
func (w *world) stored(d Draft) Draft {
	w.t.Helper()
	d, err := w.Read(context.Background(), w.ama, d.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// posts counts what is public.
func (w *world) public() (n int) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM post WHERE withdrawn_at = 0`).Scan(&n)
	})
	return n
}

// decide lets the reviewer claim and decide on what the draft submitted last. The message to the
// source is not delivered yet.
func (w *world) decide(d Draft, act review.Act, comment string) {
	w.t.Helper()
	ctx := context.Background()
	out, err := w.Gate.Status(ctx, d.ID.String(), w.stored(d).Hash)
	if err != nil {
		w.t.Fatal(err)
	}
	for n, a := range []review.Act{review.Claim, act} {
		if _, err := w.Gate.Decide(ctx, w.reviewer, gate.Decision{Submission: out.Submission, Revision: n + 1, Act: a, Comment: comment}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) sweep() {
	w.t.Helper()
	if err := w.Sweep(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) want(d Draft, state State) Draft {
	w.t.Helper()
	d = w.stored(d)
	if d.State != state {
		w.t.Fatalf("the draft is %s, want %s (%s)", d.State, state, d.Comment)
	}
	return d
}

func picturePNG(t testing.TB, shade byte) io.Reader {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 40, 30))
	for i := range m.Pix {
		m.Pix[i] = shade + byte(i%7)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return &b
}
