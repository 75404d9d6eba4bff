package pages

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/rulebook"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// street is an engine that holds one word.
type street struct{}

func (street) Scan(s string, _ scan.Context) (out []scan.Finding) {
	if i := strings.Index(s, "Fenwick Street"); i >= 0 {
		out = append(out, scan.Finding{Start: i, End: i + len("Fenwick Street"), Severity: scan.Hold, Rule: "place", Pack: "test@1",
			Reason: scan.Message{EN: "A small place.", ES: "Un lugar pequeño."}, Suggestion: scan.Message{EN: "our town", ES: "nuestro pueblo"}})
	}
	return out
}

var testPack = fstest.MapFS{"test.yaml": {Data: []byte(`pack: test
version: 1
title: {en: Test, es: Prueba}
rules:
  - {id: place, kind: place, severity: hold, match: {any: [fenwick street]}, reason: {en: A small place., es: Un lugar pequeño.}}
tests:
  - {text: "<b>Fenwick Street</b>", verdict: hold, rules: [place]}
`)}}

// site is the gate's pages behind the real chain, with somebody signed in.
type site struct {
	t      *testing.T
	g      *gate.Gate
	clock  *clock.Manual
	store  *db.DB
	server http.Handler
	who    *identity.Principal
	lang   string
	book   *rulebook.Book

	ama, leonor, iker, berta, noa *identity.Principal
}

func newSite(t *testing.T) *site {
	t.Helper()
	ctx := context.Background()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s := &site{t: t, store: dbtest.SQLite(t, "gate", gate.Migrations()), clock: clock.At(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)), lang: "en"}
	s.ama = identity.NewPrincipal("Ama Oseland", identity.Communications, identity.Reviewer)
	s.leonor = identity.NewPrincipal("Leonor Vask", identity.Reviewer)
	s.iker = identity.NewPrincipal("Iker Sol", identity.Reviewer)
	s.berta = identity.NewPrincipal("Berta Quill", identity.PrivacyOfficer)
	s.noa = identity.NewPrincipal("Noa Reyes", identity.Administrator)
	packs, err := policy.Load(testPack)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(gate.Deps{Store: s.store, Clock: s.clock, Engine: street{}, PackVersion: "test@1", Packs: packs, Log: log,
		Seed: []byte("a seed of enough bytes"), Hours: review.Weekdays(time.UTC, 8, 20)})
	if err != nil {
		t.Fatal(err)
	}
	s.g = g
	r := jobs.NewRegistry()
	g.RegisterJobs(r)
	q, err := jobs.Open(ctx, s.store, r, log)
	if err != nil {
		t.Fatal(err)
	}
	g.UseQueue(q)
	s.book = &rulebook.Book{Store: s.store, Clock: s.clock, Build: func(own string, n int64) (rulebook.Rules, error) {
		set, err := policy.LoadOwn(own, n, testPack)
		if err != nil {
			return rulebook.Rules{}, err
		}
		e, err := set.Engine(policy.Org{})
		return rulebook.Rules{N: n, Set: set, Engine: e}, err
	}}
	pages := New(Deps{Gate: g, Log: log, Book: s.book})
	signedIn := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := text.With(r.Context(), s.lang, time.UTC)
			setting := &ui.Setting{Site: &ui.Site{Name: "Orlena", Langs: []string{"en", "es"}}, Lang: s.lang}
			if s.who != nil {
				ctx = identity.With(ctx, s.who)
				setting.Viewer = identity.ViewerOf(s.who)
			}
			next.ServeHTTP(w, r.WithContext(ui.With(ctx, setting)))
		})
	}
	s.server = web.New(web.Config{Log: log, Clock: s.clock, Wrap: []func(http.Handler) http.Handler{signedIn}}, pages.Routes())
	return s
}

func (s *site) draft(id, body string) gate.Draft {
	return gate.Draft{ID: id, Kind: scan.Post, Lang: "en", Channel: "site", Fields: []gate.Field{{Name: "title", Text: "Heart month"}, {Name: "body", Text: body}},
		Author: gate.Author{Subject: s.ama.Subject(identity.Social), Name: s.ama.Name, Role: "communications"}}
}

