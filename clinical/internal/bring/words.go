package bring

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/clinical/internal/wearables"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

func (f *file) heading(ctx context.Context) string {
	switch f.stage {
	case reading:
		return text.T(ctx, "What is in the file?")
	case asking:
		return text.T(ctx, "One question first")
	case found:
		return text.T(ctx, "This is in the file")
	case storing:
		return text.T(ctx, "Adding your readings")
	case done:
		return text.T(ctx, "Your readings are here")
	case stopped:
		return text.T(ctx, "Stopped")
	}
	return text.T(ctx, "That file can’t be read")
}

// percent is how much of the file was read; what is packed is read more than once, so it waits at the end.
func (f *file) percent() int {
	if f.size <= 0 {
		return 0
	}
	return int(min(99, f.part*100/f.size))
}

func (f *file) asks(ctx context.Context) string {
	if f.detail.Question.What == "order" {
		return text.T(ctx, "How are the dates in the file written?")
	}
	return text.T(ctx, "In which unit is this: %s?", show.Label(ctx, f.detail.Question.Measure))
}

func (f *file) choices(ctx context.Context) (all []ui.Option) {
	q := f.detail.Question
	for _, c := range q.Choices {
		o := ui.Option{Value: c, Label: c}
		switch {
		case c == string(wearables.DayFirst):
			o.Label = text.T(ctx, "The day first: 31/12/2026")
		case c == string(wearables.MonthFirst):
			o.Label = text.T(ctx, "The month first: 12/31/2026")
		case vitals.Of(q.Measure) != nil && vitals.Of(q.Measure).Unit(c) != nil:
			o.Label = show.Symbol(ctx, vitals.Of(q.Measure).Unit(c))
		}
		all = append(all, o)
	}
	return all
}

func (f *file) sum(of func(*content) int) (n int) {
	for _, c := range f.detail.Found {
		n += of(c)
	}
	return n
}

func (f *file) total() int { return f.sum(func(c *content) int { return c.N }) }

func (f *file) unusual() int { return f.sum(func(c *content) int { return c.Unusual }) }

func (f *file) refused() (n int) {
	for _, k := range f.detail.Refused {
		n += k
	}
	return n
}

// sentence says how many readings of which time there are.
func (f *file) sentence(ctx context.Context) string {
	n := f.total()
	if n == 0 {
		return text.T(ctx, "There is nothing in it that Mitral can take: no blood pressure, blood sugar, weight, pulse, oxygen, temperature, peak flow or steps.")
	}
	var from, to int64
	for _, c := range f.detail.Found {
		if from == 0 || c.From < from {
			from = c.From
		}
		to = max(to, c.To)
	}
	date := func(at int64) string { return text.Date(ctx, db.FromMicros(at)) }
	if n == 1 || date(from) == date(to) {
		return text.N(ctx, n, "One reading, of %[2]s.", "%d readings, of %s.", date(from))
	}
	return text.T(ctx, "%s readings, from %s to %s.", text.Number(ctx, n), date(from), date(to))
}

// why says what could not be read, most first.
func (f *file) why(ctx context.Context) (all []string) {
	var reasons []wearables.Reason
	for r := range f.detail.Refused {
		reasons = append(reasons, r)
	}
	slices.SortFunc(reasons, func(a, b wearables.Reason) int {
		if d := f.detail.Refused[b] - f.detail.Refused[a]; d != 0 {
			return d
		}
		if a < b {
			return -1
		}
		return 1
	})
	for _, r := range reasons {
		all = append(all, text.Number(ctx, f.detail.Refused[r])+": "+reasonWord(ctx, r))
	}
	if f.detail.First > 0 {
		all = append(all, text.T(ctx, "The first of them stands in line %d.", f.detail.First))
	}
	return all
}

func reasonWord(ctx context.Context, r wearables.Reason) string {
	switch r {
	case wearables.NoNumber:
		return text.T(ctx, "no number that can be understood without doubt")
	case wearables.NoUnit:
		return text.T(ctx, "no unit, or an unknown one")
	case wearables.NoTime:
		return text.T(ctx, "no day and time that can be understood without doubt")
	case wearables.Partial:
		return text.T(ctx, "only a part of it, or no exact number")
	case wearables.Statistic:
		return text.T(ctx, "an average, not a measurement")
	case impossible:
		return text.T(ctx, "a number that can’t be")
	}
	return text.T(ctx, "damaged text")
}

