package control

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/clinical/internal/spec"
	"github.com/mitral-health/mitral/platform/fault"
)

// Everything there is about a patient, as one file that is made while it is sent: never more of it is held than
// one page of the record or one attachment. Each page is a look of its own, of the patient at their own record, and
// before each it is asked whether they may still be here.

const (
	archivePage = 500 // records in one look, and in one file
	archiveTime = 30 * time.Minute
)

// archive writes the file.
type archive struct {
	*Control
	v     *door.Visit
	zip   *zip.Writer
	names map[string]string // of who is referred to
	parts []part            // of the readable pages
	files int               // of the record
	count map[string]int    // records by type
}

// part is a page of the archive, as its first page lists it.
type part struct {
	Name, Title, Words string
}

// pack writes everything to w.
func (c *Control) pack(v *door.Visit, w io.Writer) error {
	a := &archive{Control: c, v: v, zip: zip.NewWriter(w), names: map[string]string{}, count: map[string]int{}}
	for _, step := range []func() error{a.record, a.readings, a.messages, a.plan, a.looks, a.attachments, a.index} {
		if err := step(); err != nil {
			return err
		}
	}
	return a.zip.Close()
}

// look runs f as the patient, if they may still be here.
func (a *archive) look(f func(t *records.Tx) error) error {
	ok, err := a.v.Still()
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Forbidden, "You have been signed out.")
	}
	return a.Records.Look(a.v.Ctx(), a.v.Ask, f)
}

func (a *archive) create(name string) (io.Writer, error) {
	return a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.Clock.Now()})
}

// types are those of the patient's compartment that a patient may search.
func types() []string {
	me := access.Who{Kind: access.Patient, Patient: "x"}
	return slices.DeleteFunc(slices.Clone(spec.R4().Resources()), func(t string) bool {
		return t != "Patient" && spec.R4().Compartment(t) == nil || !access.Decide(me, access.PatientRequest, access.Search, t).Allow
	})
}

// pages calls take with each page of what a search finds, nil after the last.
func (a *archive) pages(typ string, params url.Values, take func(t *records.Tx, list []records.Record) error) error {
	params.Set("_count", strconv.Itoa(archivePage))
	for cursor := ""; ; {
		var list []records.Record
		err := a.look(func(t *records.Tx) error {
			list = nil
			if cursor != "" {
				params.Set("_cursor", cursor)
			}
			q, err := search.Parse(typ, params, search.Asked{Strict: true, Patient: a.v.Patient, Base: a.Base, Now: t.Now()})
			if err != nil {
				return err
			}
			page, err := t.Search(a.v.Ctx(), q)
			if err != nil {
				return err
			}
			list, cursor = page.Records, page.Next
			return a.refer(a.v.Ctx(), t, list)
		})
		if err == nil {
			err = take(nil, list)
		}
		if err != nil || cursor == "" {
			return err
		}
	}
}

// record writes the record itself: FHIR Bundles.
func (a *archive) record() error {
	return a.pages("", url.Values{"_type": {strings.Join(types(), ",")}}, func(_ *records.Tx, list []records.Record) error {
		a.files++
		w, err := a.create(fmt.Sprintf("record/%04d.json", a.files))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, `{"resourceType":"Bundle","type":"collection","timestamp":"%s"`, a.Clock.Now().UTC().Format(time.RFC3339)); err != nil {
			return err
		}
		for i := range list {
			sep := ","
			if i == 0 {
				sep = `,"entry":[`
			}
			r := &list[i]
			a.count[r.Type]++
			if _, err := fmt.Fprintf(w, "%s\n{\"fullUrl\":%q,\"resource\":%s}", sep, a.Base+"/"+r.Type+"/"+r.ID, r.Body); err != nil {
				return err
			}
		}
		end := "}\n"
		if len(list) > 0 {
			end = "\n]}\n"
		}
		_, err = io.WriteString(w, end)
		return err
	})
}

// refer learns the names of whom records say that they wrote them.
func (a *archive) refer(ctx context.Context, t *records.Tx, list []records.Record) error {
	for i := range list {
		if list[i].Type != "Observation" {
			continue
		}
		n, err := resource.Parse(list[i].Body)
		if err != nil {
			return err
		}
		for _, p := range n.Get("performer").Each() {
			ref := p.Get("reference").Str()
			typ, id, _ := strings.Cut(ref, "/")
			if _, known := a.names[ref]; known || typ != "RelatedPerson" && typ != "Practitioner" {
				continue
			}
			a.names[ref] = ""
			if r, err := t.Read(ctx, typ, id); err == nil {
				if who, err := resource.Parse(r.Body); err == nil {
					a.names[ref] = people.Called(who)
				}
			}
		}
	}
	return nil
}

// each calls f with each resource of a type.
func (a *archive) each(typ string, params url.Values, f func(n *resource.Node, r *records.Record) error) error {
	return a.pages(typ, params, func(_ *records.Tx, list []records.Record) error {
		for i := range list {
			n, err := resource.Parse(list[i].Body)
			if err == nil {
				err = f(n, &list[i])
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