func (s *site) submit(d gate.Draft) gate.Outcome {
	s.t.Helper()
	out, err := s.g.Submit(context.Background(), d, false)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// do sends a request as somebody; form nil is a GET.
func (s *site) do(who *identity.Principal, path string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	s.who = who
	r := httptest.NewRequest("GET", path, nil)
	if form != nil {
		r = httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	return w
}

func (s *site) expect(w *httptest.ResponseRecorder, status int, words ...string) {
	s.t.Helper()
	if w.Code != status {
		s.t.Errorf("status %d, want %d: %.200s", w.Code, status, w.Body)
	}
	for _, word := range words {
		if absent, ok := strings.CutPrefix(word, "!"); ok {
			if strings.Contains(w.Body.String(), absent) {
				s.t.Errorf("the page has %q", absent)
			}
		} else if !strings.Contains(w.Body.String(), word) {
			s.t.Errorf("the page lacks %q", word)
		}
	}
}

func TestWhoMayOpenWhat(t *testing.T) {
	s := newSite(t)
	held := s.submit(s.draft("a", "Fenwick Street"))
	for _, c := range []struct {
		path string
		post bool
		may  string // of n(obody) a(ma) l(eonor) b(erta) r(oot: noa)
	}{
		{"/review", false, "alb"},
		{"/review/" + held.Submission, false, "alb"},
		{"/ledger", false, "albr"},
		{"/ledger/verify", true, "albr"},
		{"/ledger/export", true, "br"},
		{"/gate/rules", false, "albrc"},
	} {
		for letter, who := range map[string]*identity.Principal{"n": nil, "a": s.ama, "l": s.leonor, "b": s.berta, "r": s.noa,
			"c": identity.NewPrincipal("Dr Quenby", identity.Clinician)} {
			var form url.Values
			if c.post {
				form = url.Values{}
			}
			w := s.do(who, c.path, form)
			want := http.StatusForbidden
			switch {
			case strings.Contains(c.may, letter):
				want = http.StatusOK
			case who == nil && c.post:
				want = http.StatusUnauthorized
			case who == nil:
				want = http.StatusSeeOther
			}
			if w.Code != want {
				t.Errorf("%s as %s: %d, want %d", c.path, letter, w.Code, want)
			}
		}
	}
}

func TestReviewInTheBrowser(t *testing.T) {
	s := newSite(t)
	s.expect(s.do(s.leonor, "/review", nil), 200, "Nothing waits for you")
	draft := s.draft("a", "A walk to Fenwick Street <script>")
	held := s.submit(draft)
	path := "/review/" + held.Submission
	s.expect(s.do(s.leonor, "/review", nil), 200, "1 text waits for you", `href="`+path+`"`, "Due in 4 h", "Choose a text")
	s.expect(s.do(s.ama, "/review", nil), 200, "Nothing waits for you", "1 more is yours", "!"+path)
	s.expect(s.do(s.leonor, path, nil), 200, `<mark class="f f-hold">Fenwick Street`, "A small place.", "our town", "&lt;script&gt;", "!<script>",
		`value="approve"`, `value="escalate"`, `name="wording:body"`, `name="revision" value="1"`)
	s.expect(s.do(s.ama, path, nil), 200, "This text is yours", `!value="approve"`, `!value="claim"`)
	s.expect(s.do(s.leonor, "/review/nonsense", nil), 404)

	claim := s.do(s.leonor, path, url.Values{"act": {"claim"}, "revision": {"1"}})
	if s.expect(claim, 303); claim.Header().Get("Location") != path {
		t.Errorf("to %s", claim.Header().Get("Location"))
	}
	s.expect(s.do(s.iker, path, nil), 200, "Leonor Vask is on it until 10:30", `!value="approve"`)
	s.expect(s.do(s.iker, "/review", nil), 200, "Leonor Vask is on it")
	s.expect(s.do(s.leonor, path, nil), 200, "You are on it until 10:30", `name="revision" value="2"`)

	// A reason is missing; then somebody else's page is old. What was typed stays.
	s.expect(s.do(s.leonor, path, url.Values{"act": {"reject"}, "revision": {"2"}, "wording:body": {"my wording"}}), 400, "Say why.", "my wording")
	s.expect(s.do(s.leonor, path, url.Values{"revision": {"2"}, "comment": {"kept words"}}), 400, "Choose what should happen", "kept words")
	s.expect(s.do(s.leonor, path, url.Values{"act": {"reject"}, "revision": {"1"}, "comment": {"kept words"}}), 409, "It changed in the meantime", "kept words")
	s.expect(s.do(s.ama, path, url.Values{"act": {"approve"}, "revision": {"2"}}), 403, "This text is yours")
	s.expect(s.do(s.leonor, path, url.Values{"act": {"approve"}, "revision": {"x"}}), 400)
	s.expect(s.do(s.noa, path, url.Values{"act": {"approve"}, "revision": {"2"}}), 403)

	w := s.do(s.leonor, path, url.Values{"do": {"check"}, "revision": {"2"}, "comment": {"kept words"}, "wording:body": {"A walk to our town"}})
	s.expect(w, 200, "The gate finds nothing in this wording.", "A walk to our town", "kept words")
	w = s.do(s.leonor, path, url.Values{"do": {"check"}, "revision": {"2"}, "wording:body": {"Still Fenwick Street"}})
	s.expect(w, 200, "The gate still finds 1 thing", "Still Fenwick Street")

	w = s.do(s.leonor, path, url.Values{"act": {"send_back"}, "revision": {"2"}, "comment": {"The street, please."}, "wording:body": {"A walk to our town"}})
	if s.expect(w, 303); w.Header().Get("Location") != "/review?done=send_back" {
		t.Errorf("to %s", w.Header().Get("Location"))
	}
	s.expect(s.do(s.leonor, "/review?done=send_back", nil), 200, "Sent back. Its author has your comment.")
	s.expect(s.do(s.leonor, path, nil), 200, "There is nothing left to decide here.", "The street, please.")
	out, err := s.g.Status(context.Background(), "a", draft.Hash())
	if err != nil || out.State != gate.Returned || len(out.Suggestion) != 1 || out.Suggestion[0].Text != "A walk to our town" {
		t.Errorf("%+v, %v", out, err)
	}

	next := s.submit(draft.With(out.Suggestion))
	s.expect(s.do(s.iker, "/review/"+next.Submission, nil), 200, "version 2", "What changed since version 1", "Fenwick Street", "<ins>", "<del>",
		"The gate found nothing in this version.")
	w = s.do(s.iker, "/review/"+next.Submission, url.Values{"act": {"approve"}, "revision": {"1"}})
	s.expect(w, 303)
	if _, err := s.g.Clearance(context.Background(), "a", draft.With(out.Suggestion).Hash()); err != nil {
		t.Error(err)
	}
}

func TestEscalatedIsForTheOfficer(t *testing.T) {
	s := newSite(t)
	path := "/review/" + s.submit(s.draft("a", "Fenwick Street")).Submission
	s.expect(s.do(s.leonor, path, url.Values{"act": {"escalate"}, "revision": {"1"}, "comment": {"Is it enough?"}}), 303)
	s.expect(s.do(s.iker, "/review", nil), 200, "Nothing waits for you")
	s.expect(s.do(s.iker, path, nil), 200, "Only the privacy officer can decide", `!value="approve"`)
	s.expect(s.do(s.berta, path, nil), 200, "For the privacy officer", "Is it enough?", `value="approve"`, `!value="escalate"`)
}

func TestLedgerInTheBrowser(t *testing.T) {
	s := newSite(t)
	s.expect(s.do(s.noa, "/ledger", nil), 200, "No entries")
	path := "/review/" + s.submit(s.draft("a", "Fenwick Street")).Submission
	s.do(s.leonor, path, nil)
	s.do(s.leonor, path, url.Values{"act": {"approve"}, "revision": {"1"}})
	s.expect(s.do(s.berta, "/ledger", nil), 200, "The gate held it", "Leonor Vask", "Ama Oseland", "test@1/place", path, "/ledger/export")
	s.expect(s.do(s.noa, "/ledger", nil), 200, "Leonor Vask", "!"+path) // who reviews nothing gets no link to the text
	s.expect(s.do(s.leonor, "/ledger?act="+ledger.Looked, nil), 200, "1", "!The gate held it", "!/ledger/export")
	s.expect(s.do(s.noa, "/ledger?act=%3Cb%3E&after=broken", nil), 400)
	s.expect(s.do(s.noa, "/ledger/verify", url.Values{}), 200, "The chain holds: 3 entries")

	w := s.do(s.noa, "/ledger/export", url.Values{})
	s.expect(w, 200, `"act":"approved"`, `"manifest":"mitral audit 1, gate"`, `"entries":5`, "!Heart month", "!Fenwick")
	if d := w.Header().Get("Content-Disposition"); d != `attachment; filename="ledger-2026-03-02.jsonl"` {
		t.Error(d)
	}
	err := s.store.Write(context.Background(), func(tx db.Tx) error {
		_, err := tx.Exec(context.Background(), `DELETE FROM gate_audit WHERE seq = 2`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.expect(s.do(s.noa, "/ledger/verify", url.Values{}), 200, "The chain is broken at number 2.", "The entry with this number is missing.")
}

func TestListsPage(t *testing.T) {
	s := newSite(t)
	for i := range queueLength + 5 {
		s.submit(s.draft(fmt.Sprint("draft ", i), "Fenwick Street "+fmt.Sprint(i)))
	}
	seen := 0
	next := "/review"
	for range 3 {
		w := s.do(s.leonor, next, nil)
		s.expect(w, 200, fmt.Sprint(queueLength+5, " texts wait for you"))
		seen += strings.Count(w.Body.String(), `class="f-hold"`)
		_, rest, ok := strings.Cut(w.Body.String(), `rel="next" href="`)
		if !ok {
			break
		}
		next, _, _ = strings.Cut(rest, `"`)
	}
	if seen != queueLength+5 {
		t.Errorf("%d of %d seen", seen, queueLength+5)
	}
}

func TestSpanish(t *testing.T) {
	s := newSite(t)
	path := "/review/" + s.submit(s.draft("a", "Fenwick Street")).Submission
	s.lang = "es"
	s.expect(s.do(s.leonor, path, nil), 200, "Te espera 1 texto", "Un lugar pequeño.", "Tu decisión", "Vence en 4 h")
	s.expect(s.do(s.leonor, "/gate/rules", nil), 200, "Un lugar pequeño.", "&lt;b&gt;Fenwick", "Retenido")
	s.expect(s.do(s.leonor, "/ledger", nil), 200, "Enviado a la compuerta", "La compuerta lo retuvo")
}

// The engine fails while wording is tried: the reviewer is told, and keeps what they wrote.
func TestCheckWithoutEngine(t *testing.T) {
	s := newSite(t)
	path := "/review/" + s.submit(s.draft("a", "Fenwick Street")).Submission
	long := strings.Repeat("long ", gate.MaxText/4)
	s.expect(s.do(s.leonor, path, url.Values{"do": {"check"}, "revision": {"1"}, "wording:body": {long}}), 413, "too long for the gate", "long long")
}

func FuzzDecisionForm(f *testing.F) {
	f.Add("act=approve&revision=1&wording:body=x")
	f.Add("revision=-1")
	f.Add("revision=99999999999999999999&act=%00")
	f.Fuzz(func(t *testing.T, s string) {
		form, err := url.ParseQuery(s)
		if err != nil {
			return
		}
		d, err := parseDecision(form)
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
		if err == nil && d.Revision < 0 {
			t.Error(d)
		}
	})
}

// TestChangeTheRules: the forms make a draft, the page shows what it changes, a second person decides.
func TestChangeTheRules(t *testing.T) {
	s := newSite(t)
	s.g.UseRulebook(context.Background(), s.book)
	s.submit(s.draft("a", "Our bluebird opens soon, near Fenwick Street."))
	const page = "/gate/rules/change"
	s.expect(s.do(s.leonor, page, nil), 403)
	s.expect(s.do(s.berta, page, nil), 200, "No rules of your own yet")
	watch := url.Values{"revision": {"0"}, "do": {"watch"}, "name": {"Blue Bird!"}, "words": {"bluebird\r\npájaro azul"}, "severity": {"block"},
		"reason-en": {"Not announced."}, "reason-es": {"Sin anunciar."}, "caught": {"The bluebird sings"}, "passes": {"A blue bird"}}
	bad := url.Values{}
	for k, v := range watch {
		bad[k] = v
	}
	bad.Set("words", " ")
	s.expect(s.do(s.berta, page, bad), 400, "Write the words to watch for", "The bluebird sings") // what was typed stays
	s.expect(s.do(s.berta, page, watch), 303)
	s.expect(s.do(s.berta, page, nil), 200, "Draft of version 1", "would be judged otherwise", "bluebird", "Blocked", "id: blue-bird")
	s.expect(s.do(s.berta, page, watch), 409, "The rules changed while you were reading")
	s.expect(s.do(s.berta, page, url.Values{"revision": {"1"}, "do": {"severity"}, "rule": {"test/place"}, "severity": {"note"}, "why": {"It is a long street."}}), 303)
	s.expect(s.do(s.berta, page, url.Values{"revision": {"2"}, "do": {"severity"}, "rule": {"test/none"}, "severity": {"note"}}), 400, "test/none")
	s.expect(s.do(s.berta, page, url.Values{"revision": {"2"}, "do": {"text"}, "text": {"pack: [<script>"}}), 400, "can&#39;t be read", "&lt;script&gt;")
	s.expect(s.do(s.berta, page, url.Values{"revision": {"2"}, "do": {"propose"}}), 400, "Say in a sentence")
	s.expect(s.do(s.berta, page, url.Values{"revision": {"2"}, "do": {"propose"}, "why": {"A surprise."}}), 303)
	s.expect(s.do(s.berta, page, nil), 200, "Somebody else must put it in force")
	s.expect(s.do(s.berta, page, url.Values{"revision": {"3"}, "do": {"approve"}}), 403)
	s.lang = "es"
	s.expect(s.do(s.noa, page, nil), 200, "A surprise.", "Ponerla en vigor")
	s.expect(s.do(s.noa, page, url.Values{"revision": {"3"}, "do": {"approve"}}), 303)
	s.expect(s.do(s.noa, "/gate/rules", nil), 200, "Sin anunciar.")
	if out := s.submit(s.draft("b", "The bluebird sings.")); out.State != gate.Blocked {
		t.Errorf("in force, and yet %s", out.State)
	}
	if out := s.submit(s.draft("c", "See you at Fenwick Street.")); out.State != gate.Passed {
		t.Errorf("made a note, and yet %s", out.State)
	}
}
