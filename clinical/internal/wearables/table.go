package wearables

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
)

const (
	peeked     = 64 << 10 // looked at to find the separator, the headings and the order of dates
	maxHeading = 40       // the row before which the headings must stand
)

// CSV reads a table with a row of headings, in English or Spanish, in any order: a column for the date,
// and one for each measure or one each for measure, value and unit. It finds the separator, the
// encoding and the order of day and month; what it can't find it asks with a *Question before the
// first sample. Cells are text: one that begins like a formula is no number.
func CSV(ctx context.Context, r io.Reader, o Options, emit func(Sample) error) (Summary, error) {
	l := &limited{r: r}
	in := bufio.NewReaderSize(l, peeked)
	head, err := in.Peek(peeked)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return Summary{}, broken(1, err)
	}
	whole := errors.Is(err, io.EOF)
	t := &table{sink: sink{ctx: ctx, o: &o, emit: emit}}
	plain, decoded := decode(in, head)
	if !whole {
		plain = plain[:bytes.LastIndexByte(plain, '\n')+1]
	}
	if !t.layout(plain) {
		return Summary{}, fault.New(fault.Invalid, "The first rows have no headings that are known. There must be one for the date and one for a measure.")
	}
	if err := t.asks(plain); err != nil {
		return Summary{}, err
	}
	rows := t.reader(decoded)
	line := 0
	for n := 0; ; n++ {
		if err := t.alive(); err != nil {
			return t.sum, err
		}
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return t.sum, nil
		} else if err != nil {
			return t.sum, broken(int64(line+1), err)
		}
		line, _ = rows.FieldPos(0)
		l.fresh()
		if n > t.first {
			if err := t.row(int64(line), row); err != nil {
				return t.sum, err
			}
		}
	}
}

// decode makes UTF-8 of what spreadsheets write.
func decode(in io.Reader, head []byte) ([]byte, io.Reader) {
	var e interface {
		Bytes([]byte) ([]byte, error)
		Reader(io.Reader) io.Reader
	}
	cut := head
	for i := 0; i < utf8.UTFMax && len(cut) > 0 && !utf8.Valid(cut); i++ {
		cut = cut[:len(cut)-1] // the last character may not be whole
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")):
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
		head = head[:len(head)/2*2]
	case utf8.Valid(cut):
		e = unicode.UTF8BOM.NewDecoder()
	default:
		e = charmap.Windows1252.NewDecoder()
	}
	plain, _ := e.Bytes(head)
	return plain, e.Reader(in)
}

type table struct {
	sink
	comma   rune
	first   int // the row of headings
	columns []column
	order   Order
}

func (t *table) reader(r io.Reader) *csv.Reader {
	rows := csv.NewReader(r)
	rows.Comma, rows.LazyQuotes, rows.FieldsPerRecord, rows.ReuseRecord = t.comma, true, -1, true
	return rows
}

// layout finds the separator and the headings: those of which most is known.
func (t *table) layout(head []byte) bool {
	best, found := 0, rune(0)
	for _, comma := range []rune{',', ';', '\t', '|'} {
		t.comma = comma
		rows := t.reader(bytes.NewReader(head))
		for n := 0; n < maxHeading; n++ {
			row, err := rows.Read()
			if err != nil {
				break
			}
			if columns, known := headingRow(row, t.o.Units); known > best {
				best, found, t.first, t.columns = known, comma, n, columns
			}
		}
	}
	t.comma = found
	return best > 0
}

// asks finds out what the file leaves open.
func (t *table) asks(head []byte) error {
	long := t.has(unitColumn)
	for _, c := range t.columns {
		if c.role == measureColumn && c.unit == nil && !long {
			q := &Question{What: "unit", Measure: c.measure}
			for _, u := range vitals.Of(c.measure).Units {
				q.Choices = append(q.Choices, u.Code)
			}
			return q
		}
	}
	rows := t.reader(bytes.NewReader(head))
	seen, either, zoned := map[Order]bool{}, false, true
	for n := 0; ; n++ {
		row, err := rows.Read()
		if err != nil {
			break
		}
		if s, ok := parseStamp(t.stamp(row)); ok && n > t.first {
			seen[s.order()] = true
			either = either || s.either()
			zoned = zoned && s.offset != nil
		}
	}
	if !zoned && t.o.Zone == nil {
		return &Question{What: "zone"}
	}
	switch t.order = t.o.Order; {
	case t.order != "":
	case seen[DayFirst] && !seen[MonthFirst]:
		t.order = DayFirst
	case seen[MonthFirst] && !seen[DayFirst]:
		t.order = MonthFirst
	case either || seen[DayFirst]:
		return &Question{What: "order", Choices: []string{string(DayFirst), string(MonthFirst)}}
	}
	return nil
}

func (t *table) has(r role) bool {
	for _, c := range t.columns {
		if c.role == r {
			return true
		}
	}
	return false
}

// cell is the first cell of a row with this role.
func (t *table) cell(row []string, r role) string {
	for i, c := range t.columns {
		if c.role == r && i < len(row) {
			return strings.TrimSpace(row[i])
		}
	}
	return ""
}

func (t *table) stamp(row []string) string {
	return strings.TrimSpace(t.cell(row, dateColumn) + " " + t.cell(row, timeColumn))
}

func (t *table) row(line int64, row []string) error {
	empty := true
	for i, c := range t.columns {
		if i < len(row) && (c.role == measureColumn || c.role == valueColumn) {
			empty = empty && blank(row[i])
		}
	}
	if empty {
		return nil
	}
	s, ok := parseStamp(t.stamp(row))
	order := t.order
	if ok && order == "" && s.either() {
		ok = false // nothing before it showed the order
	} else if order == "" {
		order = s.order()
	}
	at, inTime := s.at(order, t.o.Zone)
	if !ok || !inTime {
		t.refuse(line, "row", NoTime)
		return nil
	}
	base := Sample{At: at, End: at, NoTime: !s.clock, Source: clean(t.cell(row, sourceColumn)), Line: line}
	if err := t.long(base, row); err != nil {
		return err
	}
	return t.wide(base, row)
}

// long gives a row that names its measure.
func (t *table) long(s Sample, row []string) error {
	value := t.cell(row, valueColumn)
	if blank(value) || !t.has(kindColumn) {
		return nil
	}
	m, part, ok := measureNamed(simple(t.cell(row, kindColumn)))
	if !ok || part >= 0 {
		t.sum.Passed++
		return nil
	}
	return t.one(s, "row", column{measure: m, both: m == vitals.BloodPressure}, value, t.cell(row, unitColumn))
}

// wide gives a row with a column for each measure.
func (t *table) wide(s Sample, row []string) error {
	var pressure [2]string
	var unit *vitals.Unit
	for i, c := range t.columns {
		if c.role != measureColumn || i >= len(row) || blank(row[i]) {
			continue
		}
		if c.measure == vitals.BloodPressure && !c.both {
			pressure[c.part], unit = strings.TrimSpace(row[i]), c.unit
			continue
		}
		said := ""
		if c.unit == nil {
			said = t.cell(row, unitColumn)
		}
		if err := t.one(s, "column "+strconv.Itoa(i+1), c, row[i], said); err != nil {
			return err
		}
	}
	switch {
	case pressure[0] == "" && pressure[1] == "":
		return nil
	case pressure[0] == "" || pressure[1] == "":
		t.refuse(s.Line, "row", Partial)
		return nil
	}
	return t.one(s, "row", column{measure: vitals.BloodPressure, both: true, unit: unit}, pressure[0]+"/"+pressure[1], "")
}
