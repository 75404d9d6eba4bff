// Package wearables reads what people export from their telephones and meters: Apple Health, tables
// (CSV) and Open mHealth data points. It may import vitals and fault; it stores nothing.
//
// It promises: files of any size are read in bounded memory, one sample at a time; what is hostile (zip
// bombs, entities, endless fields) ends in an error that names the place; a sample that can't be read
// is refused by itself with its place, and the others go on; what a file leaves open (which unit, is
// 3/4 in March or April) is asked, not guessed; a sample has the same key however often its file
// is read. Errors hold places and names of ours, never a value of the file.
//
// A Sample is not checked for sense: vitals.Read does that with its Entry.
package wearables

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
)

// Sample is one measurement out of a file.
type Sample struct {
	Measure vitals.Measure
	Values  []string // one for each part, as the file has them, with as many decimals as the unit is given
	Unit    string   // UCUM
	At, End time.Time
	NoTime  bool   // the file gave the day only; At is noon, or the day's first moment for steps
	Source  string // the app or device that measured, cleaned
	Key     string // made of all of the above
	Line    int64  // where it is in the file; 0 for a sum
}

// Entry is the sample as vitals takes it.
func (s *Sample) Entry() vitals.Entry {
	return vitals.Entry{Measure: s.Measure, Typed: s.Values, Unit: s.Unit, At: s.At, Device: s.Source, Key: s.Key}
}

// Order is how a date like 3/4/2026 is to be read.
type Order string

// The orders.
const (
	DayFirst   Order = "day-first"
	MonthFirst Order = "month-first"
)

// Options say what the file may leave open, and what is wanted of it.
type Options struct {
	Zone     *time.Location            // of times without an offset
	Order    Order                     // of days and months, where the file doesn't show it
	Units    map[vitals.Measure]string // UCUM, of columns that don't say theirs
	Since    time.Time                 // what was measured before is passed over
	Only     []vitals.Measure          // nil: all
	Refused  func(Problem)             // told of each sample that could not be read
	MaxBytes int64                     // of an unpacked export; 0: 16 GB
}

// Summary counts what became of a file.
type Summary struct {
	Samples int // emitted
	Passed  int // not wanted: another kind, too old, a part of something else
	Refused int
}

// Problem is one sample that could not be read.
type Problem struct {
	Line    int64
	Element string // "Record", "Correlation", "column 3", "blood_glucose"
	Reason  Reason
}

// Reason says why.
type Reason string

// The reasons.
const (
	NoNumber  Reason = "number"    // none, or not one that can be understood without doubt
	NoUnit    Reason = "unit"      // missing, or not one of the measure's
	NoTime    Reason = "time"      // missing, or not one that can be understood without doubt
	Partial   Reason = "partial"   // one pressure without the other
	Statistic Reason = "statistic" // a mean or extreme of many, not a measurement
	BadText   Reason = "text"      // an entity that the file declares itself, or no UTF-8
)

// Question is the error when a file leaves something open that Options doesn't answer.
type Question struct {
	What    string         // "order", "unit" or "zone"
	Measure vitals.Measure // whose unit
	Choices []string       // what may be answered; nil for a zone
}

func (q *Question) Error() string { return "the import asks: " + q.What }

// Unwrap makes the question a fault that may be shown.
func (q *Question) Unwrap() error {
	switch q.What {
	case "order":
		return fault.New(fault.Invalid, "The dates can be read in two ways: say whether the day or the month stands first.")
	case "unit":
		return fault.New(fault.Invalid, "A column doesn't say its unit: choose it.")
	}
	return fault.New(fault.Invalid, "The times have no time zone: choose it.")
}

// broken ends an import: nothing after this place can be trusted.
func broken(line int64, err error) error {
	return fault.Wrap(err, fault.Invalid, "The file can’t be read on from line %d. It may be damaged, or of another kind.", line)
}

// sink takes what the readers find, and counts.
type sink struct {
	ctx   context.Context
	o     *Options
	emit  func(Sample) error
	sum   Summary
	turns int
}

// alive returns the context's error, looking now and then.
func (k *sink) alive() error {
	if k.turns++; k.turns%1024 == 1 {
		return k.ctx.Err()
	}
	return nil
}

func (k *sink) refuse(line int64, element string, reason Reason) {
	k.sum.Refused++
	if k.o.Refused != nil {
		k.o.Refused(Problem{line, element, reason})
	}
}

// wants says whether samples of this measure and time are asked for, and counts those that are not.
func (k *sink) wants(m vitals.Measure, at time.Time) bool {
	ok := k.o.Only == nil
	for _, w := range k.o.Only {
		ok = ok || w == m
	}
	if ok = ok && (at.IsZero() || !at.Before(k.o.Since)); !ok {
		k.sum.Passed++
	}
	return ok
}

func (k *sink) give(s Sample) error {
	if !k.wants(s.Measure, s.At) {
		return nil
	}
	if s.Key == "" {
		s.Key = key(&s)
	}
	k.sum.Samples++
	return k.emit(s)
}

// key is the same for the same measurement: what was measured, when, by what, and the result.
func key(s *Sample) string {
	var buf [256]byte
	b := append(buf[:0], s.Measure...)
	b = append(append(b, 0), s.Source...)
	b = binary.BigEndian.AppendUint64(append(b, 0), uint64(s.At.UnixMicro()))
	b = binary.BigEndian.AppendUint64(b, uint64(s.End.UnixMicro()))
	for _, v := range s.Values {
		b = append(append(b, v...), 0)
	}
	return hashed(append(b, s.Unit...))
}

func hashed(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// maxSource is how much of a source's name is kept, in characters.
const maxSource = 80

// clean makes the name of a source harmless wherever it is shown or written next: no control or invisible
// characters, and none at its beginning that a spreadsheet takes for a formula.
func clean(s string) string {
	if plain(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || !unicode.IsPrint(r) && r != ' ':
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(strings.TrimLeft(s, " =+-@'\"")), " ")
	if runes := []rune(s); len(runes) > maxSource {
		s = strings.TrimSpace(string(runes[:maxSource]))
	}
	return s
}

// plain says whether clean would change nothing, for the usual names.
func plain(s string) bool {
	if len(s) > maxSource {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') || i == 0 && strings.IndexByte(`=+-@'"`, c) >= 0 {
			return false
		}
	}
	return true
}
