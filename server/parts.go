package server

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/rulebook"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/mail"
)

// open returns the configured store of files.
func (b Blobs) open(data string) (blob.Store, error) {
	if b.Endpoint == "" {
		return blob.Folder(filepath.Join(data, "files"))
	}
	return blob.S3(blob.S3Config{Endpoint: b.Endpoint, Bucket: b.Bucket, Region: b.Region,
		Key: b.AccessKey, Secret: b.SecretKey, Folder: b.Folder})
}

func (m Mail) smtp() mail.SMTPConfig {
	return mail.SMTPConfig{Host: m.Host, Port: m.Port, Security: mail.Security(m.Security), User: m.User, Password: m.Password, From: m.From}
}

func (o OIDC) identity() *identity.OIDCConfig {
	if o.Issuer == "" {
		return nil
	}
	return &identity.OIDCConfig{Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: string(o.ClientSecret),
		Name: o.Name, SecondFactor: o.SecondFactor}
}

// rules loads the built-in rule packs, those of the configured folder and version n of what the
// organisation wrote in the product, and makes the gate's engine of them.
func (c *Config) rules(own string, n int64) (rulebook.Rules, error) {
	folders := []fs.FS{policy.Builtin()}
	if c.Policy.Packs != "" {
		folders = append(folders, os.DirFS(c.Policy.Packs))
	}
	set, err := policy.LoadOwn(own, n, folders...)
	if err != nil {
		return rulebook.Rules{}, err
	}
	engine, err := set.Engine(policy.Org{
		Name: c.Site.Name, Address: c.addresses(), Staff: c.Policy.Staff, Places: c.Policy.Places,
		Phones: append([]string{c.Site.Phone}, c.Policy.Phones...), Emails: []string{c.Site.Email},
	})
	return rulebook.Rules{N: n, Set: set, Engine: engine}, err
}

var weekdays = map[string]time.Weekday{"monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday,
	"thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday, "sunday": time.Sunday}

// hours reads the reviewers' opening hours: "8:00-14:00,16:00-20:00" a day.
func (c *Config) hours() (review.Hours, error) {
	h := review.Hours{Zone: location(c.Site.TimeZone), Closed: map[review.Day]bool{}}
	for name, spans := range c.Review.Hours {
		day, ok := weekdays[strings.ToLower(name)]
		if !ok {
			return h, fmt.Errorf("review.hours: %q is no day of the week", name)
		}
		for span := range strings.SplitSeq(spans, ",") {
			from, to, _ := strings.Cut(strings.TrimSpace(span), "-")
			f, ok1 := minutes(from)
			t, ok2 := minutes(to)
			if !ok1 || !ok2 {
				return h, fmt.Errorf("review.hours.%s: %q; want something like 8:00-20:00", name, span)
			}
			h.Week[day] = append(h.Week[day], review.Span{From: f, To: t})
		}
	}
	for _, date := range c.Review.Closed {
		t, err := time.Parse(time.DateOnly, date)
		if err != nil {
			return h, fmt.Errorf("review.closed: %q; want a date like 2026-12-25", date)
		}
		h.Closed[review.Day{Year: t.Year(), Month: t.Month(), Day: t.Day()}] = true
	}
	return h, h.Check()
}

// minutes reads "8:00" as minutes after midnight; 24:00 is the end of the day.
func minutes(s string) (int, bool) {
	hh, mm, ok := strings.Cut(strings.TrimSpace(s), ":")
	h, err1 := strconv.Atoi(hh)
	m, err2 := strconv.Atoi(mm)
	n := h*60 + m
	return n, ok && err1 == nil && err2 == nil && h >= 0 && m >= 0 && m < 60 && n <= 24*60
}

// addresses are the organisation's own, in each language of the site.
func (c *Config) addresses() []string {
	out := []string{c.Site.Address}
	if c.Site.ES != nil && c.Site.ES.Address != "" {
		out = append(out, c.Site.ES.Address)
	}
	return out
}