func (f *file) measures(ctx context.Context) (all []ui.Option) {
	for _, m := range vitals.Measures() {
		c := f.detail.Found[m]
		if c == nil {
			continue
		}
		span := text.Date(ctx, db.FromMicros(c.From))
		if last := text.Date(ctx, db.FromMicros(c.To)); last != span {
			span += " – " + last
		}
		all = append(all, ui.Option{Value: string(m), Label: show.Label(ctx, m), Hint: text.N(ctx, c.N, "1 reading", "%d readings") + ", " + span,
			Selected: f.detail.Want == nil || slices.Contains(f.detail.Want, m)})
	}
	return all
}

func (f *file) periods(ctx context.Context) []ui.Option {
	n := func(of func(*content) int) string { return text.N(ctx, f.sum(of), "1 reading", "%d readings") }
	return []ui.Option{
		{Value: "quarter", Label: text.T(ctx, "The last three months"), Hint: n(func(c *content) int { return c.Quarter })},
		{Value: "year", Label: text.T(ctx, "The last year"), Hint: n(func(c *content) int { return c.Year })},
		{Value: "all", Label: text.T(ctx, "Everything"), Hint: n(func(c *content) int { return c.N })},
	}
}

// proposed is everything, if that is little, else the last year.
func (f *file) proposed() string {
	if f.total() <= 10_000 || f.sum(func(c *content) int { return c.Year }) == 0 {
		return "all"
	}
	return "year"
}

func (f *file) stored(ctx context.Context) string {
	if f.detail.Stored == 0 {
		return text.T(ctx, "Nothing new was in it.")
	}
	return text.N(ctx, f.detail.Stored, "One reading is in your record now.", "%d readings are in your record now.")
}

// deviceHas says whether there are devices that tell this measure over Bluetooth.
func deviceHas(m vitals.Measure) bool {
	switch m {
	case vitals.BloodPressure, vitals.Glucose, vitals.Weight, vitals.Oxygen, vitals.HeartRate, vitals.Temperature:
		return true
	}
	return false
}

// Scripts are those of a measure's form, for ui.Page.
func Scripts(m vitals.Measure) []string {
	if deviceHas(m) {
		return []string{"connect.js"}
	}
	return nil
}

// Recent is last if it counts for what is typed now, else nil.
func Recent(last *vitals.Reading, now time.Time) *vitals.Reading {
	if last == nil || now.Sub(last.Order) > vitals.WeightJumpDays*24*time.Hour {
		return nil
	}
	return last
}

func deviceTexts(ctx context.Context) string {
	b, err := json.Marshal(map[string]string{
		"asking":      text.T(ctx, "Choose your device in the list."),
		"connecting":  text.T(ctx, "Connecting…"),
		"waiting":     text.T(ctx, "Connected. Measure now, or wait for what the device has stored."),
		"receiving":   text.T(ctx, "The device is sending…"),
		"stop":        text.T(ctx, "Stop"),
		"one":         text.T(ctx, "This is what your device says. Look whether it is right, then send it."),
		"many":        text.T(ctx, "Your device has several readings. Which ones shall go to your team?"),
		"send":        text.T(ctx, "Send the chosen ones"),
		"noTime":      text.T(ctx, "without a time: it counts as measured now"),
		"pulse":       text.T(ctx, "With it goes your pulse: %s.", "%s"),
		"pulseLabel":  show.Label(ctx, vitals.HeartRate),
		"person":      text.T(ctx, "Person %s on the device", "%s"),
		"gone":        text.T(ctx, "Sent. Your team can see them now."),
		"kept":        text.T(ctx, "Not sent yet. They are safe on this phone."),
		"some":        text.T(ctx, "About some of them there is a question: see above."),
		"unsupported": text.T(ctx, "This browser can’t talk to devices."),
		"cancelled":   text.T(ctx, "No device was chosen."),
		"blocked":     text.T(ctx, "The browser does not allow Bluetooth here. Is it switched on?"),
		"far":         text.T(ctx, "The device does not answer. Is it on, and near?"),
		"foreign":     text.T(ctx, "This device does not measure that, or speaks another language."),
		"nothing":     text.T(ctx, "The device said nothing. Measure, then try again."),
		"lost":        text.T(ctx, "The connection broke off. Try again."),
		"failed":      text.T(ctx, "The device could not measure. Try again."),
	})
	if err != nil {
		return "{}"
	}
	return string(b)
}
