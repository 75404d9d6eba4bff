// Package social_test measures what a reader costs: pages and feeds of the public chamber through the
// whole handler on a real SQLite file, and the same page among 10⁴ and 10⁶ posts.
//
//	go test -run '^$' -bench . -benchtime 2s ./bench/social
//
// "cpu-µs/op" is what the process spent, garbage collection and the driver of the requests included. "Kept" is
// a page that was made before and is still true; "Made" is one that is made afresh, as after every
// publication; "First" is one of whose posts nothing is at hand either, as after a change of a profile;
// "gzip" is compressed for the reader, as every browser asks for, and what is made afresh always is.
package social_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social"
	"github.com/mitral-health/mitral/ui"
)

// calm is an engine that finds nothing: these benchmarks are about readers.
type calm struct{}

func (calm) Scan(string, scan.Context) []scan.Finding { return nil }

// world is a public chamber with n posts behind the chain of a real server.
type world struct {
	b         *testing.B
	store     *db.DB
	gateStore *db.DB
	social    *social.Social
	gate      *gate.Gate
	handler   http.Handler
}

const profileCount, topicCount = 40, 12

func newWorld(b *testing.B, n int) *world { return newWorldWith(b, n, calm{}, "none") }

func newWorldWith(b *testing.B, n int, engine gate.Engine, version string) *world {
	b.Helper()
	w := &world{b: b, store: dbtest.SQLite(b, "social", social.Migrations())}
	files, err := blob.Folder(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	site := &ui.Site{Name: "Orlena Health Centre", URL: "https://orlena.example", Tagline: "Good health is easier with neighbours",
		Lead: "Plain answers, local news and people who understand.", Phone: "555 010 020", Hours: "Monday to Friday, 8:00 to 20:00",
		TimeZone: "Europe/Madrid", Langs: []string{"en", "es"}}
	log := slog.New(slog.DiscardHandler)
	w.gateStore = dbtest.SQLite(b, "gate", gate.Migrations())
	g, err := gate.New(gate.Deps{Store: w.gateStore, Clock: clock.System{}, Engine: engine,
		PackVersion: version, Log: log, Hours: review.Always(time.UTC)})
	if err != nil {
		b.Fatal(err)
	}
	s, err := social.New(social.Deps{Store: w.store, Clock: clock.System{}, Gate: g, Blobs: files, Site: site, Log: log})
	if err != nil {
		b.Fatal(err)
	}
	w.social, w.gate = s, g
	w.people(s)
	w.fill(n)
	setting := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			set := &ui.Setting{Site: site, Lang: "en", Path: r.URL.RequestURI(), Origin: site.URL}
			next.ServeHTTP(rw, r.WithContext(ui.With(r.Context(), set)))
		})
	}
	w.handler = web.New(web.Config{Log: log, Wrap: []func(http.Handler) http.Handler{setting},
		Limit: web.NewRate(clock.System{}, 1<<30, time.Second, 1<<30)}, s.Routes(), ui.Routes())
	return w
}

// queues opens the queues of both stores. They take jobs and run none: a job here is only the net
// below what has been done already.
func (w *world) queues() {
	for _, part := range []struct {
		store *db.DB
		of    interface {
			RegisterJobs(*jobs.Registry)
			UseQueue(*jobs.Queue)
		}
	}{{w.store, w.social}, {w.gateStore, w.gate}} {
		r := jobs.NewRegistry()
		part.of.RegisterJobs(r)
		q, err := jobs.Open(context.Background(), part.store, r, slog.New(slog.DiscardHandler))
		if err != nil {
			w.b.Fatal(err)
		}
		part.of.UseQueue(q)
	}
}

func (w *world) people(s *social.Social) {
	ctx := context.Background()
	for i := range profileCount {
		kind := "clinician"
		if i == 0 {
			kind = "organisation"
		}
		err := s.SaveProfile(ctx, social.ProfileSpec{Handle: fmt.Sprint("p", i), Kind: kind, Name: fmt.Sprint("Clinician ", i),
			Title: "Family doctor", Bio: "Writes about hearts.", VerifiedOn: time.Unix(1_790_000_000, 0), Position: i})
		if err != nil {
			w.b.Fatal(err)
		}
	}
	for i := range topicCount {
		if err := s.SaveTopic(ctx, fmt.Sprint("topic-", i), fmt.Sprint("Topic ", i), fmt.Sprint("Tema ", i), i); err != nil {
			w.b.Fatal(err)
		}
	}
}

