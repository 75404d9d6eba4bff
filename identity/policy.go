package identity

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// builtin is the first version of the policy, until an administrator publishes another.
//
//go:embed policytext/policy.en.md policytext/policy.es.md
var builtin embed.FS

const (
	maxPolicy  = 100_000 // bytes of one language
	maxSummary = 2_000
)

// policy is one version of the acceptable-use policy, in both languages.
type policy struct {
	Version     int
	SummaryEN   string // what changed
	SummaryES   string
	TextEN      string // Markdown
	TextES      string
	PublishedAt time.Time
}

func (p policy) text(lang string) string {
	if lang == "es" {
		return p.TextES
	}
	return p.TextEN
}

func (p policy) summary(lang string) string {
	if lang == "es" {
		return p.SummaryES
	}
	return p.SummaryEN
}

// firstPolicy stores the built-in text as version 1 if there is none. Several copies of the program
// may start at once.
func (i *Identity) firstPolicy(ctx context.Context) error {
	en, err := builtin.ReadFile("policytext/policy.en.md")
	if err != nil {
		return err
	}
	es, err := builtin.ReadFile("policytext/policy.es.md")
	if err != nil {
		return err
	}
	return i.store.Write(ctx, func(tx db.Tx) error {
		version, err := policyVersion(ctx, tx)
		if err != nil || version > 0 {
			return err
		}
		n, err := tx.Exec(ctx, `INSERT INTO policies (version, summary_en, summary_es, text_en, text_es, published_by, published_at)
			VALUES (1, '', '', $1, $2, '', $3) ON CONFLICT (version) DO NOTHING`, string(en), string(es), db.Micros(i.clock.Now()))
		if err != nil || n == 0 {
			return err
		}
		return i.record(ctx, tx, "", "policy published", "1")
	})
}

// policyVersion returns the number of the present version, 0 before the first.
func policyVersion(ctx context.Context, tx db.Tx) (int, error) {
	var v *int
	err := tx.QueryRow(ctx, `SELECT MAX(version) FROM policies`).Scan(&v)
	if err != nil || v == nil {
		return 0, err
	}
	return *v, nil
}

func (i *Identity) presentPolicy(ctx context.Context) (p policy, err error) {
	err = i.store.Read(ctx, func(tx db.Tx) error {
		var at int64
		err := tx.QueryRow(ctx, `SELECT version, summary_en, summary_es, text_en, text_es, published_at FROM policies ORDER BY version DESC LIMIT 1`).
			Scan(&p.Version, &p.SummaryEN, &p.SummaryES, &p.TextEN, &p.TextES, &at)
		p.PublishedAt = db.FromMicros(at)
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return p, fault.New(fault.NotFound, "There is no acceptable-use policy yet.")
	}
	return p, err
}

// publishPolicy makes p the version after base. Everybody is asked to accept it before they post
// again. Somebody else's version in between is fault.Conflict.
func (i *Identity) publishPolicy(ctx context.Context, actor string, base int, p policy) error {
	for _, s := range []*string{&p.TextEN, &p.TextES, &p.SummaryEN, &p.SummaryES} {
		*s = strings.TrimSpace(*s)
	}
	if p.TextEN == "" || p.TextES == "" {
		return fault.New(fault.Invalid, "Write the policy in both languages.")
	}
	if p.SummaryEN == "" || p.SummaryES == "" {
		return fault.New(fault.Invalid, "Say in both languages what has changed: everybody will read it.")
	}
	if len(p.TextEN) > maxPolicy || len(p.TextES) > maxPolicy || len(p.SummaryEN) > maxSummary || len(p.SummaryES) > maxSummary {
		return fault.New(fault.TooLarge, "This is too long. The policy may have %d characters, the summary %d.", maxPolicy, maxSummary)
	}
	return i.store.Write(ctx, func(tx db.Tx) error {
		version, err := policyVersion(ctx, tx)
		if err != nil {
			return err
		}
		if version != base {
			return fault.New(fault.Conflict, "Version %d was published meanwhile. Look at it before you publish yours.", version)
		}
		_, err = tx.Exec(ctx, `INSERT INTO policies (version, summary_en, summary_es, text_en, text_es, published_by, published_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			base+1, p.SummaryEN, p.SummaryES, p.TextEN, p.TextES, actor, db.Micros(i.clock.Now()))
		if err != nil {
			return err
		}
		return i.record(ctx, tx, actor, "policy published", strconv.Itoa(base+1))
	})
}

// acceptPolicy records that the person accepted a version, if that is still the present one.
func (i *Identity) acceptPolicy(ctx context.Context, who *account, version int) error {
	return i.store.Write(ctx, func(tx db.Tx) error {
		present, err := policyVersion(ctx, tx)
		if err != nil {
			return err
		}
		if version != present {
			return fault.New(fault.Conflict, "A newer version was published meanwhile. Please read that one.")
		}
		n, err := tx.Exec(ctx, `INSERT INTO acceptances (account, version, at) VALUES ($1, $2, $3) ON CONFLICT (account, version) DO NOTHING`,
			who.ID, version, db.Micros(i.clock.Now()))
		if err != nil || n == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE accounts SET accepted = $1 WHERE id = $2`, version, who.ID); err != nil {
			return err
		}
		return i.record(ctx, tx, who.ID.String(), "policy accepted", strconv.Itoa(version))
	})
}

// policyHTML renders the policy's Markdown. Raw HTML in it is left out, and what remains is
// sanitised again: an administrator's account must not be able to script a colleague's browser.
func policyHTML(markdown string) string {
	var b bytes.Buffer
	if err := goldmark.Convert([]byte(markdown), &b); err != nil {
		return ""
	}
	return bluemonday.UGCPolicy().Sanitize(b.String())
}
