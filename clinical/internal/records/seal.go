package records

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"time"

	"github.com/mitral-health/mitral/platform/db"
)

// The audit trail is sealed in batches: the hash of a batch covers the hash of the batch before and the
// number, time and text of each AuditEvent in it. A later change, removal or insertion shows.
//
// An AuditEvent gets its number moments before it is committed. sealLag is longer than any
// transaction takes from there, so that none arrives behind a seal.
const (
	sealLag   = 2 * time.Minute
	sealBatch = 1000
)

// Seal seals what was written up to two minutes ago and returns how many AuditEvents that were.
// Safe to run in several processes: of two that seal the same batch one does it.
func (s *Store) Seal(ctx context.Context) (int, error) {
	total := 0
	for {
		n := 0
		err := s.db.WriteShared(ctx, func(tx db.Tx) error {
			last, prev, err := lastSeal(ctx, tx)
			if err != nil {
				return err
			}
			to := from(s.clock.Now().Add(-sealLag))
			var end int64
			h := chain(prev)
			n, end, err = digest(ctx, tx, h, last, to, sealBatch)
			if err != nil || n == 0 {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO seal (last, entries, at, prev, hash) VALUES ($1, $2, $3, $4, $5)`,
				end, n, db.Micros(s.clock.Now()), prev, h.Sum(nil))
			return err
		})
		if db.IsUnique(err) { // another process was faster
			return total, nil
		}
		if err != nil {
			return total, err
		}
		total += n
		if n < sealBatch {
			return total, nil
		}
	}
}

func lastSeal(ctx context.Context, tx db.Tx) (last int64, hash []byte, err error) {
	err = tx.QueryRow(ctx, `SELECT last, hash FROM seal ORDER BY last DESC LIMIT 1`).Scan(&last, &hash)
	if errors.Is(err, db.ErrNoRows) {
		return 0, make([]byte, sha256.Size), nil
	}
	return last, hash, err
}

func chain(prev []byte) hash.Hash {
	h := sha256.New()
	h.Write([]byte("mitral audit seal 1"))
	h.Write(prev)
	return h
}

// digest adds the AuditEvents after last, at most n and none from to on, to h, and returns how many and the last number.
func digest(ctx context.Context, tx db.Tx, h hash.Hash, last, to int64, most int) (n int, end int64, err error) {
	end = last
	err = db.Each(ctx, tx, `SELECT seq, version, at, id, body FROM version WHERE type = 'AuditEvent' AND seq > $1 AND seq < $2 ORDER BY seq LIMIT $3`,
		[]any{last, to, most}, func(r db.Row) error {
			var seq, version, at int64
			var id, body string
			if err := r.Scan(&seq, &version, &at, &id, &body); err != nil {
				return err
			}
			for _, v := range []int64{seq, version, at, int64(len(id)), int64(len(body))} {
				_ = binary.Write(h, binary.BigEndian, v)
			}
			h.Write([]byte(id))
			h.Write([]byte(body))
			n, end = n+1, seq
			return nil
		})
	return n, end, err
}

// Broken says where the sealed trail is not what was sealed.
type Broken struct {
	From, To time.Time // the batch; something in it was changed, removed or put in
}

func (b *Broken) String() string {
	return fmt.Sprintf("the audit trail between %s and %s is not as it was sealed", instant(b.From), instant(b.To))
}

// Verify recomputes every seal. It returns how many AuditEvents were found as they were sealed, and
// where that ends, nil if nowhere. That the last seals themselves were taken away shows only against
// a head that was kept elsewhere: Head returns it.
func (s *Store) Verify(ctx context.Context) (entries int64, broken *Broken, err error) {
	last, prev := int64(0), make([]byte, sha256.Size)
	for {
		done := false
		err := s.db.Read(ctx, func(tx db.Tx) error {
			var end, n int64
			var was, sealed []byte
			err := tx.QueryRow(ctx, `SELECT last, entries, prev, hash FROM seal WHERE last > $1 ORDER BY last LIMIT 1`, last).Scan(&end, &n, &was, &sealed)
			if errors.Is(err, db.ErrNoRows) {
				done = true
				return nil
			}
			if err != nil {
				return err
			}
			h := chain(prev)
			found, at, err := digest(ctx, tx, h, last, end+1, int(n)+1)
			if err != nil {
				return err
			}
			if int64(found) != n || at != end || string(was) != string(prev) || string(h.Sum(nil)) != string(sealed) {
				broken, done = &Broken{when(last), when(end)}, true
				return nil
			}
			entries, last, prev = entries+n, end, sealed
			return nil
		})
		if err != nil || done {
			return entries, broken, err
		}
	}
}

// Head returns the last seal's hash and instant: to be kept where whoever can change the database can't.
func (s *Store) Head(ctx context.Context) (hash []byte, at time.Time, err error) {
	err = s.db.Read(ctx, func(tx db.Tx) error {
		last, h, err := lastSeal(ctx, tx)
		hash, at = h, when(last)
		return err
	})
	return hash, at, err
}
