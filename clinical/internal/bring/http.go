package bring

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/clinical/internal/wearables"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// startPage offers to choose a file, or leads to the one that is not finished.
func (b *Bring) startPage(v *door.Visit) error {
	f, err := b.newest(v)
	if err != nil {
		return err
	}
	if f != nil && !f.stage.over() {
		return web.Redirect(v.W, v.R, v.Path("/import/"+f.id))
	}
	return web.Render(v.W, v.R, startPage(f, ""))
}

func (b *Bring) newest(v *door.Visit) (f *file, err error) {
	err = b.Store.Read(v.Ctx(), func(tx db.Tx) (err error) {
		f, err = one(v.Ctx(), tx, `patient = $1 AND subject = $2 AND made > $3 AND state <> $4 ORDER BY made DESC, id DESC LIMIT 1`, v.Patient, v.Ask.Who.ID, db.Micros(b.Clock.Now().Add(-lasts)), string(coming))
		return err
	})
	return f, err
}

// upload takes a file in and begins to read it, in place of one that was not finished.
func (b *Bring) upload(v *door.Visit) (err error) {
	if _, busy := b.arriving.LoadOrStore(v.Patient, true); busy { // nobody fills the disk alone
		return fault.New(fault.Conflict, "Another file of yours is still on its way. Wait until it is here.")
	}
	defer b.arriving.Delete(v.Patient)
	var f *file
	defer func() {
		if f != nil && f.stage == coming {
			err = errors.Join(err, b.forget(context.WithoutCancel(v.Ctx()), f))
		}
	}()
	_, err = web.Upload(v.R, maxUpload, func(in *web.File) error {
		if f != nil {
			return fault.New(fault.Invalid, "Choose one file at a time.")
		}
		var err error
		f, err = b.keep(v, in)
		return err
	})
	if err == nil && f == nil {
		err = fault.New(fault.Invalid, "Choose a file first.")
	}
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.TooLarge) {
		return web.RenderStatus(v.W, v.R, web.Status(err), startPage(nil, text.Fault(v.Ctx(), err)))
	}
	if err != nil {
		return err
	}
	arrived, before := *f, []string(nil)
	err = b.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		tx := t.Beside()
		arrived, before = *f, nil
		if ok, err := arrived.move(v.Ctx(), tx, reading, 1); err != nil || !ok {
			return errors.Join(err, errBroken)
		}
		over := []any{v.Patient, f.id, string(done), string(failed), string(stopped)}
		const others = ` WHERE patient = $1 AND id <> $2 AND state NOT IN ($3, $4, $5)`
		err := db.Each(v.Ctx(), tx, `SELECT id FROM bring_files`+others, over, func(row db.Row) error {
			var id string
			err := row.Scan(&id)
			before = append(before, id)
			return err
		})
		if err == nil {
			_, err = tx.Exec(v.Ctx(), `UPDATE bring_files SET state = $5, turn = turn + 1`+others, over...)
		}
		if err != nil {
			return err
		}
		return b.queue.Insert(v.Ctx(), tx, work{f.id, arrived.turn})
	})
	if err != nil {
		return err
	}
	*f = arrived
	for _, id := range before {
		if err := b.Blobs.Delete(v.Ctx(), blobKey(id)); err != nil {
			return err
		}
	}
	return web.Redirect(v.W, v.R, v.Path("/import/"+f.id))
}

