package intake

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/platform/fault"
)

// source is one file.
type source struct {
	path     string
	hash     [sha256.Size]byte
	done     int64 // entries or lines that were taken before
	refused  int64
	complete bool
	late     bool // it waits for other files
}

// find lists the files that paths name, those of a folder in the order of their names.
func find(paths []string) ([]*source, error) {
	var out []*source
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "There is no file or folder of this name: %s", p)
		}
		if !info.IsDir() {
			out = append(out, &source{path: p})
			continue
		}
		var within []*source
		err = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && known(path) {
				within = append(within, &source{path: path})
			}
			return err
		})
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "This folder cannot be read: %s", p)
		}
		slices.SortFunc(within, func(a, b *source) int { return strings.Compare(a.path, b.path) })
		out = append(out, within...)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "There is nothing to import: no file ends with .json, .ndjson or .jsonl, or with .gz after it.")
	}
	return out, nil
}

func extension(path string) string {
	return strings.ToLower(filepath.Ext(strings.TrimSuffix(strings.ToLower(path), ".gz")))
}

func known(path string) bool {
	switch extension(path) {
	case ".json", ".ndjson", ".jsonl":
		return true
	}
	return false
}

// sum reads the file for its hash, which it is known by in the journal.
func (s *source) sum() error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	h.Sum(s.hash[:0])
	return nil
}

// open returns the content, decompressed.
func (s *source) open() (io.ReadCloser, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(strings.ToLower(s.path), ".gz") {
		return f, nil
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<16))
	if err != nil {
		f.Close()
		return nil, err
	}
	return zipped{z, f}, nil
}

type zipped struct {
	*gzip.Reader
	file *os.File
}

func (z zipped) Close() error { return errors.Join(z.Reader.Close(), z.file.Close()) }