const (
	words = "Sit for five minutes. Feet flat, arm on the table, cuff level with your heart. Don’t talk. Then take two readings and keep the second one, and write it down with the date."
	image = `[{"src":"/media/0123456789abcdef0123456789abcdef-960.jpg","srcset":"/media/0123456789abcdef0123456789abcdef-480.jpg 480w, /media/0123456789abcdef0123456789abcdef-960.jpg 960w","type":"image/jpeg","w":1600,"h":900,"tone":"213","alt":"An arm on a table with a cuff, level with the heart"}]`
)

// fill writes n posts, one every ten minutes up to now: every fourth an article, every third with a
// picture, two topics each. It writes rows, since nobody publishes a million posts through a gate.
func (w *world) fill(n int) {
	w.b.Helper()
	begin := time.Now().Add(-time.Duration(n) * 10 * time.Minute).UnixMicro()
	err := w.store.Write(context.Background(), func(tx db.Tx) error {
		ctx := context.Background()
		_, err := tx.Exec(ctx, `WITH RECURSIVE k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < $1 - 1)
			INSERT INTO post (id, profile, kind, lang, shown_en, shown_es, published_at, edited_at, withdrawn_at, withdrawn_why,
				minutes, parts, version, stamp, root, head, position, original, title, topics, excerpt, images, card, html, body)
			SELECT printf('019%05x-0000-7000-8000-%012x', i / 4096, i), (SELECT id FROM profile WHERE handle = 'p' || (i % $2)),
				CASE WHEN i % 4 = 0 THEN 'article' ELSE 'note' END, CASE WHEN i % 5 = 0 THEN 'es' ELSE 'en' END, TRUE, TRUE,
				$3 + i * 600000000, 0, 0, '', 1, 1, 1, 1,
				printf('019%05x-0000-7000-8000-%012x', i / 4096, i), printf('019%05x-0000-7000-8000-%012x', i / 4096, i), 0,
				printf('019%05x-0000-7000-8000-%012x', i / 4096, i), 'Measure your blood pressure, part ' || i,
				'topic-' || (i % $4) || ' topic-' || ((i + 5) % $4), $5, CASE WHEN i % 3 = 0 THEN $6 ELSE '' END,
				CASE WHEN i % 4 = 0 THEN '' ELSE '<p>' || $5 || '</p>' END, '<p>' || $5 || '</p>', $5 FROM k`,
			n, profileCount, begin, topicCount, words, image)
		for _, shift := range []int{0, 5} {
			if err == nil {
				_, err = tx.Exec(ctx, `WITH RECURSIVE k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < $1 - 1)
					INSERT INTO post_topic (post, topic, shown_en, shown_es, published_at)
					SELECT printf('019%05x-0000-7000-8000-%012x', i / 4096, i), 'topic-' || ((i + $4) % $3), TRUE, TRUE, $2 + i * 600000000 FROM k`,
					n, begin, topicCount, shift)
			}
		}
		return err
	})
	if err != nil {
		w.b.Fatal(err)
	}
}

// bump makes every page be made afresh, as a publication does or, directory, the change of a profile.
func (w *world) bump(what string) {
	err := w.store.Write(context.Background(), func(tx db.Tx) error {
		_, err := tx.Exec(context.Background(), `UPDATE revision SET `+what+` = `+what+` + 1`)
		return err
	})
	if err != nil {
		w.b.Fatal(err)
	}
}

func (w *world) get(b *testing.B, path string, gzip bool) *httptest.ResponseRecorder {
	b.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if gzip {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		b.Fatalf("%s: %d\n%s", path, rec.Code, rec.Body)
	}
	return rec
}

