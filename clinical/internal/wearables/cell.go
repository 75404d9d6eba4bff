package wearables

import (
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// one gives the sample of one cell.
func (t *table) one(s Sample, place string, c column, cell, unit string) error {
	value, behind := splitUnit(strings.TrimSpace(cell))
	u := c.unit
	switch {
	case behind != "":
		u = unitOf(c.measure, behind)
	case u == nil && unit != "":
		u = unitOf(c.measure, unit)
	case u == nil && assumed[c.measure] != "":
		u = vitals.Of(c.measure).Unit(assumed[c.measure])
	case u == nil:
		u = vitals.Of(c.measure).Unit(t.o.Units[c.measure])
	}
	if u == nil {
		t.refuse(s.Line, place, NoUnit)
		return nil
	}
	texts := []string{value}
	if c.both {
		upper, lower, _ := strings.Cut(value, "/")
		texts = []string{strings.TrimSpace(upper), strings.TrimSpace(lower)}
	}
	for _, text := range texts {
		plain, ok := t.point(text, c.measure == vitals.Steps)
		if ok {
			plain, ok = written(plain, 0, u)
		}
		if !ok {
			t.refuse(s.Line, place, NoNumber)
			return nil
		}
		s.Values = append(s.Values, plain)
	}
	s.Measure, s.Unit = c.measure, u.Code
	if c.measure == vitals.Steps && s.NoTime {
		y, m, d := s.At.Date()
		s.At = time.Date(y, m, d, 0, 0, 0, 0, s.At.Location())
		s.End = s.At.AddDate(0, 0, 1)
	}
	return t.give(s)
}

// point writes a number with a point where a table has a comma, and refuses what may be either of two
// numbers. Steps are whole, so a separator before three digits is one of thousands.
func (t *table) point(text string, whole bool) (string, bool) {
	i := strings.IndexAny(text, ".,")
	if i < 0 {
		return text, true
	}
	if strings.Count(text, ",")+strings.Count(text, ".") > 1 {
		return "", false
	}
	three := len(text)-i-1 == 3
	if whole && three {
		return text[:i] + text[i+1:], true
	}
	if text[i] == '.' {
		return text, true
	}
	return text[:i] + "." + text[i+1:], !three || t.comma == ';'
}

// splitUnit cuts "5.6 mmol/L" in two.
func splitUnit(cell string) (value, unit string) {
	end := strings.LastIndexAny(cell, "0123456789")
	if end < 0 || end == len(cell)-1 {
		return cell, ""
	}
	return strings.TrimSpace(cell[:end+1]), strings.TrimSpace(cell[end+1:])
}

// blank is a cell in which nothing was measured.
func blank(cell string) bool {
	switch strings.TrimSpace(cell) {
	case "", "-", "--", "–", "—", "n/a", "N/A", "null", "NaN", "NA":
		return true
	}
	return false
}
