// Package backup writes everything a Mitral keeps into one file while it runs, and puts it back into
// an empty place. May import platform/db, jobs, blob and clock.
//
// The file is a gzipped tar: the stores in the order given, then the files, then manifest.json with
// the versions and the SHA-256 of every part. Each store is as it was at one moment (SQLite: VACUUM
// INTO; PostgreSQL: COPY in one repeatable-read transaction), with its waiting jobs. A backup of
// SQLite goes back to SQLite, one of PostgreSQL to PostgreSQL.
//
// Two stores are not of the same moment. Given in the order in which things cross (the gate before
// social), an act that lies between is repeated when the restored program runs its jobs, which
// every crossing allows.
//
// The hashes show damage, not forgery. The file holds all that the stores hold, so it wants the same
// care as they.
package backup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Files is the part of blob.Store that a backup reads.
type Files interface {
	List(ctx context.Context, f func(key string, size int64) error) error
	Get(ctx context.Context, key string) (io.ReadSeekCloser, blob.Info, error)
}

// Source is what is backed up.
type Source struct {
	Stores  []*db.DB // in the order in which things cross
	Files   Files
	Clock   clock.Clock
	Program string // the program's version, for people to read
	Temp    string // a folder with room for a copy of the largest SQLite store; "" is the system's
}

// Backup writes src to w and returns what it wrote. What w holds is a backup only if there is no error.
func Backup(ctx context.Context, w io.Writer, src Source) (Manifest, error) {
	if len(src.Stores) == 0 {
		return Manifest{}, fmt.Errorf("backup: no stores")
	}
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return Manifest{}, err
	}
	a := &writer{tar: tar.NewWriter(zip), at: src.Clock.Now()}
	m := Manifest{Format: format, Program: src.Program, Taken: a.at, Database: kind(src.Stores[0])}
	for _, store := range src.Stores {
		if kind(store) != m.Database {
			return Manifest{}, fmt.Errorf("backup: the stores are not on one kind of database")
		}
		var s Store
		if m.Database == postgres {
			s, err = dumpPostgres(ctx, store, a)
		} else {
			s, err = dumpSQLite(ctx, store, a, src.Temp)
		}
		if err != nil {
			return Manifest{}, fmt.Errorf("backup of store %s: %w", store.Name(), err)
		}
		m.Stores = append(m.Stores, s)
	}
	if err := dumpFiles(ctx, src.Files, a); err != nil {
		return Manifest{}, fmt.Errorf("backup of the files: %w", err)
	}
	m.Parts = a.parts
	if err := a.manifest(m); err != nil {
		return Manifest{}, err
	}
	if err := a.tar.Close(); err != nil {
		return Manifest{}, err
	}
	return m, zip.Close()
}

func kind(store *db.DB) string {
	if _, lite := store.SQLite(); lite {
		return sqlite
	}
	return postgres
}

func dumpSQLite(ctx context.Context, store *db.DB, a *writer, temp string) (Store, error) {
	dir, err := os.MkdirTemp(temp, "mitral-backup-") // mode 0700
	if err != nil {
		return Store{}, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, store.Name()+".db")
	if err := store.Snapshot(ctx, path); err != nil {
		return Store{}, err
	}
	version, _, err := db.Inspect(ctx, path)
	if err != nil {
		return Store{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return Store{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Store{}, err
	}
	a.begin(databasePart(store.Name()))
	if err := a.chunk(databaseEntry(store.Name()), f, info.Size(), ""); err != nil {
		return Store{}, err
	}
	a.end()
	return Store{Name: store.Name(), Version: version}, nil
}

// dumpFiles copies every file. One that is deleted meanwhile is left out: the stores were copied
// before, but who deletes a file has first committed that nothing refers to it.
func dumpFiles(ctx context.Context, files Files, a *writer) error {
	a.begin(filesPart)
	err := files.List(ctx, func(key string, _ int64) error {
		f, info, err := files.Get(ctx, key)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		defer f.Close()
		return a.chunk(fileEntry(key), f, info.Size, info.ContentType)
	})
	a.end()
	return err
}

// taken is the form of times in the tar.
func taken(t time.Time) time.Time { return t.Truncate(time.Second) }