func spent(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var pages = map[string]string{"home": "/", "profile": "/u/p7", "topic": "/topics/topic-3", "rss": "/news/feed.rss", "atom": "/u/p7/feed.atom", "json": "/news/feed.json"}

// BenchmarkKept serves pages that were made before.
func BenchmarkKept(b *testing.B) {
	w := newWorld(b, 10_000)
	for name, path := range pages {
		for _, zip := range []bool{false, true} {
			b.Run(strings.TrimSuffix(name+map[bool]string{true: "-gzip"}[zip], "-"), func(b *testing.B) {
				first := w.get(b, path, zip)
				b.ReportAllocs()
				b.ResetTimer()
				was := spent(b)
				for b.Loop() {
					w.get(b, path, zip)
				}
				b.ReportMetric(float64((spent(b)-was).Microseconds())/float64(b.N), "cpu-µs/op")
				b.ReportMetric(float64(first.Body.Len()), "bytes")
			})
		}
	}
}

// BenchmarkMade makes every page afresh: query, template, compression.
func BenchmarkMade(b *testing.B) {
	w := newWorld(b, 10_000)
	for name, path := range pages {
		b.Run(name, func(b *testing.B) { w.made(b, path, "posts") })
	}
}

// BenchmarkFirst makes them after a change of the directory, the directory itself included.
func BenchmarkFirst(b *testing.B) {
	w := newWorld(b, 10_000)
	for _, name := range []string{"home", "rss"} {
		b.Run(name, func(b *testing.B) { w.made(b, pages[name], "directory") })
	}
}

// BenchmarkSize makes the same pages among 10⁴ and 10⁵ posts, or as many as MITRAL_BENCH_POSTS says: a
// million take some minutes to write. The ratio should be 1.
func BenchmarkSize(b *testing.B) {
	many := 100_000
	if s := os.Getenv("MITRAL_BENCH_POSTS"); s != "" {
		var err error
		if many, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	const few = 10_000
	worlds := [2]*world{newWorld(b, few), newWorld(b, many)}
	for name, path := range map[string]string{"home": "/", "profile": "/u/p7", "topic": "/topics/topic-3", "deep": ""} {
		b.Run(name, func(b *testing.B) {
			var used [2]time.Duration
			var at [2]string
			for n, w := range worlds {
				if at[n] = path; path == "" {
					at[n] = w.deep(b)
				}
				w.get(b, afresh(at[n]), true)
			}
			for b.Loop() {
				for n, w := range worlds { // in turns, so that what else the machine does is the same for both
					was := spent(b)
					w.get(b, afresh(at[n]), true)
					used[n] += spent(b) - was
				}
			}
			b.ReportMetric(float64(used[0].Microseconds())/float64(b.N), fmt.Sprint(few, "-cpu-µs"))
			b.ReportMetric(float64(used[1].Microseconds())/float64(b.N), fmt.Sprint(many, "-cpu-µs"))
			b.ReportMetric(float64(used[1])/float64(used[0]), "ratio")
		})
	}
}

// BenchmarkPublish takes a note from its author's button to the public: the check by the built-in rules,
// the gate's record and ledger, the post, its version and topics, in three transactions on a real disk.
// The saving of the draft before that is a request of its own: "draft-cpu-µs".
func BenchmarkPublish(b *testing.B) {
	packs, err := policy.Load(policy.Builtin())
	if err != nil {
		b.Fatal(err)
	}
	engine, err := packs.Engine(policy.Org{Name: "Orlena Health Centre", Phones: []string{"555 010 020"}})
	if err != nil {
		b.Fatal(err)
	}
	w := newWorldWith(b, 10_000, engine, packs.Version())
	w.queues()
	who := identity.NewPrincipal("Ama", identity.Communications)
	b.ReportAllocs()
	var draft, both time.Duration
	for i := 0; b.Loop(); i++ {
		spec := social.PostSpec{By: "p0", Lang: "en", Title: "The van comes to the square", KeepDraft: true, Topics: []string{"topic-1"},
			Body: fmt.Sprintf("You gave %d units of blood. Thank you. The next van comes to the square on Thursday.", i)}
		was := spent(b)
		kept, err := w.social.Write(context.Background(), who, spec)
		between := spent(b)
		spec.KeepDraft = false
		got, err2 := w.social.Write(context.Background(), who, spec)
		draft, both = draft+between-was, both+spent(b)-between
		if err != nil || err2 != nil || kept.Post != "" || got.Post == "" {
			b.Fatalf("%+v %v, %+v %v", kept, err, got, err2)
		}
	}
	b.ReportMetric(float64(draft.Microseconds())/float64(b.N), "draft-cpu-µs")
	b.ReportMetric(float64((both-draft).Microseconds())/float64(b.N), "cpu-µs/op")
}

// deep is the address of a page of the news five pages down.
func (w *world) deep(b *testing.B) string {
	path := "/news"
	for range 5 {
		_, rest, ok := strings.Cut(w.get(b, path, false).Body.String(), `rel="next" href="`)
		if !ok {
			b.Fatal("no further page")
		}
		path, _, _ = strings.Cut(rest, `"`)
	}
	return path
}

// afresh is the address of the same page under a query that is never kept.
func afresh(path string) string {
	if strings.Contains(path, "?") {
		return path + "&x=1"
	}
	return path + "?x=1"
}

// made asks for a page under a query that is never kept, so that each is made afresh without the
// cost of a write in between. Feeds are made afresh after a change only, and anything is after one of
// the directory.
func (w *world) made(b *testing.B, path, change string) {
	b.ReportAllocs()
	feed := strings.Contains(path, "feed.")
	if !feed {
		path = afresh(path)
	}
	w.get(b, path, true)
	var used time.Duration
	b.ResetTimer()
	for b.Loop() {
		if feed || change == "directory" {
			w.bump(change)
		}
		was := spent(b)
		w.get(b, path, true)
		used += spent(b) - was
	}
	b.ReportMetric(float64(used.Microseconds())/float64(b.N), "cpu-µs/op")
}
