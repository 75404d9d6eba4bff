package media

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
)

var start = time.Date(2026, 11, 12, 9, 0, 0, 0, time.UTC)

// flaky is a files' store that can fail.
type flaky struct {
	blob.Store
	puts int // how many still succeed; negative: all
}

func (f *flaky) Put(ctx context.Context, key string, r io.Reader, size int64, kind string) error {
	if f.puts == 0 {
		return errors.New("the disk is full")
	}
	f.puts--
	return f.Store.Put(ctx, key, r, size, kind)
}

func each(t *testing.T, f func(*testing.T, *Store, *flaky, *clock.Manual)) {
	dbtest.Each(t, "social", Migrations(), func(t *testing.T, store *db.DB) {
		folder, err := blob.Folder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		c, files := clock.At(start), &flaky{folder, -1}
		f(t, New(store, files, c), files, c)
	})
}

func (f *flaky) count(t *testing.T) int {
	n := 0
	if err := f.List(t.Context(), func(string, int64) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func (s *Store) mustUse(t *testing.T, user string, public bool, ids ...ID) {
	t.Helper()
	if err := s.store.Write(t.Context(), func(tx db.Tx) error { return s.Use(t.Context(), tx, user, public, ids...) }); err != nil {
		t.Fatal(err)
	}
}

func TestAddTwiceIsOnePicture(t *testing.T) {
	each(t, func(t *testing.T, s *Store, files *flaky, _ *clock.Manual) {
		data := jpg(t, picture(600, 300))
		var wg sync.WaitGroup
		got := make([]Image, 4)
		for n := range got {
			wg.Go(func() {
				i, err := s.Add(context.Background(), bytes.NewReader(data))
				if err != nil {
					t.Error(err)
				}
				got[n] = i
			})
		}
		wg.Wait()
		for _, i := range got {
			if i.ID.IsZero() || i.ID != got[0].ID {
				t.Fatalf("%v and %v", got[0].ID, i.ID)
			}
		}
		if n := files.count(t); n != 2 {
			t.Errorf("%d files, want 2 (480 and 600 wide)", n)
		}
		err := s.store.Read(t.Context(), func(tx db.Tx) error {
			many, err := s.Many(t.Context(), tx, []ID{got[0].ID, {}})
			if len(many) != 1 || many[got[0].ID].SrcSet() != got[0].SrcSet() || !strings.Contains(got[0].SrcSet(), "-480.jpg 480w, ") {
				t.Errorf("Many: %v", many)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestCrashLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, s *Store, files *flaky, c *clock.Manual) {
		data := jpg(t, picture(600, 300))
		files.puts = 1 // the program dies after the first file
		if _, err := s.Add(t.Context(), bytes.NewReader(data)); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("got %v", err)
		}
		if n := files.count(t); n != 1 {
			t.Fatalf("%d files", n)
		}
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := files.count(t); n != 1 {
			t.Fatal("swept while the upload could still be running")
		}
		c.Advance(2 * time.Hour)
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := files.count(t); n != 0 {
			t.Errorf("%d files were left behind", n)
		}
		files.puts = -1
		if _, err := s.Add(t.Context(), bytes.NewReader(data)); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestUnusedIsSwept(t *testing.T) {
	each(t, func(t *testing.T, s *Store, files *flaky, c *clock.Manual) {
		kept, err := s.Add(t.Context(), bytes.NewReader(jpg(t, picture(100, 60))))
		if err != nil {
			t.Fatal(err)
		}
		lost, err := s.Add(t.Context(), bytes.NewReader(jpg(t, picture(60, 100))))
		if err != nil {
			t.Fatal(err)
		}
		s.mustUse(t, "draft:1", false, kept.ID)
		c.Advance(23 * time.Hour)
		if err := s.Sweep(t.Context()); err != nil || files.count(t) != 2 {
			t.Fatalf("%v, %d files", err, files.count(t))
		}
		c.Advance(2 * time.Hour)
		if err := s.Sweep(t.Context()); err != nil || files.count(t) != 1 {
			t.Fatalf("%v, %d files", err, files.count(t))
		}
		err = s.store.Read(t.Context(), func(tx db.Tx) error {
			many, err := s.Many(t.Context(), tx, []ID{kept.ID, lost.ID})
			if _, there := many[kept.ID]; !there || len(many) != 1 {
				t.Errorf("left: %v", many)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestSweepAndUploadAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Store, files *flaky, c *clock.Manual) {
		m, err := process(jpg(t, picture(100, 60)))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.intend(t.Context(), m.Hash, []string{m.files[0].key}); err != nil {
			t.Fatal(err)
		}
		c.Advance(2 * time.Hour) // the upload hangs
		if err := s.condemn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.add(t.Context(), m.Image); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a picture was made of files that are about to go: %v", err)
		}
		if err := s.intend(t.Context(), m.Hash, nil); !fault.Is(err, fault.Unavailable) {
			t.Errorf("an upload began while its files are being removed: %v", err)
		}
	})
}

func TestServe(t *testing.T) {
	each(t, func(t *testing.T, s *Store, _ *flaky, _ *clock.Manual) {
		i, err := s.Add(t.Context(), bytes.NewReader(jpg(t, picture(600, 300))))
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		route := s.Routes()[0]
		mux.HandleFunc(route.Pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := route.Handler(w, r); err != nil {
				w.WriteHeader(map[fault.Kind]int{fault.NotFound: 404}[fault.KindOf(err)])
			}
		})
		ask := func(path, etag string, who *identity.Principal) *httptest.ResponseRecorder {
			r := httptest.NewRequest("GET", path, nil)
			if who != nil {
				r = r.WithContext(identity.With(r.Context(), who))
			}
			r.Header.Set("If-None-Match", etag)
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			return w
		}
		staff := identity.NewPrincipal("Ama", identity.Communications)
		if w := ask(i.URL(480), "", nil); w.Code != 404 {
			t.Fatalf("a reader got a picture that is not public: %d", w.Code)
		}
		if w := ask(i.URL(480), "", staff); w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "private") {
			t.Fatalf("staff: %d %v", w.Code, w.Header())
		}
		s.mustUse(t, "post:1", true, i.ID)
		w := ask(i.URL(500), "", nil)
		if w.Code != 200 || w.Header().Get("Content-Type") != "image/jpeg" || w.Header().Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Fatalf("public: %d %v", w.Code, w.Header())
		}
		if cfg, _, err := image.DecodeConfig(w.Body); err != nil || cfg.Width != 600 {
			t.Fatalf("asked for 500 or wider, got %d, %v", cfg.Width, err)
		}
		if again := ask(i.URL(500), w.Header().Get("ETag"), nil); again.Code != 304 {
			t.Errorf("unchanged: %d", again.Code)
		}
		for _, path := range []string{"/media/..%2f..%2fetc%2fpasswd", "/media/" + i.Hash[:32] + "-481.jpg", "/media/" + i.Hash[:32] + "-480.png",
			"/media/" + strings.Repeat("0", 32) + "-480.jpg", "/media/x"} {
			if w := ask(path, "", staff); w.Code != 404 {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
		s.mustUse(t, "post:1", true)
		if w := ask(i.URL(480), "", nil); w.Code != 404 {
			t.Errorf("withdrawn, yet public: %d", w.Code)
		}
	})
}
