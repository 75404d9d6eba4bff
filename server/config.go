package server

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/mitral-health/mitral/platform/logs"
	"github.com/mitral-health/mitral/ui"
)

// Config is everything an administrator decides. It is read once, in cmd/mitral, checked once by
// Check, and passed on as values.
type Config struct {
	Listen string `yaml:"listen"` // host:port; port 0 picks a free one
	URL    string `yaml:"url"`    // what people type: https://orlena.example; "" follows Listen
	Data   string `yaml:"data"`   // folder for databases, files and the key

	Site           Site        `yaml:"site"`
	Databases      Databases   `yaml:"databases"`
	Blobs          Blobs       `yaml:"blobs"`
	Mail           Mail        `yaml:"mail"`
	OIDC           OIDC        `yaml:"oidc"`
	Review         Review      `yaml:"review"`
	Policy         Policy      `yaml:"policy"`
	FHIR           FHIR        `yaml:"fhir"`
	Log            Log         `yaml:"log"`
	MetricsToken   logs.Secret `yaml:"metrics_token"`   // "" lets only this machine read /metrics
	TrustedProxies []string    `yaml:"trusted_proxies"` // CIDR ranges whose X-Forwarded-For is believed
	Key            logs.Secret `yaml:"key"`             // 32 bytes in base64; "" keeps one in Data

	Demo    bool   `yaml:"-"`
	Program string `yaml:"-"` // its version
}

// Site is what the pages say about the organisation.
type Site struct {
	Name      string   `yaml:"name"`
	Tagline   string   `yaml:"tagline"`
	Lead      string   `yaml:"lead"`
	Address   string   `yaml:"address"`
	Phone     string   `yaml:"phone"`
	Hours     string   `yaml:"hours"`
	Email     string   `yaml:"email"`
	Emergency string   `yaml:"emergency"` // the number to call when somebody is very unwell: 112
	Crisis    string   `yaml:"crisis"`    // the number of a line for people in despair: 024, 988
	TimeZone  string   `yaml:"time_zone"`
	Langs     []string `yaml:"langs"`
	ES        *SiteES  `yaml:"es"`
}

// SiteES is the same in Spanish, where it differs.
type SiteES struct {
	Name    string `yaml:"name"`
	Tagline string `yaml:"tagline"`
	Lead    string `yaml:"lead"`
	Address string `yaml:"address"`
	Hours   string `yaml:"hours"`
}

// Databases are the four stores: postgres:// URLs, each with a role of its own. An empty one is a
// SQLite file in Data; some of one kind and some of the other is refused.
type Databases struct {
	Identity logs.Secret `yaml:"identity"`
	Social   logs.Secret `yaml:"social"`
	Clinical logs.Secret `yaml:"clinical"`
	Gate     logs.Secret `yaml:"gate"`
}

// Blobs is where images are kept: the folder Data/files, or an S3 store.
type Blobs struct {
	Endpoint  string      `yaml:"endpoint"` // https://s3.example.org; "" is the folder
	Bucket    string      `yaml:"bucket"`
	Region    string      `yaml:"region"`
	AccessKey string      `yaml:"access_key"`
	SecretKey logs.Secret `yaml:"secret_key"`
	Folder    string      `yaml:"folder"` // what keys start with inside the bucket
}

// Mail is how letters leave: an SMTP server.
type Mail struct {
	Host     string      `yaml:"host"` // "" keeps letters in Data/mail
	Port     int         `yaml:"port"` // 0 is the usual one
	User     string      `yaml:"user"`
	Password logs.Secret `yaml:"password"`
	From     string      `yaml:"from"`
	Security string      `yaml:"security"` // "" is STARTTLS; tls from the first byte; none, to this machine only
}

// OIDC lets staff sign in with the organisation's own account.
type OIDC struct {
	Issuer       string      `yaml:"issuer"` // "" switches it off
	ClientID     string      `yaml:"client_id"`
	ClientSecret logs.Secret `yaml:"client_secret"`
	Name         string      `yaml:"name"`          // what the button says
	SecondFactor bool        `yaml:"second_factor"` // the provider asks for one itself, so Mitral doesn't
}

// Review is how held texts are decided.
type Review struct {
	Hours          map[string]string `yaml:"hours"`           // monday: "8:00-20:00"
	Closed         []string          `yaml:"closed"`          // dates, 2026-12-25
	PostMinutes    int               `yaml:"post_minutes"`    // opening minutes to decide a post: 240
	ReplyMinutes   int               `yaml:"reply_minutes"`   // and a reply: 15
	MessageMinutes int               `yaml:"message_minutes"` // within which a patient's message is answered: 480
	SampleOneIn    int               `yaml:"sample_one_in"`   // of the texts that passed untouched, one in this many: 50
}

