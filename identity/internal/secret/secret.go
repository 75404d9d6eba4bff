// Package secret makes and checks the secrets that identity hands out: random tokens of which only a
// hash is stored, keyed hashes for what is too short to be hashed plainly, and a box that encrypts
// what must be read back. Imports nothing of Mitral.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// KeySize is how many bytes a Ring is made from.
const KeySize = 32

// tokenSize is 256 bits: not to be guessed, so a plain SHA-256 of it may be stored.
const tokenSize = 32

// ErrMalformed is returned for text that can't be a token, and for a box that doesn't open.
var ErrMalformed = errors.New("secret: malformed")

// Token is a bearer secret. It has no String method that would let it slip into a log.
type Token [tokenSize]byte

// NewToken returns a random token.
func NewToken() Token {
	var t Token
	rand.Read(t[:]) // never fails: crypto/rand aborts the program instead
	return t
}

// ParseToken reads the form that Text wrote: 43 characters of unpadded base64url, canonical.
func ParseToken(s string) (Token, error) {
	var t Token
	if len(s) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return t, ErrMalformed
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != tokenSize {
		return t, ErrMalformed
	}
	copy(t[:], b)
	return t, nil
}

// Text is the form for a cookie or a link.
func (t Token) Text() string { return base64.RawURLEncoding.EncodeToString(t[:]) }

// Hash is the form for the database: of no use to who steals it.
func (t Token) Hash() []byte { h := sha256.Sum256(t[:]); return h[:] }

// String hides the token.
func (t Token) String() string { return "(token)" }

// Ring holds the keys derived from the program's secret, one for each purpose.
type Ring struct {
	mac []byte
	box cipher.AEAD
}

// NewRing derives the keys from a secret of KeySize bytes.
func NewRing(key []byte) (*Ring, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("secret: the key has %d bytes, not %d", len(key), KeySize)
	}
	mac, err := hkdf.Key(sha256.New, key, nil, "mitral identity mac 1", 32)
	if err != nil {
		return nil, err
	}
	enc, err := hkdf.Key(sha256.New, key, nil, "mitral identity box 1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return nil, err
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Ring{mac: mac, box: box}, nil
}

// Mac returns 32 bytes that only the holder of the key can make for these parts. The first part
// names the purpose.
func (r *Ring) Mac(parts ...string) []byte {
	h := hmac.New(sha256.New, r.mac)
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// Derive returns the token that belongs to these parts: the same each time, so that a job that runs
// twice sends the same link, and no token ever has to be stored.
func (r *Ring) Derive(parts ...string) Token { return Token(r.Mac(parts...)) }

// Seal encrypts plain. The context (whose secret it is) is bound to it: a sealed secret that was
// copied to another account does not open.
func (r *Ring) Seal(plain []byte, context string) []byte {
	nonce := make([]byte, r.box.NonceSize(), r.box.NonceSize()+len(plain)+r.box.Overhead())
	rand.Read(nonce)
	return r.box.Seal(nonce, nonce, plain, []byte(context))
}

// Open reads what Seal wrote.
func (r *Ring) Open(sealed []byte, context string) ([]byte, error) {
	n := r.box.NonceSize()
	if len(sealed) < n {
		return nil, ErrMalformed
	}
	plain, err := r.box.Open(nil, sealed[:n], sealed[n:], []byte(context))
	if err != nil {
		return nil, ErrMalformed
	}
	return plain, nil
}
