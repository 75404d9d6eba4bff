// Package chart keeps each patient's readings as numbers, a week of a measure in a row, so that a page draws months of
// them without reading Observations. It may import vitals, records, resource, access, search and platform.
//
// It promises: what stands here is what the Observations say, because it is written in the transaction that writes
// them, whatever brought them; Rebuild makes the same of the records alone. It decides nothing: who reads here has
// asked records (Tx.Shows) for the Observations of the patient, and stands in the trail with it.
package chart

import (
	"context"
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/db"
)

// Migrations returns the steps of the table here. week counts weeks since 1970, body is pack's.
func Migrations() []db.Migration {
	return []db.Migration{{Name: "chart", SQL: `
CREATE TABLE chart_weeks (
	patient TEXT NOT NULL,
	week BIGINT NOT NULL,
	measure TEXT NOT NULL,
	body BYTEA NOT NULL,
	PRIMARY KEY (patient, week, measure)
){ WITHOUT ROWID|};
CREATE TABLE chart_built (
	id {INTEGER|BIGINT} PRIMARY KEY
)
`}}
}

// Point is a reading as it is drawn.
type Point struct {
	Order  int64 // microseconds: the time that rules go by
	Values [vitals.MaxParts]vitals.Amount
	Has    [vitals.MaxParts]bool
	Bound  string // as vitals.Reading has it
	Unit   string // UCUM code that it was told in, "" if it is none of the measure's
	Note   string
}

// Time is when it was.
func (p *Point) Time() time.Time { return db.FromMicros(p.Order) }

const week = int64(7 * 24 * time.Hour / time.Microsecond)

// weekOf is the row that an instant is in.
func weekOf(micros int64) int64 {
	if micros < 0 {
		micros -= week - 1
	}
	return micros / week
}

// Since returns a patient's readings from an instant on, newest first, by measure; of is one measure, or "" for all.
func Since(ctx context.Context, page *records.Shown, patient string, of vitals.Measure, since time.Time) (map[vitals.Measure][]Point, error) {
	if err := page.May(patient, "Observation"); err != nil {
		return nil, err
	}
	from := since.UnixMicro()
	query, args := `SELECT week, measure, body FROM chart_weeks WHERE patient = $1 AND week >= $2 ORDER BY week DESC, measure`, []any{patient, weekOf(from)}
	if of != "" {
		query, args = `SELECT week, measure, body FROM chart_weeks WHERE patient = $1 AND week >= $2 AND measure = $3 ORDER BY week DESC`, append(args, string(of))
	}
	out := map[vitals.Measure][]Point{}
	err := db.Each(ctx, page.Beside(), query, args, func(r db.Row) error {
		var n int64
		var measure string
		var body []byte
		if err := r.Scan(&n, &measure, &body); err != nil {
			return err
		}
		m := vitals.Measure(measure)
		list := out[m]
		start := len(list)
		list, err := unpack(list, m, n, body)
		slices.Reverse(list[start:])
		for len(list) > start && list[len(list)-1].Order < from {
			list = list[:len(list)-1]
		}
		out[m] = list
		return err
	})
	return out, err
}
