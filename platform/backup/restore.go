package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/db"
)

// FilesInto is the part of blob.Store that a restore fills.
type FilesInto interface {
	List(ctx context.Context, f func(key string, size int64) error) error
	Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error
	Delete(ctx context.Context, key string) error
}

var _ FilesInto = blob.Store(nil)

// Target is where a backup is put back. Nothing may have it open.
type Target struct {
	DSN   map[string]string         // of each store, by name, as db.Open takes it
	Steps map[string][]db.Migration // what this program knows of each store
	Files FilesInto
}

// Verify reads a whole backup and returns its manifest if nothing is missing or damaged.
func Verify(ctx context.Context, r io.Reader) (Manifest, error) { return walk(ctx, r, nil) }

// Restore puts the backup in r back. It refuses, before it changes anything, a backup that is damaged
// or newer than the program, and a target that holds something. The stores appear only when
// everything has been read back; if it fails nevertheless, on PostgreSQL empty tables may remain,
// and the error says so.
func Restore(ctx context.Context, r io.ReadSeeker, to Target) (Manifest, error) {
	start, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return Manifest{}, err
	}
	m, err := Verify(ctx, r)
	if err != nil {
		return Manifest{}, err
	}
	if err := to.fits(m); err != nil {
		return Manifest{}, err
	}
	if err := to.empty(ctx, m); err != nil {
		return Manifest{}, err
	}
	if _, err := r.Seek(start, io.SeekStart); err != nil {
		return Manifest{}, err
	}
	if err = to.fill(ctx, r, m); err != nil && m.Database == postgres {
		err = fmt.Errorf("%w (empty tables may remain: make the schemas anew before the next try)", err)
	}
	return m, err
}

// fits compares the backup with what this program knows.
func (to Target) fits(m Manifest) error {
	for _, s := range m.Stores {
		dsn, ok := to.DSN[s.Name]
		steps, known := to.Steps[s.Name]
		if !ok || !known {
			return fmt.Errorf("the backup holds a store %q, which this program does not know", s.Name)
		}
		if db.IsPostgres(dsn) != (m.Database == postgres) {
			return fmt.Errorf("the backup was taken from %s and can be put back only there; the target of store %s is another", m.Database, s.Name)
		}
		if s.Version > len(steps) {
			return fmt.Errorf("the backup's store %s is at version %d, this program knows %d: use the newer Mitral that wrote it", s.Name, s.Version, len(steps))
		}
	}
	return nil
}

var errHasSomething = errors.New("there is something already; a restore needs an empty place")

func (to Target) empty(ctx context.Context, m Manifest) error {
	for _, s := range m.Stores {
		check := emptyFile
		if m.Database == postgres {
			check = emptySchema
		}
		if err := check(ctx, s.Name, to.DSN[s.Name]); err != nil {
			return fmt.Errorf("store %s: %w", s.Name, err)
		}
	}
	err := to.Files.List(ctx, func(string, int64) error { return errHasSomething })
	if err != nil {
		return fmt.Errorf("files: %w", err)
	}
	return nil
}

// filling is one store that is being put back.
type filling interface {
	take(ctx context.Context, e entry, body io.Reader) error // the next entry
	commit(ctx context.Context) error                        // make it appear
	abandon()                                                // after an error; harmless after commit
}

func (to Target) fill(ctx context.Context, r io.Reader, m Manifest) (err error) {
	stores := map[string]filling{}
	defer func() {
		for _, s := range stores {
			s.abandon()
		}
	}()
	for _, s := range m.Stores {
		begin := beginSQLite
		if m.Database == postgres {
			begin = beginPostgres
		}
		if stores[s.Name], err = begin(ctx, s, to.DSN[s.Name], to.Steps[s.Name]); err != nil {
			delete(stores, s.Name)
			return fmt.Errorf("store %s: %w", s.Name, err)
		}
	}
	var put []string
	defer func() {
		for _, key := range put {
			if err != nil {
				to.Files.Delete(context.WithoutCancel(ctx), key)
			}
		}
	}()
	again, err := walk(ctx, r, func(e entry, size int64, contentType string, body io.Reader) error {
		if e.key != "" {
			put = append(put, e.key)
			return to.Files.Put(ctx, e.key, body, size, contentType)
		}
		s, ok := stores[e.store]
		if !ok {
			return damaged("a store that its manifest does not name")
		}
		return s.take(ctx, e, body)
	})
	if err != nil {
		return err
	}
	if !slices.Equal(again.Parts, m.Parts) {
		return errors.New("the backup changed while it was read")
	}
	for _, s := range m.Stores {
		if err := stores[s.Name].commit(ctx); err != nil {
			return fmt.Errorf("store %s: %w", s.Name, err)
		}
	}
	return nil
}
