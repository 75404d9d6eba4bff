// Package password hashes passwords with argon2id (RFC 9106) and says which ones are good enough.
// The parameters stand in the hash, so they can be raised later. Imports platform/fault only.
//
// The parameters are the first of OWASP's equal choices: 19 MiB, two passes, one lane. Work is
// limited: at most two hashes are computed at a time, so a burst of sign-ins can't take more than
// twice 19 MiB; the rest wait their turn.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/mitral-health/mitral/platform/fault"
)

// Params is the cost of a hash.
type Params struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// standard is what Mitral uses.
var standard = Params{Memory: 19 * 1024, Passes: 2, Threads: 1}

const (
	saltSize = 16
	hashSize = 32
	atOnce   = 2
)

// ErrMalformed is returned for text that is no hash of ours.
var ErrMalformed = errors.New("password: malformed hash")

// Hasher computes hashes, a few at a time. Safe for concurrent use.
type Hasher struct {
	params Params
	turns  chan struct{}
	decoy  string
}

// New returns a hasher with the standard parameters.
func New() *Hasher { return WithParams(standard) }

// WithParams returns a hasher with others: cheap ones for tests.
func WithParams(p Params) *Hasher {
	h := &Hasher{params: p, turns: make(chan struct{}, atOnce)}
	// Nobody knows a password for the decoy: it only costs the time that a real check costs.
	h.decoy = encode(p, make([]byte, saltSize), make([]byte, hashSize))
	return h
}

// Hash returns the hash of a password in the PHC string format.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	sum, err := h.compute(ctx, password, salt, h.params)
	if err != nil {
		return "", err
	}
	return encode(h.params, salt, sum), nil
}

// Check reports whether the password is the hash's. stale says that it is, but was hashed with other
// parameters than today's. An empty hash (no such person, or one without a password) takes as long as
// a real one and is never right.
func (h *Hasher) Check(ctx context.Context, hash, password string) (ok, stale bool, err error) {
	real := hash != ""
	if !real {
		hash = h.decoy
	}
	p, salt, want, err := decode(hash)
	if err != nil {
		return false, false, err
	}
	got, err := h.compute(ctx, password, salt, p)
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1 && real
	return ok, ok && p != h.params, nil
}

func (h *Hasher) compute(ctx context.Context, password string, salt []byte, p Params) ([]byte, error) {
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "Many people are signing in right now. Try again in a minute.")
	}
	return argon2.IDKey([]byte(password), salt, p.Passes, p.Memory, p.Threads, hashSize), nil
}

func encode(p Params, salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Passes, p.Threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

func decode(s string) (p Params, salt, sum []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, ErrMalformed
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Passes, &p.Threads); err != nil {
		return p, nil, nil, ErrMalformed
	}
	// The bounds keep a hash that came from elsewhere from taking the machine down.
	if p.Memory < 8 || p.Memory > 256*1024 || p.Passes < 1 || p.Passes > 16 || p.Threads < 1 || p.Threads > 8 {
		return p, nil, nil, ErrMalformed
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil || len(salt) < 8 || len(salt) > 64 {
		return p, nil, nil, ErrMalformed
	}
	sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(sum) != hashSize {
		return p, nil, nil, ErrMalformed
	}
	return p, salt, sum, nil
}
