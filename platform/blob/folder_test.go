package blob

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func folder(t *testing.T, dir string) *FolderStore {
	t.Helper()
	s, err := Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestFolderIsPrivateAndClean(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := folder(t, dir)
	put(t, s, "a/b", "x", "text/plain")
	_ = s.Put(t.Context(), "a/c", strings.NewReader("x"), 2, "text/plain")
	var names []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		names = append(names, strings.TrimPrefix(path, dir))
		return nil
	})
	if err != nil || !slices.Equal(names, []string{"", "/a", "/a/b~"}) {
		t.Errorf("%v, %v", names, err)
	}
}

func TestFolderDoesNotFollowLinksOut(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret~")
	if err := os.WriteFile(secret, bytes.Repeat([]byte("s"), 500), 0o600); err != nil {
		t.Fatal(err)
	}
	s := folder(t, dir)
	if err := errors.Join(os.Symlink(outside, filepath.Join(dir, "out")), os.Symlink(secret, filepath.Join(dir, "one~"))); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"out/secret", "one"} {
		if _, _, err := s.Get(t.Context(), key); err == nil {
			t.Errorf("read %s through a link", key)
		}
	}
	if err := s.Put(t.Context(), "out/new", strings.NewReader("x"), 1, "text/plain"); err == nil {
		t.Error("wrote through a link")
	}
	if err := s.Delete(t.Context(), "out/secret"); err == nil {
		t.Error("deleted through a link")
	}
	if _, err := os.Stat(secret); err != nil {
		t.Error(err)
	}
	if err := s.List(t.Context(), func(key string, _ int64) error { return fmt.Errorf("listed %s", key) }); err != nil {
		t.Error(err)
	}
}

func TestFolderSweeps(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{partial + "old": 25 * time.Hour, partial + "new": time.Hour} {
		path := filepath.Join(dir, name)
		when := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, when, when)); err != nil {
			t.Fatal(err)
		}
	}
	folder(t, dir)
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != partial+"new" {
		t.Errorf("left %v, %v", left, err)
	}
}
