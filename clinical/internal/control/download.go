package control

import (
	"context"
	"mime"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// downloadView says what will be in the file.
type downloadView struct {
	Readings, Messages, Files int
}

func (c *Control) downloadPage(v *door.Visit) error {
	var view downloadView
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		if view.Readings, err = c.countOf(v.Ctx(), t, v.Patient, "Observation"); err != nil {
			return err
		}
		if view.Messages, err = c.countOf(v.Ctx(), t, v.Patient, "Communication"); err != nil || c.Talk == nil {
			return err
		}
		files, err := c.Talk.Files(v.Ctx(), t, v.Patient)
		view.Files = len(files)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, downloadTempl(&view))
}

const mostCounted = 200_000

// countOf is how many records of a type there are, or mostCounted if there are more.
func (c *Control) countOf(ctx context.Context, t *records.Tx, patient, typ string) (int, error) {
	q, err := search.Parse(typ, map[string][]string{"_summary": {"count"}}, search.Asked{Strict: true, Patient: patient, Base: c.Base, Now: t.Now()})
	if err != nil {
		return 0, err
	}
	p, err := t.Search(ctx, q)
	if outcome.Of(err) != nil { // more than is worth counting: all of it is in the file
		return mostCounted, nil
	}
	if err != nil || p.Total == nil {
		return 0, err
	}
	return *p.Total, nil
}

// download sends everything. It stands in the trail before the first byte goes out; if something fails
// on the way the connection is cut, so that nobody takes a part for the whole.
func (c *Control) download(v *door.Visit) error {
	err := c.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		if _, err := t.Read(v.Ctx(), "Patient", v.Patient); err != nil {
			return err
		}
		t.Note(access.Operation, "download", "Patient", v.Patient, "")
		return nil
	})
	if err != nil {
		return err
	}
	h := v.W.Header()
	name := strings.ToLower(strings.ReplaceAll(text.T(v.Ctx(), "My record"), " ", "-")) + "-" + c.Clock.Now().In(text.Zone(v.Ctx())).Format("2006-01-02") + ".zip"
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Cache-Control", "no-store")
	return c.pack(v, v.W)
}
