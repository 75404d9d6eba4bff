// Package onetime is the second factor that people type: the six digits of an authenticator
// application (TOTP, RFC 6238) and recovery codes on paper. Pure: it is told the time and stores
// nothing. Imports nothing of Mitral.
package onetime

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// period is the length of a step; every authenticator application supports this one.
const period = 30 * time.Second

// New returns a fresh secret, as base32 text.
func New() string {
	var b [20]byte // 160 bits: RFC 4226, requirement 6
	rand.Read(b[:])
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// URL is what the QR code holds: the secret, with the names that the application shows.
func URL(secret, issuer, account string) (string, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return "", err
	}
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: issuer, AccountName: account, Secret: raw, Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil {
		return "", err
	}
	return key.URL(), nil
}

// Check returns the step whose code this is, if it is the present one or a neighbour (clocks differ)
// and later than last, the step accepted before: no code works twice (RFC 6238, 5.2).
func Check(secret, code string, now time.Time, last int64) (step int64, ok bool) {
	code = digits(code)
	if len(code) != 6 {
		return 0, false
	}
	present := now.Unix() / int64(period/time.Second)
	for _, s := range []int64{present, present - 1, present + 1} {
		if s <= last || s < 0 {
			continue
		}
		want, err := hotp.GenerateCodeCustom(secret, uint64(s), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && hmac.Equal([]byte(want), []byte(code)) {
			return s, true
		}
	}
	return 0, false
}

// Code returns the code at an instant: for tests, and for programs that stand in for a phone.
func Code(secret string, at time.Time) (string, error) { return totp.GenerateCode(secret, at) }

// digits drops the spaces that people copy along.
func digits(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
	for _, r := range s {
		if r < '0' || r > '9' {
			return ""
		}
	}
	return s
}

// crockford has no I, L, O or U: nothing to confuse on paper.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// RecoveryCodes returns n codes of 60 random bits, as people read them: XXXX-XXXX-XXXX.
func RecoveryCodes(n int) []string {
	out := make([]string, n)
	for i := range out {
		var b [12]byte
		rand.Read(b[:])
		var s strings.Builder
		for j, c := range b {
			if j == 4 || j == 8 {
				s.WriteByte('-')
			}
			s.WriteByte(crockford[c&31])
		}
		out[i] = s.String()
	}
	return out
}

// ReadRecoveryCode brings what somebody typed to the form that is hashed: capitals, no separators,
// and the letters that look like digits as those digits. "" if it can't be a code.
func ReadRecoveryCode(s string) string {
	if len(s) > 64 {
		return ""
	}
	s = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\u00a0', '\u2013':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(s))
	if len(s) != 12 {
		return ""
	}
	for _, r := range s {
		if !strings.ContainsRune(crockford, r) {
			return ""
		}
	}
	return s
}
