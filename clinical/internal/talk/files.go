package talk

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"runtime/debug"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

const (
	maxFiles = 4
	maxFile  = 15 << 20
	maxDaily = 100            // of one person in one thread
	keptFor  = 24 * time.Hour // how long an upload waits for its message
)

// File is a picture or a paper that came with a message.
type File struct {
	ID         string
	Message    string // logical id of its Communication
	Title      string
	Type       string // image/jpeg, image/png or application/pdf
	Size       int64
	Wide, High int // of a picture, in pixels
	sum        string
	place      string
	secret     []byte
}

// Picture reports whether it can be shown in the page.
func (f File) Picture() bool { return f.Type != paper }

const fileColumns = `id, message, title, type, size, wide, high, sum, place, secret`

func scanFile(r db.Row) (f File, err error) {
	err = r.Scan(&f.ID, &f.Message, &f.Title, &f.Type, &f.Size, &f.Wide, &f.High, &f.sum, &f.place, &f.secret)
	return f, err
}

// upload takes a file in for a message that is to be sent. It is there for nobody else until then, and goes after a day
// if it never is. The row comes first, so that whatever happens next, the file is known and can be swept.
func (k *Talk) upload(ctx context.Context, owner, patient, title string, r io.Reader) (File, error) {
	if err := k.fewToday(ctx, owner, patient); err != nil {
		return File{}, err
	}
	spool, err := spooled(r)
	if err != nil {
		return File{}, err
	}
	defer spool.end()
	f, data, err := k.inTurn(ctx, spool, title)
	if err != nil {
		return File{}, err
	}
	var random [16]byte
	f.secret = make([]byte, 32)
	rand.Read(random[:])
	rand.Read(f.secret)
	f.ID, f.place = id.Random[File]().String(), "talk/"+hex.EncodeToString(random[:1])+"/"+hex.EncodeToString(random[:])
	sum := sha256.Sum256(data)
	f.Size, f.sum = int64(len(data)), hex.EncodeToString(sum[:])
	sealed, err := f.seal(data)
	if err != nil {
		return File{}, err
	}
	err = k.Store.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO talk_files (`+fileColumns+`, patient, owner, at) VALUES ($1, '', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			f.ID, f.Title, f.Type, f.Size, f.Wide, f.High, f.sum, f.place, f.secret, patient, owner, db.Micros(k.Clock.Now()))
		return err
	})
	if err == nil {
		err = k.Blobs.Put(ctx, f.place, bytes.NewReader(sealed), int64(len(sealed)), "application/octet-stream")
	}
	if err != nil {
		return File{}, fault.Wrap(err, fault.Unavailable, "The file could not be stored. Your message is not sent yet. Try again.")
	}
	return f, nil
}

// inTurn reads one file at a time: decoding a large picture takes hundreds of megabytes for a moment, and that must not
// be multiplied by how many people send one. Until its turn comes a file is on the disk, so that neither is what arrives slowly.
func (k *Talk) inTurn(ctx context.Context, in *spool, title string) (f File, data []byte, err error) {
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return File{}, nil, fault.Wrap(ctx.Err(), fault.Unavailable, "Many pictures are arriving at once. Try again in a minute.")
	}
	defer func() {
		if len(data) > 1<<20 {
			debug.FreeOSMemory()
		}
		<-k.turn
	}()
	if data, err = in.read(); err != nil {
		return File{}, nil, err
	}
	return recognise(data, title)
}

