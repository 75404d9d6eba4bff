package text

import (
	"context"
	"strconv"
	"strings"
	"time"
)

var months = map[string][12]string{
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	"es": {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
}

var shortMonths = map[string][12]string{
	"en": {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	"es": {"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"},
}

var weekdays = map[string][7]string{
	"en": {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	"es": {"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
}

// Date writes the day: 12 November 2026, 12 de noviembre de 2026.
func Date(ctx context.Context, t time.Time) string {
	l := from(ctx)
	t = t.In(l.zone)
	return dayMonth(l, t) + of(l) + strconv.Itoa(t.Year())
}

// Day writes a day of the present year with its weekday: Thursday 12 November, jueves 12 de noviembre.
func Day(ctx context.Context, t time.Time) string {
	l := from(ctx)
	t = t.In(l.zone)
	return weekdays[l.lang][t.Weekday()] + " " + dayMonth(l, t)
}

// Time writes the time of day on 24 hours: 9:05, 18:30.
func Time(ctx context.Context, t time.Time) string {
	return strings.TrimPrefix(t.In(from(ctx).zone).Format("15:04"), "0")
}

// DateTime writes both: 12 November 2026, 18:30.
func DateTime(ctx context.Context, t time.Time) string { return Date(ctx, t) + ", " + Time(ctx, t) }

// Month writes a month and its year: November 2026, noviembre de 2026.
func Month(ctx context.Context, t time.Time) string {
	l := from(ctx)
	t = t.In(l.zone)
	return months[l.lang][t.Month()-1] + of(l) + strconv.Itoa(t.Year())
}

// ShortMonth writes three letters of the month: Nov, nov.
func ShortMonth(ctx context.Context, t time.Time) string {
	l := from(ctx)
	return shortMonths[l.lang][t.In(l.zone).Month()-1]
}

// Weekday writes the name of the day: Thursday, jueves.
func Weekday(ctx context.Context, d time.Weekday) string { return weekdays[from(ctx).lang][d] }

func dayMonth(l *locale, t time.Time) string {
	return strconv.Itoa(t.Day()) + of(l) + months[l.lang][t.Month()-1]
}

func of(l *locale) string {
	if l.lang == "es" {
		return " de "
	}
	return " "
}

// Ago writes how far t is from now, as people say it: just now, 5 minutes ago, in 2 hours,
// yesterday; beyond a week the day, beyond the year the date.
func Ago(ctx context.Context, t, now time.Time) string {
	l := from(ctx)
	d := now.Sub(t)
	future := d < 0
	if future {
		d = -d
	}
	minutes := int((d + time.Second) / time.Minute)
	t, now = t.In(l.zone), now.In(l.zone)
	days := dayNumber(now) - dayNumber(t)
	switch {
	case minutes < 1 && !future:
		return T(ctx, "just now")
	case minutes < 1:
		return T(ctx, "in a moment")
	case minutes < 60 && future:
		return N(ctx, minutes, "in %d minute", "in %d minutes")
	case minutes < 60:
		return N(ctx, minutes, "%d minute ago", "%d minutes ago")
	case days == 0 && future:
		return N(ctx, minutes/60, "in %d hour", "in %d hours")
	case days == 0:
		return N(ctx, minutes/60, "%d hour ago", "%d hours ago")
	case days == 1:
		return T(ctx, "yesterday")
	case days == -1:
		return T(ctx, "tomorrow")
	case days > 1 && days < 7:
		return weekdays[l.lang][t.Weekday()]
	case t.Year() == now.Year():
		return dayMonth(l, t)
	}
	return Date(ctx, t)
}

// Span writes a duration in the two units that matter: 2 h 10 min, 3 days, 45 min.
func Span(ctx context.Context, d time.Duration) string {
	if d < 0 {
		d = -d
	}
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch {
	case minutes < 1:
		return T(ctx, "less than a minute")
	case minutes < 60:
		return T(ctx, "%d min", minutes)
	case minutes < 48*60 && minutes%60 == 0:
		return T(ctx, "%d h", minutes/60)
	case minutes < 48*60:
		return T(ctx, "%d h %d min", minutes/60, minutes%60)
	}
	return N(ctx, minutes/60/24, "%d day", "%d days")
}

func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}
