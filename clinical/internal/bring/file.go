package bring

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/clinical/internal/wearables"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/id"
)

// Migrations returns the steps of the tables here.
func Migrations() []db.Migration {
	return []db.Migration{{Name: "bring files", SQL: `CREATE TABLE bring_files (id TEXT PRIMARY KEY, patient TEXT NOT NULL, subject TEXT NOT NULL, name TEXT NOT NULL,
	lang TEXT NOT NULL, zone TEXT NOT NULL, size BIGINT NOT NULL, state TEXT NOT NULL, turn BIGINT NOT NULL, part BIGINT NOT NULL, made BIGINT NOT NULL,
	alive BIGINT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX bring_files_patient ON bring_files (patient, made);
CREATE INDEX bring_files_made ON bring_files (made)`}}
}

// stage is how far the import of a file is.
type stage string

const (
	coming  stage = "coming"  // it is being put away; nobody is told of it yet
	reading stage = "reading" // what is in it?
	asking  stage = "asking"  // it leaves something open
	found   stage = "found"   // what it holds is said, and what is wanted of it asked
	storing stage = "storing"
	done    stage = "done"
	failed  stage = "failed" // it can't be read
	stopped stage = "stopped"
)

func (s stage) working() bool { return s == reading || s == storing }
func (s stage) over() bool    { return s == done || s == failed || s == stopped }

type noun struct{}

// file is one file that a patient brings. name is the patient's own, for the audit trail.
type file struct {
	id                     string
	patient, subject, name string
	lang                   string
	zone                   *time.Location
	size                   int64
	stage                  stage
	turn                   int64 // of its jobs: one that is not of this turn has nothing to do
	part                   int64 // bytes that the present turn has read
	made, alive            time.Time
	detail                 detail
}

// detail is what the file says, what was answered and what came of it.
type detail struct {
	Kind wearables.Kind `json:"kind"`

	Order    wearables.Order           `json:"order,omitempty"`
	Units    map[vitals.Measure]string `json:"units,omitempty"`
	Question *question                 `json:"question,omitempty"`

	Found   map[vitals.Measure]*content `json:"found,omitempty"`
	Refused map[wearables.Reason]int    `json:"refused,omitempty"` // why, how many
	First   int64                       `json:"first,omitempty"`   // the first place of them
	Passed  int                         `json:"passed,omitempty"`

	Want    []vitals.Measure `json:"want,omitempty"`
	Since   int64            `json:"since,omitempty"` // micros
	Unusual bool             `json:"unusual,omitempty"`

	Stored int    `json:"stored,omitempty"`
	Same   int    `json:"same,omitempty"`
	Left   int    `json:"left,omitempty"` // not stored: impossible, unusual
	Error  string `json:"error,omitempty"`
}

// wanted is about how many readings were chosen.
func (d *detail) wanted(since string) (n int) {
	for _, m := range d.Want {
		switch c := d.Found[m]; since {
		case "quarter":
			n += c.Quarter
		case "year":
			n += c.Year
		default:
			n += c.N
		}
	}
	return n
}

type question struct {
	What    string         `json:"what"`
	Measure vitals.Measure `json:"measure,omitempty"`
	Choices []string       `json:"choices,omitempty"`
}

// content is what a file holds of one measure.
type content struct {
	N       int   `json:"n"`
	Year    int   `json:"year"`    // of the last year
	Quarter int   `json:"quarter"` // of the last three months
	Unusual int   `json:"unusual"`
	From    int64 `json:"from"` // micros
	To      int64 `json:"to"`
}

// impossible is why a reading of a file is none, beside what the file's own form makes unreadable.
const impossible wearables.Reason = "impossible"

const columns = `id, patient, subject, name, lang, zone, size, state, turn, part, made, alive, detail`

func scan(row db.Row) (*file, error) {
	var f file
	var zone, text string
	var made, alive int64
	err := row.Scan(&f.id, &f.patient, &f.subject, &f.name, &f.lang, &zone, &f.size, &f.stage, &f.turn, &f.part, &made, &alive, &text)
	if err != nil {
		return nil, err
	}
	if f.zone, err = time.LoadLocation(zone); err != nil {
		f.zone = time.UTC
	}
	f.made, f.alive = db.FromMicros(made), db.FromMicros(alive)
	return &f, json.Unmarshal([]byte(text), &f.detail)
}

// one returns a file, nil if there is none.
func one(ctx context.Context, tx db.Tx, where string, args ...any) (*file, error) {
	f, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM bring_files WHERE `+where, args...))
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return f, err
}

func (f *file) insert(ctx context.Context, tx db.Tx) error {
	text, err := json.Marshal(f.detail)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO bring_files (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		f.id, f.patient, f.subject, f.name, f.lang, f.zone.String(), f.size, string(f.stage), f.turn, f.part, db.Micros(f.made), db.Micros(f.alive), string(text))
	return err
}

// move writes what changed, if the file is still where f believes it to be.
func (f *file) move(ctx context.Context, tx db.Tx, to stage, turn int64) (bool, error) {
	text, err := json.Marshal(f.detail)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `UPDATE bring_files SET state = $1, turn = $2, part = 0, alive = 0, detail = $3 WHERE id = $4 AND turn = $5 AND state = $6`,
		string(to), turn, string(text), f.id, f.turn, string(f.stage))
	if err == nil && n > 0 {
		f.stage, f.turn = to, turn
	}
	return n > 0, err
}

func blobKey(id string) string { return "import/" + id }

func newID(now time.Time) string { return id.New[noun](now).String() }

// Forget ends all imports of a patient who leaves; the sweep takes the files.
func (b *Bring) Forget(ctx context.Context, t *records.Tx, patient string) error {
	_, err := t.Beside().Exec(ctx, `UPDATE bring_files SET state = $1, turn = turn + 1, detail = '{}', name = '' WHERE patient = $2`, string(stopped), patient)
	return err
}
