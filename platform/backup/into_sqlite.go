package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mitral-health/mitral/platform/db"
)

// emptyFile reports an error if there is a database, or the rest of one.
func emptyFile(_ context.Context, _, path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		info, err := os.Stat(path + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if suffix != "" || info.Size() > 0 {
			return errHasSomething
		}
	}
	return nil
}

// sqliteFilling writes beside the place and moves there at the end.
type sqliteFilling struct {
	want Store
	path string
	temp string
}

func beginSQLite(_ context.Context, s Store, path string, _ []db.Migration) (filling, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return &sqliteFilling{want: s, path: path, temp: path + ".restoring"}, nil
}

func (f *sqliteFilling) take(ctx context.Context, e entry, body io.Reader) error {
	if e.table != "" {
		return damaged("a table in a backup of SQLite")
	}
	out, err := os.OpenFile(f.temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, body)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	version, _, err := db.Inspect(ctx, f.temp)
	if err != nil {
		return fmt.Errorf("%w: store %s: %w", ErrDamaged, f.want.Name, err)
	}
	if version != f.want.Version {
		return damaged("store %s is at version %d, its manifest says %d", f.want.Name, version, f.want.Version)
	}
	return nil
}

func (f *sqliteFilling) commit(context.Context) error {
	if _, err := os.Stat(f.temp); err != nil {
		return damaged("store %s has no database", f.want.Name)
	}
	return os.Rename(f.temp, f.path)
}

func (f *sqliteFilling) abandon() { os.Remove(f.temp) }
