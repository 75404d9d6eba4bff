package care

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/bring"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// addView is the form of one measure.
type addView struct {
	*vitals.Definition
	Now     time.Time
	Unit    *vitals.Unit
	Typed   []string
	At      string // as the browser writes a local time; "" is now
	Note    string
	Key     string
	Problem *vitals.Problem  // why it is refused
	Ask     []vitals.Problem // what is asked before it counts
	Last    *vitals.Reading  // the newest weight, if the phone needs it to ask by
}

func (c *Care) form(v *door.Visit) (*addView, error) {
	m := vitals.Measure(v.R.PathValue("measure"))
	if !slices.Contains(show.Offered, m) {
		return nil, fault.New(fault.NotFound, "There is no such page.")
	}
	d := vitals.Of(m)
	return &addView{Definition: d, Now: c.Clock.Now(), Unit: d.Canonical(), Typed: make([]string, len(d.Parts)), Key: newKey()}, nil
}

func newKey() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// newestReach is how far back a reading is looked for that a new one is held against.
const newestReach = 180 * 24 * time.Hour

// newest is the newest reading of a measure, nil if there is none.
func (c *Care) newest(v *door.Visit, t *records.Tx, m vitals.Measure) (*taken, error) {
	list, err := c.readings(v.Ctx(), t, []string{v.Patient}, []vitals.Measure{m}, c.Clock.Now().Add(-newestReach), 5)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func (c *Care) addPage(v *door.Visit) error {
	view, err := c.form(v)
	if err != nil {
		return err
	}
	if len(show.HomeUnits(view.Definition)) > 1 { // the unit that the person used last
		err = c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
			last, err := c.newest(v, t, view.Measure)
			if last != nil && last.Unit != "" {
				view.Unit = view.Definition.Unit(last.Unit)
			}
			if last != nil {
				view.Last = bring.Recent(&last.Reading, view.Now)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return web.Render(v.W, v.R, addForm(view))
}

// read takes over what was typed.
func (view *addView) read(form url.Values, zone *time.Location) (e vitals.Entry) {
	for i := range view.Typed {
		view.Typed[i] = strings.TrimSpace(form.Get("n" + strconv.Itoa(i)))
	}
	code := form.Get("unit")
	if len(show.HomeUnits(view.Definition)) == 1 && code == "" {
		code = view.Unit.Code
	}
	if part, rest, ok := strings.Cut(form.Get("take"), "|"); ok { // a button of what may have been meant
		if meant, in, ok := strings.Cut(rest, "|"); ok {
			if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(view.Typed) {
				view.Typed[i], code = meant, in
			}
		}
	}
	if u := view.Definition.Unit(code); u != nil {
		view.Unit = u
	}
	view.At, view.Note, view.Key = form.Get("at"), strings.TrimSpace(form.Get("note")), form.Get("key")
	e = vitals.Entry{Measure: view.Measure, Typed: view.Typed, Unit: code, Received: view.Now, Note: view.Note, Key: view.Key,
		Sure: form.Get("sure") == view.asked()}
	e.At = view.Now.In(zone)
	if view.At != "" {
		e.At, _ = time.ParseInLocation("2006-01-02T15:04", view.At, zone) // what can't be read is no time, and refused
	}
	return e
}

// asked is what a person says yes to: these numbers and no others.
func (view *addView) asked() string { return strings.Join(view.Typed, " ") + " " + view.Unit.Code }

// add stores a reading. The key says which: sent again, in whatever way, it is the same one.
func (c *Care) add(v *door.Visit) error {
	view, err := c.form(v)
	if err != nil {
		return err
	}
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	e := view.read(form, text.Zone(v.Ctx()))
	e.Patient, e.Author = v.Patient, v.Ref
	var refused *vitals.Problem
	err = c.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		refused, view.Ask = nil, nil
		last, err := c.newest(v, t, view.Measure)
		if err != nil {
			return err
		}
		var before *vitals.Reading
		if last != nil {
			before = &last.Reading
		}
		_, ask, wrong := vitals.Read(e, before)
		if p, ok := wrong.(*vitals.Problem); ok {
			refused = p
			return nil
		}
		same, err := t.Query("Observation", "patient", "Patient/"+v.Patient, "identifier", vitals.KeySystem+"|"+e.Key)
		if err != nil {
			return err
		}
		found, err := t.Match(v.Ctx(), same)
		if err != nil || len(found) > 0 {
			return err
		}
		if view.Ask = ask; len(ask) > 0 {
			return nil
		}
		n, _, err := vitals.Observe(e)
		if err == nil {
			_, err = t.Create(v.Ctx(), &n)
		}
		return err
	})
	if err != nil {
		return err
	}
	if view.Problem = refused; refused != nil || len(view.Ask) > 0 {
		if refused != nil && refused.Code == vitals.BadKey {
			view.Key = newKey()
		}
		return web.RenderStatus(v.W, v.R, http.StatusUnprocessableEntity, addForm(view))
	}
	return web.Redirect(v.W, v.R, v.Path("?sent=")+url.QueryEscape(string(view.Measure)))
}