// fewToday refuses the file of somebody who has sent very many to a thread within a day: nobody fills the store alone.
func (k *Talk) fewToday(ctx context.Context, owner, patient string) error {
	var n int
	err := k.Store.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM talk_files WHERE patient = $1 AND at > $2 AND owner = $3`, patient, db.Micros(k.Clock.Now().Add(-24*time.Hour)), owner).Scan(&n)
	})
	if err == nil && n >= maxDaily {
		err = fault.New(fault.Invalid, "Today %d photos and papers have been sent already. Send the others tomorrow, or bring them along.", maxDaily)
	}
	return err
}

// seal encrypts with the file's own key, which lies in the clinical database and nowhere else: whoever has the
// store of files without it has nothing, and a key that is deleted takes the file along. A key seals once, so the
// nonce may be zero.
func (f *File) seal(data []byte) ([]byte, error) {
	gcm, err := f.cipher()
	if err != nil {
		return nil, err
	}
	return gcm.Seal(nil, make([]byte, gcm.NonceSize()), data, []byte(f.ID)), nil
}

func (f *File) cipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher(f.secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// pending are uploads of the asker's own for this patient that no message has yet, in this order.
func (k *Talk) pending(ctx context.Context, t *records.Tx, patient string, ids []string) (out []File, err error) {
	for _, one := range ids {
		f, err := scanFile(t.Beside().QueryRow(ctx, `SELECT `+fileColumns+` FROM talk_files WHERE id = $1 AND patient = $2 AND owner = $3 AND message <> '-'`,
			one, patient, t.Ask().Who.ID))
		if errors.Is(err, db.ErrNoRows) {
			return nil, errGone()
		}
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func errGone() error {
	return fault.New(fault.Invalid, "One of the files is not here any more. Add it again.")
}

// claim makes files those of a message.
func (k *Talk) claim(ctx context.Context, t *records.Tx, message string, files []File) error {
	for _, f := range files {
		n, err := t.Beside().Exec(ctx, `UPDATE talk_files SET message = $2 WHERE id = $1 AND message = ''`, f.ID, message)
		if err != nil {
			return err
		}
		if n != 1 {
			return errGone()
		}
	}
	return nil
}

// filesOf are the files of these messages.
func filesOf(ctx context.Context, tx db.Tx, messages []string) (map[string][]File, error) {
	out := map[string][]File{}
	if len(messages) == 0 {
		return out, nil
	}
	in, args := in(messages)
	err := db.Each(ctx, tx, `SELECT `+fileColumns+` FROM talk_files WHERE message IN (`+in+`) ORDER BY at, id`, args, func(r db.Row) error {
		f, err := scanFile(r)
		out[f.Message] = append(out[f.Message], f)
		return err
	})
	return out, err
}

// Files lists the files of a patient's thread, for whoever has been allowed to read the record: for taking
// everything along.
func (k *Talk) Files(ctx context.Context, t *records.Tx, patient string) (out []File, err error) {
	err = db.Each(ctx, t.Beside(), `SELECT `+fileColumns+` FROM talk_files WHERE patient = $1 AND message <> '' AND message <> '-' ORDER BY at, id`, []any{patient}, func(r db.Row) error {
		f, err := scanFile(r)
		out = append(out, f)
		return err
	})
	return out, err
}

// Open returns a file and what is in it, if whoever asks can read the message that it came with. It is 404 otherwise.
func (k *Talk) Open(ctx context.Context, t *records.Tx, patient, file string) (File, []byte, error) {
	none := fault.New(fault.NotFound, "There is no such file.")
	f, err := scanFile(t.Beside().QueryRow(ctx, `SELECT `+fileColumns+` FROM talk_files WHERE id = $1 AND patient = $2`, file, patient))
	if errors.Is(err, db.ErrNoRows) || err == nil && (f.Message == "" || f.Message == "-") {
		return File{}, nil, none
	}
	if err != nil {
		return File{}, nil, err
	}
	if _, err := t.Read(ctx, "Communication", f.Message); err != nil {
		return File{}, nil, err
	}
	r, _, err := k.Blobs.Get(ctx, f.place)
	if err != nil {
		return File{}, nil, err
	}
	defer r.Close()
	sealed, err := io.ReadAll(io.LimitReader(r, maxFile+1<<10))
	if err != nil {
		return File{}, nil, err
	}
	gcm, err := f.cipher()
	if err != nil {
		return File{}, nil, err
	}
	data, err := gcm.Open(sealed[:0], make([]byte, gcm.NonceSize()), sealed, []byte(f.ID))
	if err != nil {
		return File{}, nil, fault.Wrap(err, fault.Internal, "This file is damaged in our store. Ask for it again.")
	}
	return f, data, nil
}

// Sweep removes uploads whose message was never sent. It may run any number of times, on several copies at once.
func (k *Talk) Sweep(ctx context.Context) error {
	var doomed []File
	err := k.Store.Write(ctx, func(tx db.Tx) error {
		doomed = nil
		if _, err := tx.Exec(ctx, `UPDATE talk_files SET message = '-' WHERE message = '' AND at < $1`, db.Micros(k.Clock.Now().Add(-keptFor))); err != nil {
			return err
		}
		return db.Each(ctx, tx, `SELECT `+fileColumns+` FROM talk_files WHERE message = '-'`, nil, func(r db.Row) error {
			f, err := scanFile(r)
			doomed = append(doomed, f)
			return err
		})
	})
	if err != nil {
		return err
	}
	for _, f := range doomed {
		if err := k.Blobs.Delete(ctx, f.place); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		err := k.Store.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM talk_files WHERE id = $1 AND message = '-'`, f.ID)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// drop condemns uploads that will not be sent.
func (k *Talk) drop(ctx context.Context, owner, patient, file string) error {
	return k.Store.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE talk_files SET message = '-' WHERE id = $1 AND owner = $2 AND patient = $3 AND message = ''`, file, owner, patient)
		return err
	})
}
