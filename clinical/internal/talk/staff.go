package talk

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// NoteSystem is the system of the category that a note of the staff has.
const NoteSystem = "urn:mitral:communication"

// assigned says who has a patient's messages.
type assigned struct {
	Practitioner, Name, By string
	At                     time.Time
}

// colleague is somebody of the team.
type colleague struct{ Ref, Name string }

func (k *Talk) assignedTo(ctx context.Context, tx db.Tx, patient string) (*assigned, error) {
	var a assigned
	var at int64
	err := tx.QueryRow(ctx, `SELECT practitioner, name, by_name, at FROM talk_assigned WHERE patient = $1`, patient).Scan(&a.Practitioner, &a.Name, &a.By, &at)
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	a.At = db.FromMicros(at)
	return &a, err
}

// colleagues are everybody of the team, by name.
func (k *Talk) colleagues(ctx context.Context, t *records.Tx) (out []colleague, err error) {
	refs, err := k.People.Staff(ctx, t.Beside())
	if err != nil {
		return nil, err
	}
	named, err := k.names(ctx, t, refs)
	for ref, name := range named {
		out = append(out, colleague{ref, name})
	}
	slices.SortFunc(out, func(a, b colleague) int { return strings.Compare(a.Name, b.Name) })
	return out, err
}

// note keeps what the staff say among themselves about a patient. It has no subject, and a recipient only of the
// staff, so it lies in no patient's compartment: no search, export or history of a patient finds it.
func (k *Talk) note(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	words := strings.TrimSpace(form.Get("note"))
	if words == "" || utf8.RuneCountInString(words) > MaxText {
		view := k.view(v)
		view.NoteText = words
		view.NoteFail = text.T(v.Ctx(), "Write something, at most %d characters.", MaxText)
		return k.show(v, http.StatusUnprocessableEntity, view, "")
	}
	o, m, s := resource.O, resource.M, resource.S
	err = k.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		if _, err := t.Read(v.Ctx(), "Patient", v.Patient); err != nil {
			return err
		}
		if before, err := k.sentBefore(v.Ctx(), t, v.Ref, "note "+(&Message{Patient: v.Patient, Key: form.Get("key"), Text: words}).hash(nil)); err != nil || before != "" {
			return err
		}
		n := o(m("resourceType", s("Communication")), m("status", s("completed")),
			m("category", resource.A(o(m("coding", resource.A(o(m("system", s(NoteSystem)), m("code", s("staff-note"))))), m("text", s("Note between staff"))))),
			m("about", resource.A(o(m("reference", s("Patient/"+v.Patient))))),
			m("sent", s(t.Now().UTC().Format("2006-01-02T15:04:05.000Z"))),
			m("sender", o(m("reference", s(v.Ref)), m("display", s(v.Name)))),
			m("payload", resource.A(o(m("contentString", s(words))))))
		made, err := t.Create(v.Ctx(), &n)
		if err != nil {
			return err
		}
		_, err = index(v.Ctx(), t.Beside(), v.Patient, line{ID: made.ID, At: t.Now(), Side: notes, Author: v.Ref})
		return err
	})
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, k.path(v)+"#write")
}

// settle says that what waits needs no answer.
func (k *Talk) settle(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	err = k.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		if _, err := t.Read(v.Ctx(), "Patient", v.Patient); err != nil {
			return err
		}
		n, err := k.settled(v.Ctx(), t, v.Patient, form.Get("seen"), v.Name)
		if err == nil && n > 0 {
			t.Note(access.Operation, "no-answer-needed", "Communication", form.Get("seen"), "")
		}
		return err
	})
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, k.path(v))
}

// assign gives a patient's messages to a colleague, or to nobody in particular.
func (k *Talk) assign(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	to := form.Get("to")
	err = k.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		if _, err := t.Read(v.Ctx(), "Patient", v.Patient); err != nil {
			return err
		}
		all, err := k.colleagues(v.Ctx(), t)
		if err != nil {
			return err
		}
		if _, err := t.Beside().Exec(v.Ctx(), `DELETE FROM talk_assigned WHERE patient = $1`, v.Patient); err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(c colleague) bool { return c.Ref == to })
		if to != "" && i < 0 {
			return fault.New(fault.Invalid, "Choose somebody from the list.")
		}
		if to != "" {
			_, err = t.Beside().Exec(v.Ctx(), `INSERT INTO talk_assigned (patient, practitioner, name, by_name, at) VALUES ($1, $2, $3, $4, $5)`,
				v.Patient, to, all[i].Name, v.Name, db.Micros(t.Now()))
		}
		if err == nil {
			err = bump(v.Ctx(), t.Beside(), v.Patient, false)
		}
		t.Note(access.Operation, "assign-messages", "Patient", v.Patient, "")
		return err
	})
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, k.path(v))
}

// disposition shows pictures and hands over papers.
func disposition(f File) string {
	kind := "attachment"
	if f.Picture() {
		kind = "inline"
	}
	return mime.FormatMediaType(kind, map[string]string{"filename": f.Title})
}

func itoa(n int) string { return strconv.Itoa(n) }
