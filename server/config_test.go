package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/logs"
)

func TestDefaultsWork(t *testing.T) {
	c := Defaults()
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.hours(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.rules("", 0); err != nil {
		t.Fatal(err)
	}
}

func TestCheckSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"address with a path", func(c *Config) { c.URL = "https://orlena.example/site" }, "url:"},
		{"address without a scheme", func(c *Config) { c.URL = "orlena.example" }, "url:"},
		{"no folder", func(c *Config) { c.Data = "" }, "data:"},
		{"zone", func(c *Config) { c.Site.TimeZone = "Madrid" }, "site.time_zone"},
		{"language", func(c *Config) { c.Site.Langs = []string{"fr"} }, "site.langs"},
		{"no language", func(c *Config) { c.Site.Langs = nil }, "site.langs"},
		{"half of the stores", func(c *Config) { c.Databases.Gate = "postgres://x/y" }, "1 of the four"},
		{"another database", func(c *Config) { c.Databases = Databases{"mysql://a", "mysql://b", "mysql://c", "mysql://d"} }, "postgres://"},
		{"several copies without a key", func(c *Config) {
			c.Databases = Databases{"postgres://a/a", "postgres://a/a", "postgres://a/a", "postgres://a/a"}
		}, "key:"},
		{"a short key", func(c *Config) { c.Key = "c2hvcnQ=" }, "key:"},
		{"no time to decide", func(c *Config) { c.Review.PostMinutes = 0 }, "review:"},
		{"a proxy that is no range", func(c *Config) { c.TrustedProxies = []string{"10.0.0.1"} }, "trusted_proxies"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Defaults()
			c.change(&cfg)
			err := cfg.Check()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
}

func TestCheckKeepsSecretsToItself(t *testing.T) {
	cfg := Defaults()
	cfg.Key, cfg.Databases.Social = "hunter2-hunter2", "mysql://admin:hunter2@db/x"
	if err := cfg.Check(); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error shows a secret, or there is none: %v", err)
	}
}

func TestHours(t *testing.T) {
	c := Defaults()
	c.Review.Hours = map[string]string{"Monday": "8:00-14:00, 16:30-24:00"}
	c.Review.Closed = []string{"2026-12-25"}
	h, err := c.hours()
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Week[time.Monday]; len(got) != 2 || got[0].From != 480 || got[1].From != 990 || got[1].To != 1440 {
		t.Errorf("Monday is %v", got)
	}
	for name, bad := range map[string]map[string]string{
		"a day that is none": {"funday": "8:00-9:00"}, "no times": {"monday": "all day"},
		"past midnight": {"monday": "20:00-25:00"}, "backwards": {"monday": "14:00-8:00"}, "never": {},
	} {
		c.Review.Hours = bad
		if _, err := c.hours(); err == nil {
			t.Errorf("%s: %v was taken", name, bad)
		}
	}
}

func TestKeyIsMadeOnceAndKeptToOneself(t *testing.T) {
	c := Defaults()
	c.Data = filepath.Join(t.TempDir(), "data")
	first, err := c.key()
	if err != nil || len(first) != 32 {
		t.Fatalf("%d bytes, %v", len(first), err)
	}
	again, err := c.key()
	if err != nil || string(again) != string(first) {
		t.Error("the second start has another key")
	}
	info, err := os.Stat(filepath.Join(c.Data, "key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if string(derive(first, "identity")) == string(derive(first, "sample")) {
		t.Error("two uses share one key")
	}
	if err := os.WriteFile(filepath.Join(c.Data, "key"), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.key(); err == nil {
		t.Error("a damaged key was taken, or replaced")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	c := Defaults()
	c.MetricsToken = logs.Secret("hunter2")
	if b, err := c.MetricsToken.MarshalText(); err != nil || strings.Contains(string(b), "hunter2") {
		t.Errorf("%s, %v", b, err)
	}
}

func TestLinked(t *testing.T) {
	got := linked("Open https://orlena.example/invite/abc, then go on.")
	if len(got) != 3 || !got[1].link || got[1].text != "https://orlena.example/invite/abc," && got[1].text != "https://orlena.example/invite/abc" {
		t.Errorf("%+v", got)
	}
	for _, p := range linked(`javascript:alert(1) <a href="x">`) {
		if p.link {
			t.Errorf("%q became a link", p.text)
		}
	}
}

func TestBuilt(t *testing.T) {
	c := Defaults()
	c.Data = t.TempDir()
	if err := c.Built(); err == nil || !strings.Contains(err.Error(), c.Data) {
		t.Errorf("an empty folder passes for a server: %v", err)
	}
	if err := os.WriteFile(filepath.Join(c.Data, "identity.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Built(); err != nil {
		t.Error(err)
	}
	c.Data, c.Databases.Identity = t.TempDir(), "postgres://x/y"
	if err := c.Built(); err != nil {
		t.Errorf("databases elsewhere: %v", err)
	}
}
