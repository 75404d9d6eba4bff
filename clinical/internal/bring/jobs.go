package bring

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/clinical/internal/wearables"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/ui/text"
)

// work reads or stores a file, whichever stage it is in.
type work struct {
	ID   string `json:"id"`
	Turn int64  `json:"turn"`
}

// Kind implements jobs.Args.
func (work) Kind() string { return "bring.file" }

// sweep takes away what nobody finished.
type sweep struct{}

// Kind implements jobs.Args.
func (sweep) Kind() string { return "bring.sweep" }

const (
	lasts    = 24 * time.Hour // a file that is not finished by then goes
	silent   = time.Minute    // who works on a file says so more often than this
	pulse    = time.Second
	group    = 100     // readings in one transaction
	maxSaved = 200_000 // readings that one import stores
)

var (
	errMany    = fault.New(fault.TooLarge, "That is more than one import can take. Choose a shorter time or fewer measures.")
	errStopped = errors.New("the import was stopped")
)

// RegisterJobs adds the jobs here to the registry of the clinical store.
func (b *Bring) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, b.work, jobs.Within(uploadTime))
	jobs.Handle(r, func(ctx context.Context, _ sweep) error { return b.sweep(ctx) })
	jobs.Every(r, time.Hour, func() jobs.Args { return sweep{} })
}

func (b *Bring) load(ctx context.Context, id string) (f *file, err error) {
	err = b.Store.Read(ctx, func(tx db.Tx) error { f, err = one(ctx, tx, `id = $1`, id); return err })
	return f, err
}

// work does one turn. A long one is handed out again while it is still at it: whoever comes second looks later.
func (b *Bring) work(ctx context.Context, w work) error {
	f, err := b.load(ctx, w.ID)
	if err != nil || f == nil || f.turn != w.Turn || !f.stage.working() {
		return err
	}
	now := b.Clock.Now()
	if now.Sub(f.alive) < silent {
		return b.Store.Write(ctx, func(tx db.Tx) error {
			return b.queue.Insert(ctx, tx, w, jobs.At(now.Add(silent)), jobs.Unique())
		})
	}
	if owner, err := b.People.PatientOf(ctx, f.subject); err != nil {
		return err
	} else if owner != f.patient {
		return b.end(ctx, f, stopped)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	in, info, err := b.Blobs.Get(ctx, blobKey(f.id))
	if err != nil {
		return b.ended(ctx, f, err)
	}
	defer func() { _ = in.Close() }()
	counted := &counting{r: in}
	if err := b.beat(ctx, f, counted); err != nil {
		return err
	}
	beats := make(chan struct{})
	go func() { // says that it lives, and hears that it shall stop
		defer close(beats)
		for tick := time.NewTicker(pulse); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
				if err := b.beat(ctx, f, counted); errors.Is(err, errStopped) {
					cancel(err)
				}
			}
		}
	}()
	if f.stage == reading {
		err = b.survey(ctx, f, counted, info.Size)
	} else {
		err = b.save(ctx, f, counted, info.Size)
	}
	stop := context.Cause(ctx)
	cancel(nil)
	<-beats
	if errors.Is(stop, errStopped) {
		return nil
	}
	return b.ended(context.WithoutCancel(ctx), f, err)
}

// beat says how far the turn is. The error is errStopped if it is no turn any more.
func (b *Bring) beat(ctx context.Context, f *file, c *counting) error {
	var n int64
	err := b.Store.Write(ctx, func(tx db.Tx) (err error) {
		n, err = tx.Exec(ctx, `UPDATE bring_files SET alive = $1, part = $2 WHERE id = $3 AND turn = $4 AND state = $5`, db.Micros(b.Clock.Now()), c.n.Load(), f.id, f.turn, string(f.stage))
		return err
	})
	if err == nil && n == 0 {
		return errStopped
	}
	return err
}

// ended writes what a turn came to: the next stage, a question, or why the file can't be read.
func (b *Bring) ended(ctx context.Context, f *file, err error) error {
	var q *wearables.Question
	switch kind := fault.KindOf(err); {
	case errors.As(err, &q):
		f.detail.Question = &question{q.What, q.Measure, q.Choices}
		return b.end(ctx, f, asking)
	case err == nil && f.stage == reading:
		return b.end(ctx, f, found)
	case err == nil:
		return b.end(ctx, f, done)
	case kind == fault.Invalid || kind == fault.TooLarge || kind == fault.NotFound:
		f.detail.Error = text.Fault(text.With(ctx, f.lang, f.zone), err)
		return b.end(ctx, f, failed)
	}
	_ = b.Store.Write(ctx, func(tx db.Tx) error { // somebody may try again at once
		_, err := tx.Exec(ctx, `UPDATE bring_files SET alive = 0 WHERE id = $1 AND turn = $2`, f.id, f.turn)
		return err
	})
	return err
}

