package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// A file of a FolderStore starts with its type, padded to a fixed length, so that type and bytes
// change in one rename. Names on disk end in "~", which no key holds: a file "a" and a folder "a" can
// stand side by side, as they may in S3.
const (
	headLen = 128
	suffix  = "~"
	partial = "~put-" // + random, in the top folder: being written
)

// FolderStore keeps files in a folder of this machine. Nothing in it can be reached by a link that
// leads out of it.
type FolderStore struct{ root *os.Root }

// Folder opens the folder dir, which it makes if needed, readable by this user only. What earlier
// runs left half written is removed once it is a day old.
func Folder(dir string) (*FolderStore, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, broken(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, broken(err)
	}
	f := &FolderStore{root: root}
	if err := f.sweep(clock.System{}.Now().Add(-24 * time.Hour)); err != nil {
		return nil, broken(errors.Join(err, root.Close()))
	}
	return f, nil
}

// Close gives the folder's handle back.
func (f *FolderStore) Close() error { return f.root.Close() }

// Ping reports whether the folder is there.
func (f *FolderStore) Ping(context.Context) error {
	_, err := f.root.Stat(".")
	return broken(err)
}

func (f *FolderStore) sweep(before time.Time) error {
	names, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range names {
		if !strings.HasPrefix(e.Name(), partial) {
			continue
		}
		if info, err := e.Info(); err == nil && info.ModTime().Before(before) {
			if err := f.root.Remove(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Put writes beside and renames: a reader sees the old file or the new one, and after it returned the
// new one survives a power cut.
func (f *FolderStore) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := errors.Join(check(key), checkType(contentType), checkSize(size), ctx.Err()); err != nil {
		return err
	}
	name := key + suffix
	if err := f.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return broken(err)
	}
	type upload struct{}
	tmp := partial + id.Random[upload]().String()
	err := f.write(tmp, &exactly{r: &watched{ctx, r}, left: size}, contentType)
	if err == nil {
		err = f.root.Rename(tmp, name)
	}
	if err != nil {
		_ = f.root.Remove(tmp) // may never have come to be; otherwise the sweep gets it
		if fault.KindOf(err) != fault.Internal || ctx.Err() != nil {
			return err
		}
		return broken(err)
	}
	return broken(f.syncFolders(path.Dir(name)))
}

func (f *FolderStore) write(name string, r io.Reader, contentType string) (err error) {
	out, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	head := bytes.Repeat([]byte{' '}, headLen)
	copy(head, contentType)
	head[headLen-1] = '\n'
	if _, err := out.Write(head); err != nil {
		return err
	}
	if _, err := io.Copy(out, r); err != nil {
		return err
	}
	return out.Sync()
}

// syncFolders makes the new name, and the folders made for it, survive a power cut.
func (f *FolderStore) syncFolders(dir string) error {
	for {
		d, err := f.root.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
		if dir == "." {
			return nil
		}
		dir = path.Dir(dir)
	}
}

// Get opens a file.
func (f *FolderStore) Get(ctx context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := errors.Join(check(key), ctx.Err()); err != nil {
		return nil, Info{}, err
	}
	in, err := f.root.Open(key + suffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Info{}, missing(err)
	}
	if err != nil {
		return nil, Info{}, broken(err)
	}
	info, err := in.Stat()
	head := make([]byte, headLen)
	if err == nil {
		_, err = io.ReadFull(in, head)
	}
	if err != nil {
		return nil, Info{}, broken(errors.Join(err, in.Close()))
	}
	size := info.Size() - headLen
	return struct {
		*io.SectionReader
		io.Closer
	}{io.NewSectionReader(in, headLen, size), in}, Info{size, strings.TrimSpace(string(head)), info.ModTime().UTC()}, nil
}

// Delete removes a file; folders stay.
func (f *FolderStore) Delete(ctx context.Context, key string) error {
	if err := errors.Join(check(key), ctx.Err()); err != nil {
		return err
	}
	err := f.root.Remove(key + suffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return broken(err)
}

// List walks the folder.
func (f *FolderStore) List(ctx context.Context, visit func(key string, size int64) error) error {
	var stop error
	err := fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		key, ours := strings.CutSuffix(name, suffix)
		if !ours || !d.Type().IsRegular() || !ValidKey(key) {
			return ctx.Err()
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		stop = visit(key, info.Size()-headLen)
		return stop
	})
	if stop != nil || ctx.Err() != nil {
		return err
	}
	return broken(err)
}

// watched stops a long read when ctx ends.
type watched struct {
	ctx context.Context
	r   io.Reader
}

func (w *watched) Read(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(b)
}
