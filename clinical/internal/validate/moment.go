package validate

import "strings"

// two reads two digits at i; false if they are none.
func two(s string, i int) (int, bool) {
	if len(s) < i+2 || s[i] < '0' || s[i] > '9' || s[i+1] < '0' || s[i+1] > '9' {
		return 0, false
	}
	return int(s[i]-'0')*10 + int(s[i+1]-'0'), true
}

// validDate accepts a year, a month of one or a day that the calendar has.
func validDate(s string) bool {
	if len(s) < 4 || !digits(s[:4]) || s[:4] == "0000" {
		return false
	}
	if len(s) == 4 {
		return true
	}
	m, ok := two(s, 5)
	if !ok || s[4] != '-' || m < 1 || m > 12 {
		return false
	}
	if len(s) == 7 {
		return true
	}
	d, ok := two(s, 8)
	if !ok || len(s) != 10 || s[7] != '-' || d < 1 {
		return false
	}
	year := int(s[0]-'0')*1000 + int(s[1]-'0')*100 + int(s[2]-'0')*10 + int(s[3]-'0')
	return d <= daysIn(year, m)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

func validDateTime(s string) bool {
	return validDate(s) || validInstant(s)
}

func validInstant(s string) bool {
	if len(s) < 20 || s[10] != 'T' || !validDate(s[:10]) {
		return false
	}
	rest := s[11:]
	if t, ok := strings.CutSuffix(rest, "Z"); ok {
		return validTime(t)
	}
	if len(rest) < 14 {
		return false
	}
	zone := rest[len(rest)-6:]
	h, ok1 := two(zone, 1)
	m, ok2 := two(zone, 4)
	return (zone[0] == '+' || zone[0] == '-') && zone[3] == ':' && ok1 && ok2 && m <= 59 && (h < 14 || h == 14 && m == 0) &&
		validTime(rest[:len(rest)-6])
}

// validTime accepts a leap second, and any number of digits after the point.
func validTime(s string) bool {
	h, ok1 := two(s, 0)
	m, ok2 := two(s, 3)
	sec, ok3 := two(s, 6)
	if !ok1 || !ok2 || !ok3 || s[2] != ':' || s[5] != ':' || h > 23 || m > 59 || sec > 60 {
		return false
	}
	return len(s) == 8 || s[8] == '.' && digits(s[9:])
}
