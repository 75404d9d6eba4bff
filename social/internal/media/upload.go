package media

import (
	"bytes"
	"context"
	"io"
	"runtime/debug"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/photo"
)

// large is how many bytes of file may leave enough garbage that it is worth returning the memory.
const large = 1 << 20

// Add reads an uploaded file and stores it as a picture. The same file, or another with the same
// pixels, is the same picture: adding twice changes nothing. What is no picture or over a limit is
// a fault that says so.
//
// Crash-safe: the intention is noted first, then the files are written, then the picture exists. A
// crash between leaves files that Sweep removes.
func (s *Store) Add(ctx context.Context, r io.Reader) (Image, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return Image{}, fault.Wrap(err, fault.Invalid, "The picture did not arrive whole. Try again.")
	}
	if len(data) > MaxBytes {
		return Image{}, photo.TooHeavy()
	}
	m, err := s.inTurn(ctx, data)
	if err != nil {
		return Image{}, err
	}
	keys := make([]string, len(m.files))
	for n, f := range m.files {
		keys[n] = f.key
	}
	if err := s.intend(ctx, m.Hash, keys); err != nil {
		return Image{}, err
	}
	for _, f := range m.files {
		if err := s.blobs.Put(ctx, blobKey(f.key), bytes.NewReader(f.data), int64(len(f.data)), m.Type); err != nil {
			return Image{}, fault.Wrap(err, fault.Unavailable, "The picture could not be stored. Nothing else was lost. Try again.")
		}
	}
	return s.add(ctx, m.Image)
}

// inTurn processes one picture at a time: decoding a large one takes hundreds of megabytes for a
// second, and that must not be multiplied by how many people upload at once.
func (s *Store) inTurn(ctx context.Context, data []byte) (made, error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return made{}, fault.Wrap(ctx.Err(), fault.Unavailable, "Many pictures are arriving at once. Try again in a minute.")
	}
	defer func() {
		if len(data) > large {
			debug.FreeOSMemory()
		}
		<-s.turn
	}()
	return process(data)
}

func blobKey(key string) string { return "media/" + key[:2] + "/" + key }

// Sweep removes the files of uploads that never finished, and pictures that nothing has used for a
// day. It may run any number of times, on several copies at once.
func (s *Store) Sweep(ctx context.Context) error {
	if err := s.condemn(ctx); err != nil {
		return err
	}
	type doomed struct {
		hash string
		keys []string
	}
	var list []doomed
	err := s.store.Read(ctx, func(tx db.Tx) error {
		return db.Each(ctx, tx, `SELECT hash, keys FROM media_intent WHERE sweeping = TRUE`, nil, func(row db.Row) error {
			var d doomed
			var keys string
			if err := row.Scan(&d.hash, &keys); err != nil {
				return err
			}
			list = append(list, d)
			return unmarshal(keys, &list[len(list)-1].keys)
		})
	})
	if err != nil {
		return err
	}
	for _, d := range list {
		for _, key := range d.keys {
			if err := s.blobs.Delete(ctx, blobKey(key)); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		err := s.store.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM media_intent WHERE hash = $1 AND sweeping = TRUE`, d.hash)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
