package wearables

import (
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// role is what a column of a table holds.
type role uint8

const (
	other role = iota
	dateColumn
	timeColumn
	sourceColumn
	kindColumn // which measure the row is of
	valueColumn
	unitColumn
	measureColumn
)

type column struct {
	role    role
	measure vitals.Measure
	part    int
	both    bool         // "128/78" in one cell
	unit    *vitals.Unit // of its heading, or of the measure if that has no doubt; nil: asked
	said    bool         // the heading says it
}

// headings are the words over columns, in English and Spanish, without accents, signs and units.
var headings = map[role]string{
	dateColumn:   "date|fecha|day|datetime|date time|date and time|fecha y hora|fecha hora|timestamp|time stamp|device timestamp|measurement date|measured at|fecha de medicion|fecha de la medicion|start date|measurement time",
	timeColumn:   "time|hora|hour|hora de medicion",
	sourceColumn: "device|source|dispositivo|origen|fuente|app|aparato|medidor|source name",
	kindColumn:   "measure|measurement|type|medida|medicion|tipo|parameter|parametro|vital sign|signo vital",
	valueColumn:  "value|valor|result|resultado|reading|lectura",
	unitColumn:   "unit|units|unidad|unidades",
}

const (
	systolic  = "systolic|sys|sbp|sistolica|pas|tas|presion sistolica|tension sistolica|systolic blood pressure|systolic pressure|presion arterial sistolica|tension arterial sistolica|maxima"
	diastolic = "diastolic|dbp|diastolica|pad|tad|presion diastolica|tension diastolica|diastolic blood pressure|diastolic pressure|presion arterial diastolica|tension arterial diastolica|minima"
)

var measureHeadings = map[vitals.Measure]string{
	vitals.BloodPressure: "blood pressure|bp|presion arterial|tension arterial|presion|tension|pa|ta",
	vitals.HeartRate:     "pulse|heart rate|hr|bpm|pulse rate|pulso|frecuencia cardiaca|fc|pulsaciones|latidos",
	vitals.Glucose:       "glucose|blood glucose|glucose value|historic glucose|scan glucose|blood sugar|bg|sugar|glucosa|glucemia|glucosa en sangre|azucar|azucar en sangre|valor de glucosa|historial de glucosa|glucose reading|nivel de glucosa",
	vitals.Weight:        "weight|body weight|peso|peso corporal",
	vitals.Oxygen:        "spo2|sp o2|oxygen saturation|blood oxygen|oxygen|saturation|o2|saturacion|saturacion de oxigeno|oxigeno|oxigeno en sangre",
	vitals.Temperature:   "temperature|body temperature|temp|temperatura|temperatura corporal",
	vitals.PeakFlow:      "peak flow|peak expiratory flow|pef|flujo maximo|flujo espiratorio maximo|pico de flujo|pico flujo",
	vitals.Pain:          "pain|pain score|dolor|nivel de dolor",
	vitals.Steps:         "steps|step count|pasos|numero de pasos",
	vitals.Breathing:     "respiratory rate|respiration|frecuencia respiratoria|fr|respiraciones",
}

// assumed are the units when nothing says one: either there is no second one that a value could be in by
// mistake, or vitals refuses what would come of it.
var assumed = map[vitals.Measure]string{
	vitals.BloodPressure: "mm[Hg]", vitals.HeartRate: "/min", vitals.Oxygen: "%", vitals.PeakFlow: "L/min", vitals.Pain: "{score}", vitals.Steps: "{steps}", vitals.Breathing: "/min",
}

var accents = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n", "_", " ", "-", " ", ".", " ", ":", " ", "#", " ", "/", " ", "₂", "2")

func listed(list, word string) bool {
	for one := range strings.SplitSeq(list, "|") {
		if one == word {
			return true
		}
	}
	return false
}

// measureNamed finds a measure by a word of a heading or a cell.
func measureNamed(word string) (vitals.Measure, int, bool) {
	switch {
	case listed(systolic, word):
		return vitals.BloodPressure, 0, true
	case listed(diastolic, word):
		return vitals.BloodPressure, 1, true
	}
	for m, list := range measureHeadings {
		if listed(list, word) {
			return m, -1, true
		}
	}
	return "", 0, false
}

func simple(s string) string {
	return strings.Join(strings.Fields(accents.Replace(strings.ToLower(s))), " ")
}

// heading reads what stands over a column.
func heading(cell string, units map[vitals.Measure]string) column {
	if len(cell) > 100 {
		return column{}
	}
	bare, unit := cell, ""
	if i := strings.IndexAny(cell, "(["); i >= 0 {
		bare = cell[:i]
		unit = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(cell[i+1:]), ")]"))
	} else if i := strings.LastIndexAny(strings.TrimSpace(cell), " ,"); i > 0 {
		if last := strings.TrimSpace(cell)[i+1:]; simple(last) != "" && strings.ContainsAny(last, "/%") || isUnit(last) {
			bare, unit = strings.TrimSpace(cell)[:i], last
		}
	}
	word := simple(bare)
	for r, list := range headings {
		if listed(list, word) {
			return column{role: r}
		}
	}
	m, part, ok := measureNamed(word)
	if !ok {
		return column{}
	}
	c := column{role: measureColumn, measure: m, part: max(part, 0), both: m == vitals.BloodPressure && part < 0}
	if u := unitOf(m, unit); u != nil {
		c.unit, c.said = u, true
		return c
	}
	if given := units[m]; given != "" {
		c.unit = vitals.Of(m).Unit(given)
	} else if assumed[m] != "" {
		c.unit = vitals.Of(m).Unit(assumed[m])
	}
	return c
}

func isUnit(s string) bool {
	switch strings.ToLower(s) {
	case "kg", "lb", "lbs", "mmhg", "kpa", "bpm", "lpm":
		return true
	}
	return false
}

// headingRow reads a row as one of headings, and says how much of it is known: 0 if it can't be one.
func headingRow(row []string, units map[vitals.Measure]string) ([]column, int) {
	columns := make([]column, len(row))
	known, dates, measures, upper := 0, 0, 0, false
	day := -1 // a column "dia": the lower pressure beside an upper one, else Spanish for the day
	for i, cell := range row {
		if simple(cell) == "dia" {
			day = i
			continue
		}
		c := heading(cell, units)
		columns[i] = c
		switch c.role {
		case other:
			continue
		case dateColumn:
			if dates++; dates > 1 {
				columns[i] = column{}
				continue
			}
		case measureColumn:
			measures++
			upper = upper || c.measure == vitals.BloodPressure && !c.both
		case valueColumn:
			measures++
		}
		known++
	}
	if day >= 0 {
		known++
		if upper {
			columns[day] = heading("diastolic", units)
		} else if dates == 0 {
			columns[day] = column{role: dateColumn}
			dates++
		}
	}
	if dates == 0 || measures == 0 {
		return nil, 0
	}
	return columns, known
}
