package plans

import (
	"context"
	"strings"
	"time"

	"github.com/mitral-health/mitral/ui/text"
)

// state says in a few words how a thing stands.
func (t Todo) state(ctx context.Context) string {
	switch {
	case !t.Done:
		return t.Hint
	case t.By != "" && !t.DoneAt.IsZero():
		return text.T(ctx, "Done at %s, with somebody's help", text.Time(ctx, t.DoneAt))
	case t.DoneAt.IsZero():
		return text.T(ctx, "Done today")
	}
	return text.T(ctx, "Done at %s", text.Time(ctx, t.DoneAt))
}

// verb is what its button says.
func (t Todo) verb(ctx context.Context) string {
	switch t.Kind {
	case Measure:
		return text.T(ctx, "Measure")
	case Questions:
		return text.T(ctx, "Answer")
	}
	return text.T(ctx, "Read")
}

func (k Kind) icon() string {
	switch k {
	case Measure:
		return "gauge"
	case Exercise:
		return "activity"
	case Questions:
		return "list-checks"
	case Reading:
		return "book-open"
	}
	return "footprints"
}

func (k Kind) word(ctx context.Context) string {
	switch k {
	case Measure:
		return text.T(ctx, "To measure")
	case Exercise:
		return text.T(ctx, "Exercise")
	case Questions:
		return text.T(ctx, "Check-in")
	case Reading:
		return text.T(ctx, "To read")
	}
	return text.T(ctx, "Task")
}

func (s Status) word(ctx context.Context) string {
	switch s {
	case Draft:
		return text.T(ctx, "Draft")
	case Active:
		return text.T(ctx, "In force")
	case Completed:
		return text.T(ctx, "Completed")
	}
	return text.T(ctx, "Ended early")
}

// heading is the title of the plan, or of several.
func (v *mineView) heading(ctx context.Context) string {
	if len(v.Plans) == 1 {
		return v.Plans[0].Title.In(ctx)
	}
	return text.T(ctx, "Your plan")
}

// changed is the newest change of the last two weeks, nil if there is none.
func (v *mineView) changed() *Change {
	var newest *Change
	for _, p := range v.Plans {
		for i := range p.Changes {
			if c := &p.Changes[i]; v.Now.Sub(c.At) < 14*24*time.Hour && (newest == nil || c.At.After(newest.At)) {
				newest = c
			}
		}
	}
	return newest
}

func (v *mineView) goals() (out []Goal) {
	for _, p := range v.Plans {
		out = append(out, p.Goals...)
	}
	return out
}

func (v *mineView) others() []row { return append(v.of(Questions), v.of(Reading)...) }

// minutes are those of the timer; 0 is none.
func (v *oneView) minutes() int {
	if v.Kind != Exercise && v.Kind != Task {
		return 0
	}
	if v.Rhythm.Minutes == 0 && v.Drill != nil {
		return v.Drill.Minutes
	}
	return v.Rhythm.Minutes
}

func newest(all []told) told {
	if len(all) == 0 {
		return told{}
	}
	return all[0]
}

func paragraphs(s string) []string {
	var out []string
	for _, one := range strings.Split(s, "\n") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

// say writes a rhythm: "Each morning", "Monday, Thursday", "Twice a week".
func (r *Rhythm) say(ctx context.Context) string {
	var s string
	n := 0
	var days []string
	for i := range 7 {
		if d := (i + 1) % 7; r.Days[d] {
			n++
			days = append(days, text.Weekday(ctx, time.Weekday(d)))
		}
	}
	switch {
	case r.Once:
		s = text.T(ctx, "Once")
	case r.Weekly > 0:
		s = text.N(ctx, r.Weekly, "Once a week, on a day of your choice", "%d times a week, on days of your choice")
	case n == 5 && !r.Days[0] && !r.Days[6]:
		s = text.T(ctx, "On weekdays")
	case n > 0 && n < 7:
		s = strings.Join(days, ", ")
	default:
		s = text.T(ctx, "Every day")
	}
	switch r.Part {
	case morning:
		s += " · " + text.T(ctx, "in the morning")
	case evening:
		s += " · " + text.T(ctx, "in the evening")
	}
	if r.Minutes > 0 {
		s += " · " + text.N(ctx, r.Minutes, "one minute", "%d minutes")
	}
	return s
}

func (v *askView) answered() int {
	n := 0
	for i := range v.Items {
		if _, ok := v.Items[i].take(v.Chosen[v.Items[i].ID]); ok {
			n++
		}
	}
	return n
}

func (v *askView) pageTitle(ctx context.Context) string {
	if i := v.Item(); i != nil {
		return i.Ask.In(ctx)
	}
	return v.Title
}

// chosen is the answer to a question in words.
func (v *askView) chosen(ctx context.Context, n int) string {
	a, _ := v.Items[n].take(v.Chosen[v.Items[n].ID])
	return a.Label.In(ctx)
}

// forward says where the button leads: on, or back to the answers when only one of them is changed.
func (v *askView) forward() string {
	if v.answered() == len(v.Items) {
		return "check"
	}
	return "next"
}