// Policy is which rule packs the gate uses.
type Policy struct {
	Packs  string   `yaml:"packs"`  // folder of the organisation's own packs, "" for none
	Staff  []string `yaml:"staff"`  // names that may stand in public
	Phones []string `yaml:"phones"` // the organisation's own numbers
	Places []string `yaml:"places"` // places whose name alone tells nothing
}

// FHIR is the interface for other systems.
type FHIR struct {
	PerSecond int `yaml:"per_second"` // requests from one address: 2000
}

// Log is what is written to standard error.
type Log struct {
	Level string `yaml:"level"` // debug, info (default), warn, error
	JSON  bool   `yaml:"json"`
}

// Defaults returns a configuration that works on one machine without any setting.
func Defaults() Config {
	return Config{
		Listen: "127.0.0.1:8080",
		Data:   "data",
		Site:   Site{Name: "Mitral", TimeZone: "UTC", Langs: []string{"en", "es"}},
		Review: Review{
			Hours: map[string]string{"monday": "8:00-20:00", "tuesday": "8:00-20:00", "wednesday": "8:00-20:00",
				"thursday": "8:00-20:00", "friday": "8:00-20:00"},
			PostMinutes: 240, ReplyMinutes: 15, MessageMinutes: 480, SampleOneIn: 50,
		},
		FHIR: FHIR{PerSecond: 2000},
		Log:  Log{Level: "info"},
	}
}

// Check says what is wrong with the configuration, in the words of who wrote it.
func (c *Config) Check() error {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
			say("url: want something like https://orlena.example, without a path")
		}
		c.URL = strings.TrimRight(c.URL, "/")
	}
	if c.Data == "" {
		say("data: name a folder")
	}
	if _, err := time.LoadLocation(c.Site.TimeZone); err != nil {
		say("site.time_zone: %q is no time zone; want something like Europe/Madrid", c.Site.TimeZone)
	}
	for _, l := range c.Site.Langs {
		if l != "en" && l != "es" {
			say("site.langs: %q is not a language of the interface; there are en and es", l)
		}
	}
	if len(c.Site.Langs) == 0 {
		say("site.langs: name at least one of en, es")
	}
	given := 0
	for _, d := range c.Databases.all() {
		if d != "" {
			given++
			if !strings.HasPrefix(string(d), "postgres://") && !strings.HasPrefix(string(d), "postgresql://") {
				say("databases: want postgres:// URLs, or none of them for SQLite")
				break
			}
		}
	}
	if given != 0 && given != 4 {
		say("databases: %d of the four stores have a URL; want all of them (identity, social, clinical, gate) or none", given)
	}
	if given == 4 && c.Key == "" {
		say("key: several copies may run on PostgreSQL and must share it; make one with: openssl rand -base64 32")
	}
	if c.Key != "" {
		if k, err := base64.StdEncoding.DecodeString(string(c.Key)); err != nil || len(k) != 32 {
			say("key: want 32 bytes in base64; make one with: openssl rand -base64 32")
		}
	}
	if c.Review.PostMinutes < 1 || c.Review.ReplyMinutes < 1 || c.Review.MessageMinutes < 1 || c.Review.SampleOneIn < 1 {
		say("review: post_minutes, reply_minutes, message_minutes and sample_one_in must be at least 1")
	}
	if c.FHIR.PerSecond < 1 {
		say("fhir.per_second must be at least 1")
	}
	for _, p := range c.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil {
			say("trusted_proxies: %q is no range; want something like 10.0.0.0/8", p)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the configuration has %d problem(s):\n  %s", len(wrong), strings.Join(wrong, "\n  "))
	}
	return nil
}

func (d Databases) all() []logs.Secret {
	return []logs.Secret{d.Identity, d.Social, d.Clinical, d.Gate}
}

// dsn returns where a store is: its URL, or a file in the data folder.
func (c *Config) dsn(store string, given logs.Secret) string {
	if given != "" {
		return string(given)
	}
	return filepath.Join(c.Data, store+".db")
}

// site returns the page's view of the organisation.
func (c *Config) site(origin string) *ui.Site {
	s := &ui.Site{Name: c.Site.Name, URL: origin, Tagline: c.Site.Tagline, Lead: c.Site.Lead, Address: c.Site.Address,
		Phone: c.Site.Phone, Hours: c.Site.Hours, Email: c.Site.Email, Emergency: c.Site.Emergency, Crisis: c.Site.Crisis, TimeZone: c.Site.TimeZone, Langs: c.Site.Langs, Demo: c.Demo, Mailbox: c.Mail.Host == ""}
	if e := c.Site.ES; e != nil {
		es := *s
		for _, f := range []struct {
			to   *string
			from string
		}{{&es.Name, e.Name}, {&es.Tagline, e.Tagline}, {&es.Lead, e.Lead}, {&es.Address, e.Address}, {&es.Hours, e.Hours}} {
			if f.from != "" {
				*f.to = f.from
			}
		}
		s.ES = &es
	}
	return s
}
