package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
)

// each runs the same test over both stores.
func each(t *testing.T, f func(t *testing.T, s Store)) {
	t.Run("folder", func(t *testing.T) { f(t, folder(t, t.TempDir())) })
	t.Run("s3", func(t *testing.T) { f(t, bucket(t, (*httptest.Server).StartTLS, "media")) })
	t.Run("s3 without tls", func(t *testing.T) { f(t, bucket(t, (*httptest.Server).Start, "")) })
}

func put(t *testing.T, s Store, key, content, contentType string) {
	t.Helper()
	if err := s.Put(t.Context(), key, strings.NewReader(content), int64(len(content)), contentType); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

func get(t *testing.T, s Store, key string) (string, Info) {
	t.Helper()
	f, info, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("get %s: %v", key, err)
	}
	b, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return string(b), info
}

func TestStoreKeepsFiles(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		put(t, s, "posts/a/480.jpg", "first", "image/jpeg")
		put(t, s, "posts/a", "a file where a folder is", "text/plain; charset=utf-8")
		put(t, s, "empty", "", "image/png")
		put(t, s, "posts/a/480.jpg", "the second", "image/png")
		for _, c := range []struct{ key, content, contentType string }{
			{"posts/a/480.jpg", "the second", "image/png"},
			{"posts/a", "a file where a folder is", "text/plain; charset=utf-8"},
			{"empty", "", "image/png"},
		} {
			content, info := get(t, s, c.key)
			if content != c.content || info.ContentType != c.contentType || info.Size != int64(len(c.content)) {
				t.Errorf("%s: %q %+v", c.key, content, info)
			}
			if age := time.Since(info.Modified); age < -time.Minute || age > time.Minute {
				t.Errorf("%s: modified %v ago", c.key, age)
			}
		}
		seen := map[string]int64{}
		if err := s.List(t.Context(), func(key string, size int64) error { seen[key] = size; return nil }); err != nil {
			t.Fatal(err)
		}
		if want := map[string]int64{"posts/a/480.jpg": 10, "posts/a": 24, "empty": 0}; fmt.Sprint(seen) != fmt.Sprint(want) {
			t.Errorf("listed %v, want %v", seen, want)
		}
	})
}

func TestStoreSeeks(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		put(t, s, "f", "0123456789", "text/plain")
		f, _, err := s.Get(t.Context(), "f")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if end, err := f.Seek(0, io.SeekEnd); err != nil || end != 10 {
			t.Fatalf("end %d, %v", end, err)
		}
		if _, err := f.Seek(4, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 3)
		if _, err := io.ReadFull(f, b); err != nil || string(b) != "456" {
			t.Errorf("read %q, %v", b, err)
		}
	})
}

func TestStoreRefusesWhatIsNotWhole(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		put(t, s, "f", "before", "text/plain")
		boom := errors.New("boom")
		for name, c := range map[string]struct {
			r    io.Reader
			size int64
			want error
		}{
			"shorter":        {strings.NewReader("abc"), 4, errSize},
			"longer":         {strings.NewReader("abcde"), 4, errSize},
			"not empty":      {strings.NewReader("a"), 0, errSize},
			"negative":       {strings.NewReader("a"), -1, errSize},
			"broken":         {io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(boom)), 4, nil},
			"broken after":   {io.MultiReader(strings.NewReader("abcd"), iotest.ErrReader(boom)), 4, nil},
			"byte by byte 5": {iotest.OneByteReader(strings.NewReader("abcde")), 4, errSize},
		} {
			err := s.Put(t.Context(), "f", c.r, c.size, "text/plain")
			if err == nil || c.want != nil && (!errors.Is(err, c.want) || !fault.Is(err, fault.Invalid)) {
				t.Errorf("%s: %v", name, err)
			}
			if content, _ := get(t, s, "f"); content != "before" {
				t.Errorf("%s: now holds %q", name, content)
			}
		}
		if err := s.Put(t.Context(), "g", iotest.DataErrReader(strings.NewReader("abcd")), 4, "text/plain"); err != nil {
			t.Errorf("a reader that ends with its last bytes: %v", err)
		}
	})
}

func TestStoreMissesAndDeletes(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		if _, _, err := s.Get(t.Context(), "no/such"); !fault.Is(err, fault.NotFound) {
			t.Errorf("get: %v", err)
		}
		put(t, s, "f", "x", "text/plain")
		for range 2 {
			if err := s.Delete(t.Context(), "f"); err != nil {
				t.Errorf("delete: %v", err)
			}
		}
		if _, _, err := s.Get(t.Context(), "f"); !fault.Is(err, fault.NotFound) {
			t.Errorf("get deleted: %v", err)
		}
	})
}

func TestStoreRefusesKeysAndTypes(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		for _, key := range []string{"", "/", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".hidden", "a/.b", "A", "a b", "a\x00", "a~", "ä", strings.Repeat("a", 201)} {
			_, _, getErr := s.Get(t.Context(), key)
			for verb, err := range map[string]error{
				"put":    s.Put(t.Context(), key, strings.NewReader("x"), 1, "text/plain"),
				"get":    getErr,
				"delete": s.Delete(t.Context(), key),
			} {
				if !fault.Is(err, fault.Invalid) {
					t.Errorf("%s %q: %v", verb, key, err)
				}
			}
		}
		for _, contentType := range []string{"", "text/plain\nX", "text/ä", strings.Repeat("a", 121)} {
			if err := s.Put(t.Context(), "f", strings.NewReader("x"), 1, contentType); !fault.Is(err, fault.Invalid) {
				t.Errorf("type %q: %v", contentType, err)
			}
		}
	})
}

func TestStoreListStops(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		for i := range 5 {
			put(t, s, fmt.Sprintf("n/%d", i), "x", "text/plain")
		}
		stop, n := errors.New("enough"), 0
		err := s.List(t.Context(), func(string, int64) error {
			if n++; n == 2 {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) || n != 2 {
			t.Errorf("stopped after %d with %v", n, err)
		}
	})
}

func TestStoreEndsWithContext(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		put(t, s, "f", "x", "text/plain")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Put(ctx, "g", strings.NewReader("x"), 1, "text/plain"); !errors.Is(err, context.Canceled) {
			t.Errorf("put: %v", err)
		}
		if _, _, err := s.Get(ctx, "f"); !errors.Is(err, context.Canceled) {
			t.Errorf("get: %v", err)
		}
		if err := s.List(ctx, func(string, int64) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("list: %v", err)
		}
	})
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"a/b.jpg", "../a", "a/./b", "a\\b", "a//b", "~put-x", "con", "a/..", "ſ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if !ValidKey(key) {
			return
		}
		if !filepath.IsLocal(key) || filepath.Clean(key) != key || strings.ToLower(key) != key || strings.Contains(key, "..") && strings.Contains("/"+key+"/", "/../") {
			t.Errorf("accepted %q", key)
		}
	})
}
