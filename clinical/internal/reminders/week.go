package reminders

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// minute is a minute of the day, 0 to 1439, by the clock on the wall.
type minute int

func parseMinute(s string) (minute, bool) {
	hh, mm, ok := strings.Cut(s, ":")
	h, err1 := strconv.Atoi(hh)
	m, err2 := strconv.Atoi(mm)
	return minute(h*60 + m), ok && err1 == nil && err2 == nil && len(hh) <= 2 && len(mm) == 2 && h >= 0 && h < 24 && m >= 0 && m < 60
}

func (m minute) String() string {
	two := func(n int) string { return strconv.Itoa(n/10) + strconv.Itoa(n%10) }
	return two(int(m)/60) + ":" + two(int(m)%60)
}

// maxTimes is how many times a day somebody can be reminded at.
const maxTimes = 4

// week is when somebody wants to be reminded, and when never.
type week struct {
	Days  [7]bool  `json:"days"` // Sunday first, as time.Weekday counts
	Times []minute `json:"times"`
	// Quiet hours, from the first minute until before the other; equal are none.
	From  minute `json:"from"`
	Until minute `json:"until"`
}

// usual is what the page proposes: morning and evening, nights quiet.
func usual() week {
	return week{Days: [7]bool{true, true, true, true, true, true, true}, Times: []minute{9 * 60, 20 * 60}, From: 22 * 60, Until: 7 * 60}
}

func readWeek(s string) week {
	var w week
	if json.Unmarshal([]byte(s), &w) != nil {
		return usual()
	}
	return w
}

func (w week) String() string {
	b, err := json.Marshal(w)
	if err != nil {
		return ""
	}
	return string(b)
}

func (w *week) quiet(m minute) bool {
	if w.From <= w.Until {
		return m >= w.From && m < w.Until
	}
	return m >= w.From || m < w.Until
}

func of(t time.Time) minute { return minute(t.Hour()*60 + t.Minute()) }

// next is the first time after now at which to remind, the zero time if there is none.
func (w *week) next(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	var first time.Time
	for d := range 8 {
		day := time.Date(local.Year(), local.Month(), local.Day()+d, 12, 0, 0, 0, zone)
		if !w.Days[day.Weekday()] {
			continue
		}
		for _, m := range w.Times {
			at := time.Date(day.Year(), day.Month(), day.Day(), int(m)/60, int(m)%60, 0, 0, zone)
			if at.After(now) && !w.quiet(m) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
		if !first.IsZero() {
			break
		}
	}
	return first
}

// awake is now, or the end of the quiet hours that now is in.
func (w *week) awake(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	if !w.quiet(of(local)) {
		return now
	}
	for d := range 2 {
		if end := time.Date(local.Year(), local.Month(), local.Day()+d, int(w.Until)/60, int(w.Until)%60, 0, 0, zone); end.After(now) {
			return end
		}
	}
	return now
}
