package control

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// lookedView is who looked.
type lookedView struct {
	Days   []lookedDay
	People []string // who can be chosen, as Who names them
	Chosen string   // one of them, everybody, or "": everybody but the patient
	Next   string
}

// lookedDay is one day, with one line for each person.
type lookedDay struct {
	At   time.Time
	List []looks
}

// looks is what one person did on one day.
type looks struct {
	records.LookedAt          // the newest
	Did              []string // each once, changes first
	Times            int
}

// everybody is the choice that shows the patient's own looks, too.
const everybody = "everybody"

const (
	looksPage  = 200 // entries read at once
	looksPages = 10  // and how often, in search of one person
	looksLines = 40  // lines that fill a page
)

func (c *Control) looked(v *door.Visit) error {
	q, err := web.Query(v.R)
	if err != nil {
		return err
	}
	view := lookedView{}
	err = c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		view = lookedView{Chosen: q.Get("who"), Next: q.Get("after")}
		lines := 0
		for range looksPages {
			list, next, err := t.Looks(v.Ctx(), v.Patient, view.Next, looksPage)
			if err != nil {
				return err
			}
			view.Next = next
			lines += view.add(v.Ctx(), list)
			if next == "" || lines >= looksLines {
				break
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(view.People)
	return web.Render(v.W, v.R, lookedPage(&view))
}

// add folds entries into the days, newest first, and returns how many lines came of them.
func (view *lookedView) add(ctx context.Context, list []records.LookedAt) int {
	made := 0
	for _, l := range list {
		name := Who(ctx, l)
		if !slices.Contains(view.People, name) {
			view.People = append(view.People, name)
		}
		if view.Chosen == "" && l.Kind == access.Patient || view.Chosen != "" && view.Chosen != everybody && name != view.Chosen {
			continue
		}
		last := len(view.Days) - 1
		if last < 0 || text.Day(ctx, view.Days[last].At) != text.Day(ctx, l.At) {
			view.Days = append(view.Days, lookedDay{At: l.At})
			last++
		}
		day := &view.Days[last]
		i := slices.IndexFunc(day.List, func(one looks) bool { return Who(ctx, one.LookedAt) == name && one.Purpose == l.Purpose })
		if i < 0 {
			day.List = append(day.List, looks{LookedAt: l})
			i = len(day.List) - 1
			made++
		}
		one := &day.List[i]
		one.Times++
		did := didWord(ctx, l)
		switch {
		case slices.Contains(one.Did, did):
		case changes(l):
			one.Did = slices.Insert(one.Did, 0, did)
		default:
			one.Did = append(one.Did, did)
		}
	}
	return made
}

func (view *lookedView) next() string {
	q := url.Values{"after": {view.Next}}
	if view.Chosen != "" {
		q.Set("who", view.Chosen)
	}
	return "/my/me/looked?" + q.Encode()
}

// Who names who looked, for the patient: "Marisol Quenby, your care team", "Irune Otxoa, for you".
func Who(ctx context.Context, l records.LookedAt) string {
	word := kindWord(ctx, l.Kind)
	if l.Who == "" || l.Kind == access.Patient {
		return strings.ToUpper(word[:1]) + word[1:]
	}
	return l.Who + ", " + word
}

func kindWord(ctx context.Context, k access.Kind) string {
	switch k {
	case access.Clinician:
		return text.T(ctx, "your care team")
	case access.Patient:
		return text.T(ctx, "you")
	case access.Caregiver:
		return text.T(ctx, "for you")
	case access.PrivacyOfficer:
		return text.T(ctx, "privacy officer")
	case access.System:
		return text.T(ctx, "a program")
	}
	return text.T(ctx, "the centre")
}

func changes(l records.LookedAt) bool { return l.Action == "C" || l.Action == "U" || l.Action == "D" }

// didWord says what somebody did.
func didWord(ctx context.Context, l records.LookedAt) string {
	changed := changes(l)
	switch {
	case l.Refused:
		return text.T(ctx, "was refused")
	case l.Type == "Observation" && changed:
		return text.T(ctx, "added a reading")
	case l.Type == "Observation":
		return text.T(ctx, "looked at readings")
	case l.Type == "Communication" && changed:
		return text.T(ctx, "wrote a message")
	case l.Type == "Communication":
		return text.T(ctx, "looked at messages")
	case (l.Type == "Consent" || l.Type == "RelatedPerson") && changed:
		return text.T(ctx, "changed what is allowed")
	case l.Type == "CarePlan" || l.Type == "Goal" || l.Type == "Task":
		if changed {
			return text.T(ctx, "changed the plan")
		}
		return text.T(ctx, "looked at the plan")
	case l.Type == "DetectedIssue" && changed:
		return text.T(ctx, "worked on an alert")
	case l.Type == "DetectedIssue":
		return text.T(ctx, "looked at alerts")
	case l.Action == "C":
		return text.T(ctx, "added to the record")
	case changed:
		return text.T(ctx, "changed the record")
	}
	return text.T(ctx, "looked at the record")
}

func whyWord(ctx context.Context, p access.Purpose) string {
	switch p {
	case access.Treatment:
		return text.T(ctx, "for your treatment")
	case access.Emergency:
		return text.T(ctx, "in an emergency")
	case access.PatientRequest:
		return text.T(ctx, "as you asked")
	}
	return text.T(ctx, "to run the centre")
}

func lookIcon(l *looks) string {
	switch {
	case l.Refused:
		return "ban"
	case l.Kind == access.Caregiver:
		return "users"
	case changes(l.LookedAt):
		return "pencil"
	}
	return "eye"
}
