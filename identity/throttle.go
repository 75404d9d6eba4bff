package identity

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Guessing is slowed down, never by locking an account: whoever wants to keep a colleague out must
// not be able to. Tries are counted per account and network, and per network; a device that the
// account has signed in from before has a count of its own, and passkeys, which can't be guessed,
// have none. Every count drains with time.

// bucket is one count: burst tries at once, then one each interval. Its key is stored as a MAC, so
// the table names nobody.
type bucket struct {
	key   []byte
	burst int
	every time.Duration
}

func (i *Identity) bucket(burst int, every time.Duration, parts ...string) bucket {
	return bucket{i.ring.Mac(append([]string{"throttle"}, parts...)...), burst, every}
}

// passwordBuckets are the counts of a try with a password. The login counts as it was typed, whether
// or not there is such an account, so the answer tells nothing.
func (i *Identity) passwordBuckets(login, device string, from netip.Addr) []bucket {
	if device != "" {
		return []bucket{i.bucket(10, 30*time.Second, "password", "device", device)}
	}
	network := networkOf(from)
	return []bucket{
		i.bucket(5, time.Minute, "password", "account", login, network),
		i.bucket(60, 5*time.Second, "password", "network", network),
	}
}

// codeBuckets are the counts of a try with a code: of people who know the password already, so the
// account has a count over all networks too. Of 10⁶ codes three are right at a time.
func (i *Identity) codeBuckets(account, device string, from netip.Addr) []bucket {
	if device != "" {
		return []bucket{i.bucket(10, time.Minute, "code", "device", device)}
	}
	return []bucket{
		i.bucket(6, 2*time.Minute, "code", "account", account, networkOf(from)),
		i.bucket(20, 10*time.Minute, "code", "everywhere", account),
	}
}

// mailBuckets are the counts of asking for a mail with a link.
func (i *Identity) mailBuckets(login string, from netip.Addr) []bucket {
	return []bucket{
		i.bucket(3, 20*time.Minute, "mail", "account", login),
		i.bucket(20, time.Minute, "mail", "network", networkOf(from)),
	}
}

// take counts one try in every bucket, or refuses and counts none. It runs before the secret is
// looked at, so that tries side by side can't slip through.
func (i *Identity) take(ctx context.Context, buckets []bucket) error {
	now := i.clock.Now()
	return i.store.Write(ctx, func(tx db.Tx) error {
		for _, b := range buckets {
			var us int64
			err := tx.QueryRow(ctx, `SELECT full_at FROM throttle WHERE key = $1`, b.key).Scan(&us)
			if err != nil && !errors.Is(err, db.ErrNoRows) {
				return err
			}
			full := db.FromMicros(us)
			if full.Before(now) {
				full = now
			}
			full = full.Add(b.every)
			if wait := full.Sub(now) - time.Duration(b.burst)*b.every; wait > 0 {
				return tooMany(wait)
			}
			_, err = tx.Exec(ctx, `INSERT INTO throttle (key, full_at) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET full_at = excluded.full_at`,
				b.key, db.Micros(full))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// giveBack clears the counts of somebody who turned out to be right. The last bucket of a list is
// shared with others (a network), so only this one try is taken off it.
func giveBack(ctx context.Context, tx db.Tx, buckets []bucket) error {
	for n, b := range buckets {
		var err error
		if n == 0 {
			_, err = tx.Exec(ctx, `DELETE FROM throttle WHERE key = $1`, b.key)
		} else {
			_, err = tx.Exec(ctx, `UPDATE throttle SET full_at = full_at - $1 WHERE key = $2`, b.every.Microseconds(), b.key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func tooMany(wait time.Duration) error {
	minutes := int((wait + time.Minute - 1) / time.Minute)
	if minutes == 1 {
		return fault.New(fault.TooMany, "That was several wrong tries. Wait one minute and try again, or sign in with this device.")
	}
	return fault.New(fault.TooMany, "That was several wrong tries. Wait %d minutes and try again, or sign in with this device.", minutes)
}