// forget takes away what never became an import.
func (b *Bring) forget(ctx context.Context, f *file) error {
	if err := b.Blobs.Delete(ctx, blobKey(f.id)); err != nil && !fault.Is(err, fault.NotFound) {
		return err // the sweep knows it
	}
	return b.Store.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM bring_files WHERE id = $1`, f.id)
		return err
	})
}

// keep spools what arrives and gives it to the store of files, which wants to know its length. The row comes first, so that
// whatever happens next, the file is known and can be swept.
func (b *Bring) keep(v *door.Visit, in *web.File) (*file, error) {
	spool, err := os.CreateTemp("", "mitral-import-")
	if err != nil {
		return nil, err
	}
	defer func() { _, _ = spool.Close(), os.Remove(spool.Name()) }()
	size, err := io.Copy(spool, in)
	if err != nil {
		return nil, err
	}
	head := make([]byte, min(size, 1024))
	if _, err := spool.ReadAt(head, 0); err != nil {
		return nil, err
	}
	now := b.Clock.Now()
	f := &file{id: newID(now), patient: v.Patient, subject: v.Ask.Who.ID, name: v.Name, lang: text.Lang(v.Ctx()), zone: text.Zone(v.Ctx()),
		size: size, stage: coming, made: now}
	f.detail.Kind = wearables.Sniff(head)
	if f.detail.Kind == wearables.AppleDocument && !slices.Contains([]byte("<\ufeff \t\r\n"), head[0]) {
		return nil, errBroken
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if err := b.Store.Write(v.Ctx(), func(tx db.Tx) error { return f.insert(v.Ctx(), tx) }); err != nil {
		return nil, err
	}
	return f, b.Blobs.Put(v.Ctx(), blobKey(f.id), spool, size, "application/octet-stream")
}

// mine is the file of the path, if it is the visitor's.
func (b *Bring) mine(v *door.Visit) (*file, error) {
	f, err := b.load(v.Ctx(), v.R.PathValue("file"))
	if err == nil && (f == nil || f.patient != v.Patient || f.subject != v.Ask.Who.ID) {
		err = fault.New(fault.NotFound, "There is no such page.")
	}
	return f, err
}

func (b *Bring) filePage(v *door.Visit) error {
	f, err := b.mine(v)
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, filePage(f, ""))
}

// act answers what the file asks, chooses what is wanted of it, or stops.
func (b *Bring) act(v *door.Visit) error {
	f, err := b.mine(v)
	if err != nil {
		return err
	}
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	to, d := f.stage, &f.detail
	switch do := form.Get("do"); {
	case do == "stop" && !f.stage.over():
		to = stopped
	case do == "answer" && f.stage == asking && d.Question != nil && slices.Contains(d.Question.Choices, form.Get("choice")):
		if d.Question.What == "order" {
			d.Order = wearables.Order(form.Get("choice"))
		} else {
			if d.Units == nil {
				d.Units = map[vitals.Measure]string{}
			}
			d.Units[d.Question.Measure] = form.Get("choice")
		}
		to = reading
	case do == "store" && f.stage == found:
		d.Want = []vitals.Measure{}
		for _, m := range form["measure"] {
			if d.Found[vitals.Measure(m)] != nil {
				d.Want = append(d.Want, vitals.Measure(m))
			}
		}
		if len(d.Want) == 0 {
			return web.RenderStatus(v.W, v.R, http.StatusUnprocessableEntity, filePage(f, text.T(v.Ctx(), "Choose at least one.")))
		}
		d.Since, d.Unusual = 0, form.Get("unusual") != ""
		switch form.Get("since") {
		case "quarter":
			d.Since = db.Micros(b.Clock.Now().Add(-quarter))
		case "year":
			d.Since = db.Micros(b.Clock.Now().Add(-year))
		}
		if d.wanted(form.Get("since")) > maxSaved {
			return web.RenderStatus(v.W, v.R, http.StatusUnprocessableEntity, filePage(f, text.Fault(v.Ctx(), errMany)))
		}
		to = storing
	default:
		return web.Redirect(v.W, v.R, v.Path("/import/"+f.id)) // it went on meanwhile: look again
	}
	err = b.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		moved := *f
		ok, err := moved.move(v.Ctx(), t.Beside(), to, f.turn+1)
		if err != nil || !ok || !to.working() {
			return err
		}
		return b.queue.Insert(v.Ctx(), t.Beside(), work{f.id, f.turn + 1})
	})
	if err == nil && to == stopped {
		err = b.Blobs.Delete(v.Ctx(), blobKey(f.id))
	}
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, v.Path("/import/"+f.id))
}
