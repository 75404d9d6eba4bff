package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func load(t *testing.T, file string, env ...string) (settings, error) {
	t.Helper()
	s := settings{data: t.TempDir()}
	if file != "" {
		s.file = filepath.Join(t.TempDir(), "mitral.yaml")
		if err := os.WriteFile(s.file, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.load(env)
	return s, err
}

func TestFileThenEnvironmentThenFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mitral.yaml")
	if err := os.WriteFile(file, []byte("listen: a:1\nsite: {name: From the file, langs: [en, es]}\nreview: {post_minutes: 10}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := settings{file: file, listen: "b:2", data: t.TempDir()}
	cfg, err := s.load([]string{"MITRAL_SITE_NAME=From the environment", "MITRAL_SITE_LANGS=es", "MITRAL_LISTEN=c:3", "MITRAL_REVIEW_POST_MINUTES=20", "MITRAL_LOG_JSON=true", "PATH=/x"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Listen != "b:2" || cfg.Site.Name != "From the environment" || !slices.Equal(cfg.Site.Langs, []string{"es"}) || cfg.Review.PostMinutes != 20 || !cfg.Log.JSON {
		t.Errorf("got %+v", cfg)
	}
	if cfg.Review.ReplyMinutes != 15 {
		t.Error("a default was lost")
	}
}

func TestMistakesInTheConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		file, env, want string
	}{
		"a setting that does not exist": {file: "sight: {name: x}", want: `line 1: there is no setting "sight" here`},
		"a word for a number in it":     {file: "review:\n  post_minutes: many", want: `line 2: "many" stands where a whole number is wanted`},
		"a group for a text":            {file: "listen: {a: b}", want: `line 1: a group of settings stands where a text is wanted`},
		"a text for a group":            {file: "site: Orlena", want: `line 1: "Orlena" stands where a group of settings is wanted`},
		"a text for a list":             {file: "trusted_proxies: {a: b}", want: `a group of settings stands where a list is wanted`},
		"not YAML":                      {file: "a: [", want: "mitral.yaml"},
		"a word for a number":           {env: "MITRAL_MAIL_PORT=smtp", want: "MITRAL_MAIL_PORT"},
		"a word for a choice":           {env: "MITRAL_LOG_JSON=perhaps", want: "MITRAL_LOG_JSON"},
		"a wrong value":                 {env: "MITRAL_SITE_TIME_ZONE=Nowhere", want: "site.time_zone"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, c.file, c.env)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
	if _, err := load(t, "# nothing set\n"); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}
