package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// token is an authenticator in software: it makes keys and signs challenges as the WebAuthn
// specification says a platform authenticator does.
type token struct {
	t        *testing.T
	origin   string
	rpID     string
	key      *ecdsa.PrivateKey
	id       []byte
	handle   []byte
	count    uint32
	verifies bool // the person shows face, finger or code
}

func newToken(t *testing.T, origin string) *token {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &token{t: t, origin: origin, rpID: "localhost", key: key, id: newHandle(), verifies: true}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (k *token) client(kind, challenge string) []byte {
	return []byte(`{"type":"webauthn.` + kind + `","challenge":"` + challenge + `","origin":"` + k.origin + `","crossOrigin":false}`)
}

func (k *token) data(attested []byte) []byte {
	hash := sha256.Sum256([]byte(k.rpID))
	flags := byte(0x01)
	if k.verifies {
		flags |= 0x04
	}
	if attested != nil {
		flags |= 0x40
	}
	k.count++
	out := append(hash[:], flags)
	out = binary.BigEndian.AppendUint32(out, k.count)
	return append(out, attested...)
}

type askedFor struct {
	PublicKey struct {
		Challenge        string `json:"challenge"`
		UserVerification string `json:"userVerification"`
		User             struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"user"`
		ExcludeCredentials []struct{ ID string } `json:"excludeCredentials"`
	} `json:"publicKey"`
}

func asked(t *testing.T, b *browser) askedFor {
	t.Helper()
	b.sees(200)
	var o askedFor
	if err := json.Unmarshal([]byte(b.page), &o); err != nil || o.PublicKey.Challenge == "" {
		t.Fatalf("%v: %s", err, b.page)
	}
	return o
}

// create answers a request for a new key.
func (k *token) create(o askedFor) string {
	var err error
	if k.handle, err = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID); err != nil {
		k.t.Fatal(err)
	}
	raw, err := k.key.PublicKey.Bytes()
	if err != nil {
		k.t.Fatal(err)
	}
	public, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: raw[1:33], -3: raw[33:]})
	if err != nil {
		k.t.Fatal(err)
	}
	attested := append(make([]byte, 16), 0, byte(len(k.id)))
	attested = append(append(attested, k.id...), public...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": k.data(attested)})
	if err != nil {
		k.t.Fatal(err)
	}
	return `{"name":"my phone","answer":{"id":"` + b64(k.id) + `","rawId":"` + b64(k.id) + `","type":"public-key","clientExtensionResults":{},"response":{` +
		`"clientDataJSON":"` + b64(k.client("create", o.PublicKey.Challenge)) + `","attestationObject":"` + b64(object) + `","transports":["internal"]}}}`
}

// sign answers a challenge.
func (k *token) sign(o askedFor) string {
	client, data := k.client("get", o.PublicKey.Challenge), k.data(nil)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.key, digest[:])
	if err != nil {
		k.t.Fatal(err)
	}
	return `{"answer":{"id":"` + b64(k.id) + `","rawId":"` + b64(k.id) + `","type":"public-key","clientExtensionResults":{},"response":{` +
		`"clientDataJSON":"` + b64(client) + `","authenticatorData":"` + b64(data) + `","signature":"` + b64(signature) + `","userHandle":"` + b64(k.handle) + `"}}}`
}

func (b *browser) json(path, body string) *browser {
	b.h.t.Helper()
	return b.do("POST", path, "application/json", body)
}

// enrol sets up a token in a browser that is signed in and fresh.
func (b *browser) enrol() *token {
	b.h.t.Helper()
	k := newToken(b.h.t, b.h.url)
	o := asked(b.h.t, b.json("/passkeys/begin", `{}`))
	b.json("/passkeys/finish", k.create(o)).sees(200, `"/account/passkeys?done=added"`)
	return k
}

func (b *browser) with(k *token) *browser {
	b.h.t.Helper()
	o := asked(b.h.t, b.json("/sign-in/passkey/begin", `{"next":"/account"}`))
	return b.json("/sign-in/passkey/finish", k.sign(o))
}

func TestPasskeySignsInAlone(t *testing.T) {
	each(t, func(h *house) {
		ama, app := h.person("ama@orlena.example", Communications)
		k := ama.enrol()
		ama.get("/account/passkeys").sees(200, "my phone")
		if strings.Contains(string(k.handle), h.account("ama@orlena.example").ID.String()) {
			t.Fatal("the handle tells who it is")
		}

		b := h.browser() // a new browser, no name typed: the device knows whom it signs in
		b.with(k).sees(200, `{"next":"/account"}`)
		b.get("/account").sees(200, "Ama Oseland")

		// It is not held up by somebody's guessing at the password.
		for range 6 {
			h.browser().send("/sign-in", "login", "ama@orlena.example", "password", "guess guess guess")
		}
		h.browser().with(k).sees(200)

		// After a password it is the second factor.
		h.clock.Advance(time.Hour)
		c := h.browser()
		c.send("/sign-in", "login", "ama@orlena.example", "password", good, "next", "/drafts").sentTo("/sign-in/code")
		c.follow().sees(200, "Use this device")
		c.with(k).sees(200, `{"next":"/drafts"}`)
		c.send("/sign-in/code", "code", app.code()).sentTo("/sign-in?done=late") // that step is over

		// Removed, it no longer signs in, and the phone that it was on is signed out.
		ama.send("/sign-in/again", "password", good)
		ama.send("/account/passkeys", "key", b64(k.id)).sentTo("/account/passkeys?done=removed")
		b.get("/account").sees(303)
		ama.get("/account").sees(200)
		h.browser().with(k).sees(400, "not recognised")
	})
}

func TestPasskeyIsRefused(t *testing.T) {
	h := lite(t, nil)
	ama, _ := h.person("ama@orlena.example", Communications)
	k := ama.enrol()
	for name, spoil := range map[string]func(k *token){
		"without verification": func(k *token) { k.verifies = false },
		"from another site":    func(k *token) { k.origin = "http://evil.example" },
		"for another site":     func(k *token) { k.rpID = "evil.example" },
		"with another key":     func(k *token) { k.key = newToken(t, h.url).key },
		"of nobody":            func(k *token) { k.handle = newHandle() },
		"copied":               func(k *token) { k.count = 0 },
	} {
		bad := *k
		spoil(&bad)
		if b := h.browser().with(&bad); b.status != 400 || !strings.Contains(b.page, "not recognised") {
			t.Errorf("%s: %d %s", name, b.status, b.page)
		}
	}

	b := h.browser()
	o := asked(t, b.json("/sign-in/passkey/begin", `{}`))
	answer := k.sign(o)
	other := h.browser()
	asked(t, other.json("/sign-in/passkey/begin", `{}`))
	other.json("/sign-in/passkey/finish", answer).sees(400) // another browser's challenge
	b.json("/sign-in/passkey/finish", answer).sees(200)
	jar := h.browser()
	jar.json("/sign-in/passkey/finish", answer).sees(400)
	b.json("/sign-in/passkey/finish", answer).sees(400) // a challenge is answered once

	late := h.browser()
	o = asked(t, late.json("/sign-in/passkey/begin", `{}`))
	h.clock.Advance(6 * time.Minute)
	late.json("/sign-in/passkey/finish", k.sign(o)).sees(400, "too long")

	for _, junk := range []string{`{}`, `{"answer":null}`, `{"answer":{"id":"x"}}`, `{"answer":{"id":"a","id":"b"}}`, `[`, `{"answer":` + strings.Repeat("[", 100)} {
		x := h.browser()
		asked(t, x.json("/sign-in/passkey/begin", `{}`))
		x.json("/sign-in/passkey/finish", junk).sees(400)
	}
}

func TestInvitedPersonJoinsWithAPasskey(t *testing.T) {
	each(t, func(h *house) {
		ada, _ := h.person("ada@orlena.example", Administrator)
		ada.send("/admin/staff/invite", "login", "bo@orlena.example", "roles", "clinician", "lang", "en").sees(303)
		link := linkIn(t, h.mailed("bo@orlena.example", 1))
		invite := strings.TrimPrefix(link, "/invite/")
		bo := h.browser()
		bo.json("/passkeys/begin", `{"invite":"`+invite+`","name":"  "}`).sees(400, "Write your name")
		o := asked(t, bo.json("/passkeys/begin", `{"invite":"`+invite+`","name":"Bo Ríos"}`))
		if o.PublicKey.User.Name != "bo@orlena.example" {
			t.Fatalf("%+v", o)
		}
		if h.count(`SELECT COUNT(*) FROM accounts WHERE login = 'bo@orlena.example'`) != 0 {
			t.Fatal("the account was there before its key")
		}
		if n := h.count(`SELECT COUNT(*) FROM ceremonies WHERE data LIKE '%' || $1 || '%'`, invite); n != 0 {
			t.Fatal("the invitation's link is stored")
		}
		k := newToken(t, h.url)
		weak := *k
		weak.verifies = false
		bo.json("/passkeys/finish", weak.create(o)).sees(400, "could not be set up")
		o = asked(t, bo.json("/passkeys/begin", `{"invite":"`+invite+`","name":"Bo Ríos"}`))
		bo.json("/passkeys/finish", k.create(o)).sees(200, `/policy?next=`)
		bo.send("/policy", "version", "1", "accept", "yes", "next", "/account/codes").sentTo("/account/codes")
		bo.get("/drafts").sees(200)
		h.browser().get(link).sees(404)
		h.browser().with(k).sees(200)
		h.browser().send("/sign-in", "login", "bo@orlena.example", "password", "").sees(400) // there is no password to be right
	})
}

func TestFirstFactorCanBeAPasskey(t *testing.T) {
	h := lite(t, nil)
	if _, err := h.ids.CreateAccount(t.Context(), NewAccount{Login: "ama@orlena.example", Name: "Ama", Password: good, Roles: []Role{Communications}, Accepted: true}); err != nil {
		t.Fatal(err)
	}
	b := h.browser()
	b.json("/passkeys/begin", `{}`).sees(400) // nobody yet
	b.send("/sign-in", "login", "ama@orlena.example", "password", good).sentTo("/sign-in/set-up")
	k := newToken(t, h.url)
	o := asked(t, b.json("/passkeys/begin", `{}`))
	b.json("/passkeys/finish", k.create(o)).sees(200, `{"next":"/account/codes"}`)
	b.get("/drafts").sees(200)
}

func TestStalePersonAddsNoPasskey(t *testing.T) {
	h := lite(t, nil)
	ama, _ := h.person("ama@orlena.example", Communications)
	k := ama.enrol()
	o := asked(t, ama.json("/passkeys/begin", `{}`))
	if len(o.PublicKey.ExcludeCredentials) != 1 {
		t.Fatal("the device is not told that it is set up already")
	}
	ama.json("/passkeys/finish", k.create(o)).sees(409, "known already")
	h.clock.Advance(41 * time.Minute)
	ama.json("/passkeys/begin", `{}`).sees(401)
}
