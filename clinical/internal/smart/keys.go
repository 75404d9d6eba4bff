package smart

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/fault"
)

// algorithms are the signatures that SMART asks servers to know.
var algorithms = []jose.SignatureAlgorithm{jose.RS384, jose.ES384}

// algorithmOf returns with which algorithm a public key may sign here.
func algorithmOf(k jose.JSONWebKey) (jose.SignatureAlgorithm, bool) {
	if k.Use != "" && k.Use != "sig" || !k.IsPublic() || !k.Valid() {
		return "", false
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		return jose.RS384, key.N.BitLen() >= 2048 && (k.Algorithm == "" || k.Algorithm == string(jose.RS384))
	case *ecdsa.PublicKey:
		return jose.ES384, key.Curve == elliptic.P384() && (k.Algorithm == "" || k.Algorithm == string(jose.ES384))
	}
	return "", false
}

// parseKeys reads a set of public keys and keeps those that may sign here. A set that holds a private
// or a shared key is refused, because whoever made it has given a secret away.
func parseKeys(b []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []jsontext.Value `json:"keys"`
	}
	const text = "This is no set of public keys (JWKS) with an RSA key of at least 2048 bits or a P-384 key."
	if err := json.Unmarshal(b, &set); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, text)
	}
	var usable []jose.JSONWebKey
	for _, raw := range set.Keys {
		var secret struct {
			D jsontext.Value `json:"d"`
			K jsontext.Value `json:"k"`
		}
		if err := json.Unmarshal(raw, &secret); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, text)
		}
		if secret.D != nil || secret.K != nil {
			return nil, fault.New(fault.Invalid, "This set holds a private key. Make a new pair, keep the private key, and give the public one.")
		}
		var k jose.JSONWebKey
		if k.UnmarshalJSON(raw) != nil {
			continue // of a kind that is not known here
		}
		if _, ok := algorithmOf(k); ok {
			usable = append(usable, k)
		}
	}
	if len(usable) == 0 {
		return nil, fault.New(fault.Invalid, text)
	}
	return usable, nil
}

// keySets fetches the key sets that clients publish, and keeps each for a while.
type keySets struct {
	http  *http.Client
	clock clock.Clock

	mu    sync.Mutex
	known map[string]fetched
}

type fetched struct {
	keys []jose.JSONWebKey
	at   time.Time
}

const (
	keysFor   = 5 * time.Minute // a set is fetched again after this,
	keysAgain = 5 * time.Second // or after this when a key is asked for that is not in it
	maxKeys   = 256 << 10       // bytes of a set
)

// get returns the keys at the address, which an administrator registered.
func (s *keySets) get(ctx context.Context, address, kid string) ([]jose.JSONWebKey, error) {
	now := s.clock.Now()
	s.mu.Lock()
	have, ok := s.known[address]
	s.mu.Unlock()
	if age := now.Sub(have.at); ok && age < keysFor && (age < keysAgain || len(withID(have.keys, kid)) > 0) {
		return have.keys, nil
	}
	keys, err := s.fetch(ctx, address)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= 1000 {
		s.known = map[string]fetched{}
	}
	s.known[address] = fetched{keys, now}
	return keys, nil
}

func (s *keySets) fetch(ctx context.Context, address string) ([]jose.JSONWebKey, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxKeys+1))
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode != http.StatusOK || len(b) > maxKeys:
		return nil, errors.New("no key set at the registered address")
	}
	return parseKeys(b)
}

func withID(keys []jose.JSONWebKey, kid string) []jose.JSONWebKey {
	var out []jose.JSONWebKey
	for _, k := range keys {
		if k.KeyID == kid {
			out = append(out, k)
		}
	}
	return out
}

// guarded is a client that follows nobody elsewhere and reaches neither this machine nor what only a
// machine's own network offers (link-local addresses, where clouds answer with secrets). Addresses of a
// private network are reached: hospitals' systems live there, and an administrator named them.
func guarded() *http.Client {
	dialer := &net.Dialer{Timeout: 3 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if a := to.Addr().Unmap(); !a.IsGlobalUnicast() && !a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
			return errors.New("this address is not asked for keys")
		}
		return nil
	}}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 3 * time.Second, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
