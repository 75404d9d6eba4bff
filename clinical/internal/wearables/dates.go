package wearables

import (
	"strings"
	"time"
)

// stamp is a date as a cell has it, before it is known whether the day or the month stands first.
type stamp struct {
	a, b, year     int  // the two numbers beside the year, in the cell's order
	settled        bool // a is the month, b the day
	clock          bool
	hour, min, sec int
	offset         *time.Location // nil: not given
}

var months = map[string]int{
	"jan": 1, "ene": 1, "feb": 2, "mar": 3, "apr": 4, "abr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "ago": 8, "sep": 9, "set": 9, "oct": 10, "nov": 11, "dec": 12, "dic": 12,
}

var spaced = strings.NewReplacer(",", " ", " de ", " ", "\u00a0", " ", "\u202f", " ")

// parseStamp reads a date with or without a time: 2026-03-01T08:05:00Z, 1/3/26 8:05, 01.03.2026,
// 1 de marzo de 2026 8:05 p. m.
func parseStamp(cell string) (s stamp, ok bool) {
	cell = strings.ToLower(strings.TrimSpace(cell))
	if len(cell) < 6 || len(cell) > 48 {
		return s, false
	}
	if len(cell) > 10 && cell[4] == '-' && cell[10] == 't' {
		cell = cell[:10] + " " + cell[11:]
	}
	cell = spaced.Replace(cell)
	fields := strings.Fields(cell)
	first := 0 // the field at which the clock begins
	for first < len(fields) && !strings.Contains(fields[first], ":") {
		first++
	}
	date, clock := fields[:first], fields[first:]
	parts := strings.FieldsFunc(strings.Join(date, " "), func(r rune) bool { return strings.ContainsRune("-/. ", r) })
	if len(parts) != 3 {
		return s, false
	}
	var numbers [3]int
	named := -1
	for i, p := range parts {
		if n, good := small(p); good {
			numbers[i] = n
			continue
		}
		if len(p) < 3 || named >= 0 || months[p[:3]] == 0 {
			return s, false
		}
		named, numbers[i] = i, months[p[:3]]
	}
	switch {
	case len(parts[0]) == 4 && named != 0 && named != 2: // year, month, day
		s.year, s.a, s.b, s.settled = numbers[0], numbers[1], numbers[2], true
		return s, len(clock) == 0 || s.time(clock)
	case named == 0: // March 1 2026
		s.a, s.b, s.settled = numbers[0], numbers[1], true
	case named == 1, named < 0 && strings.Contains(date[0], "."): // 1.3.2026 is written where the day stands first
		s.a, s.b, s.settled = numbers[1], numbers[0], true
	case named < 0:
		s.a, s.b = numbers[0], numbers[1]
	}
	switch s.year = numbers[2]; len(parts[2]) {
	case 2:
		s.year += 2000
	case 4:
	default:
		return s, false
	}
	if named == 2 {
		return s, false
	}
	return s, len(clock) == 0 || s.time(clock)
}

// time reads 8:05, 08:05:00.000, 8:05 pm, 8:05 p. m., 08:05:00 +0100, 08:05:00Z.
func (s *stamp) time(fields []string) bool {
	clock, after := fields[0], strings.Join(fields[1:], "")
	cut := strings.IndexFunc(clock, func(r rune) bool { return (r < '0' || r > '9') && r != ':' && r != '.' })
	if cut >= 0 {
		clock, after = clock[:cut], clock[cut:]+after
	}
	clock, _, _ = strings.Cut(clock, ".") // fractions of a second
	parts := strings.Split(clock, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return false
	}
	var numbers [3]int
	for i, p := range parts {
		n, ok := small(p)
		if !ok || len(p) > 2 {
			return false
		}
		numbers[i] = n
	}
	s.hour, s.min, s.sec, s.clock = numbers[0], numbers[1], numbers[2], true
	switch after := strings.ReplaceAll(after, ".", ""); {
	case after == "":
	case after == "am" || after == "pm":
		if s.hour < 1 || s.hour > 12 {
			return false
		}
		if s.hour %= 12; after == "pm" {
			s.hour += 12
		}
	case after == "z" || after == "utc":
		s.offset = time.UTC
	case after[0] == '+' || after[0] == '-':
		for _, layout := range []string{"-07:00", "-0700", "-07"} {
			if t, err := time.Parse(layout, after); err == nil {
				s.offset = t.Location()
				if _, seconds := t.Zone(); seconds >= -15*3600 && seconds <= 15*3600 {
					s.offset = time.FixedZone("", seconds)
					return true
				}
			}
		}
		return false
	default:
		return false
	}
	return true
}

func small(s string) (int, bool) {
	if s == "" || len(s) > 4 || !digits(s) {
		return 0, false
	}
	n := 0
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n, true
}

// order is what this date alone shows: "" nothing.
func (s *stamp) order() Order {
	switch {
	case s.settled:
		return ""
	case s.a > 12 && s.b <= 12:
		return DayFirst
	case s.b > 12 && s.a <= 12:
		return MonthFirst
	}
	return ""
}

// either says whether the date could be two.
func (s *stamp) either() bool { return !s.settled && s.a <= 12 && s.b <= 12 && s.a != s.b }

// at makes the instant. Without a clock it is noon.
func (s *stamp) at(o Order, zone *time.Location) (time.Time, bool) {
	month, day := s.a, s.b
	if !s.settled && o == DayFirst {
		month, day = day, month
	}
	if s.offset != nil {
		zone = s.offset
	}
	hour := s.hour
	if !s.clock {
		hour = 12
	}
	if zone == nil || !sensible(s.year, month, day, hour, s.min, s.sec) {
		return time.Time{}, false
	}
	return time.Date(s.year, time.Month(month), day, hour, s.min, s.sec, 0, zone), true
}
