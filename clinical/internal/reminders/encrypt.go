package reminders

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Message encryption for web push (RFC 8291) and the key by which push services know us (RFC 8292).

// recordSize is what every service takes; short texts are padded to one length, so that the length tells nothing.
const (
	recordSize = 4096
	padded     = 512
)

// encrypt makes the body of a push for a browser's key and secret (RFC 8291, section 3.4). own and salt are fresh
// for each.
func encrypt(text, p256dh, auth []byte, own *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	theirs, err := ecdh.P256().NewPublicKey(p256dh)
	if err != nil || len(auth) != 16 || len(text) >= recordSize-16 {
		return nil, errors.New("reminders: a subscription that can't be written to")
	}
	shared, err := own.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	ikm, err1 := hkdf.Key(sha256.New, shared, auth, "WebPush: info\x00"+string(p256dh)+string(own.PublicKey().Bytes()), 32)
	key, err2 := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, err3 := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	block, err4 := aes.NewCipher(key)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	public := own.PublicKey().Bytes()
	head := append([]byte{}, salt...)
	head = binary.BigEndian.AppendUint32(head, recordSize)
	head = append(append(head, byte(len(public))), public...)
	return seal.Seal(head, nonce, append(append([]byte{}, text...), 2), nil), nil
}

// sealed is encrypt with fresh keys, padded.
func sealed(text, p256dh, auth []byte) ([]byte, error) {
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	for len(text) < padded {
		text = append(text, ' ') // JSON allows it
	}
	return encrypt(text, p256dh, auth, own, salt)
}

// vapid is the key pair that browsers subscribe with and push services check.
type vapid struct {
	key    *ecdsa.PrivateKey
	public string // as browsers want it: the uncompressed point, base64url
}

// deriveVapid makes the pair out of the program's key, the same each time.
func deriveVapid(secret []byte) (vapid, error) {
	for n := 0; ; n++ { // one in 2³² scalars is none of the curve
		d, err := hkdf.Key(sha256.New, secret, nil, fmt.Sprintf("mitral vapid %d", n), 32)
		if err != nil {
			return vapid{}, err
		}
		k, err := ecdh.P256().NewPrivateKey(d)
		if err != nil && n < 8 {
			continue
		}
		if err != nil {
			return vapid{}, err
		}
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
		if err != nil {
			return vapid{}, err
		}
		return vapid{key, base64.RawURLEncoding.EncodeToString(k.PublicKey().Bytes())}, nil
	}
}

// authorization is the header that says to a service at this origin who we are (RFC 8292, section 2).
func (v vapid) authorization(origin, contact string, now time.Time) (string, error) {
	claims, err := json.Marshal(struct {
		Aud string `json:"aud"`
		Exp int64  `json:"exp"`
		Sub string `json:"sub"`
	}{origin, now.Add(12 * time.Hour).Unix(), contact})
	if err != nil {
		return "", err
	}
	b64 := base64.RawURLEncoding
	token := b64.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + b64.EncodeToString(claims)
	hash := sha256.Sum256([]byte(token))
	r, s, err := ecdsa.Sign(rand.Reader, v.key, hash[:])
	if err != nil {
		return "", err
	}
	sign := make([]byte, 64)
	r.FillBytes(sign[:32])
	s.FillBytes(sign[32:])
	return "vapid t=" + token + "." + b64.EncodeToString(sign) + ", k=" + v.public, nil
}