func (b *Bring) end(ctx context.Context, f *file, to stage) error {
	err := b.Store.Write(ctx, func(tx db.Tx) error {
		_, err := f.move(ctx, tx, to, f.turn+1)
		return err
	})
	if err == nil && to.over() {
		err = b.Blobs.Delete(ctx, blobKey(f.id))
	}
	return err
}

func (f *file) options() wearables.Options {
	return wearables.Options{Zone: f.zone, Order: f.detail.Order, Units: f.detail.Units, Refused: func(p wearables.Problem) { f.detail.refuse(p.Reason, p.Line) }}
}

func (d *detail) refuse(why wearables.Reason, line int64) {
	if d.Refused == nil {
		d.Refused = map[wearables.Reason]int{}
	}
	if d.Refused[why]++; d.First == 0 {
		d.First = line
	}
}

// survey finds out what a file holds.
func (b *Bring) survey(ctx context.Context, f *file, in io.ReaderAt, size int64) error {
	d := &f.detail
	d.Found, d.Refused, d.First, d.Question = map[vitals.Measure]*content{}, nil, 0, nil
	now := b.Clock.Now()
	sum, err := read(ctx, d.Kind, in, size, f.options(), func(s wearables.Sample) error {
		e := s.Entry()
		e.Received = now
		r, ask, err := vitals.Read(e, nil)
		if err != nil || ahead(&s, now) {
			d.refuse(impossible, s.Line)
			return nil
		}
		c := d.Found[r.Measure]
		if c == nil {
			c = &content{From: db.Micros(r.Order)}
			d.Found[r.Measure] = c
		}
		at := db.Micros(r.Order)
		c.N++
		c.From, c.To = min(c.From, at), max(c.To, at)
		if now.Sub(r.Order) <= year {
			c.Year++
		}
		if now.Sub(r.Order) <= quarter {
			c.Quarter++
		}
		if len(ask) > 0 {
			c.Unusual++
		}
		return nil
	})
	d.Passed = sum.Passed
	return err
}

// ahead reports a time that has not come, wherever on the world a clock may be: what a file says of it was never measured.
func ahead(s *wearables.Sample, now time.Time) bool { return s.At.Sub(now) > 26*time.Hour }

const (
	year    = 366 * 24 * time.Hour
	quarter = 92 * 24 * time.Hour
)

// save stores what is wanted of a file, as its patient. What was stored before, by whatever turn, is there once.
func (b *Bring) save(ctx context.Context, f *file, in io.ReaderAt, size int64) error {
	d := &f.detail
	d.Stored, d.Same, d.Left = 0, 0, 0
	who := records.Ask{Who: access.Who{Kind: access.Patient, ID: f.subject, Name: f.name, Patient: f.patient}}
	var part []vitals.Entry
	flush := func() error {
		if len(part) == 0 {
			return nil
		}
		n, err := b.many(ctx, who, part)
		if err != nil {
			return err
		}
		d.Stored += n
		d.Same += len(part) - n
		part = part[:0]
		return nil
	}
	o := f.options()
	o.Refused, o.Only = nil, d.Want
	if d.Since > 0 {
		o.Since = db.FromMicros(d.Since)
	}
	_, err := read(ctx, d.Kind, in, size, o, func(s wearables.Sample) error {
		e := s.Entry()
		e.Patient, e.Received, e.Sure = f.patient, b.Clock.Now(), d.Unusual
		if _, ask, err := vitals.Read(e, nil); err != nil || len(ask) > 0 || ahead(&s, b.Clock.Now()) {
			d.Left++
			return nil
		}
		if part = append(part, e); len(part) < group {
			return nil
		}
		if d.Stored+d.Same >= maxSaved {
			return errMany
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// sweep ends what was not finished in time, and takes files away that no row needs.
func (b *Bring) sweep(ctx context.Context) error {
	old := db.Micros(b.Clock.Now().Add(-lasts))
	if err := b.Store.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE bring_files SET state = $1, turn = turn + 1 WHERE made < $2 AND state NOT IN ($3, $4, $5)`, string(stopped), old, string(done), string(failed), string(stopped))
		return err
	}); err != nil {
		return err
	}
	var over []string
	err := b.Store.Read(ctx, func(tx db.Tx) error {
		over = nil
		return db.Each(ctx, tx, `SELECT id FROM bring_files WHERE made < $1 AND made > $2`, []any{old, old - int64(30*lasts/time.Microsecond)}, func(row db.Row) error {
			var id string
			err := row.Scan(&id)
			over = append(over, id)
			return err
		})
	})
	for _, id := range over {
		err = errors.Join(err, b.Blobs.Delete(ctx, blobKey(id)))
	}
	return errors.Join(err, b.Store.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM bring_files WHERE made < $1`, old-int64(29*lasts/time.Microsecond))
		return err
	}))
}
