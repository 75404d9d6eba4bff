package smart_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/smart"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

const base = "https://orlena.example/fhir"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, store *db.DB, clk clock.Clock, fetch *http.Client) *smart.Clients {
	t.Helper()
	c, err := smart.Open(smart.Deps{Store: store, Clock: clk, Log: slog.New(slog.DiscardHandler), Base: base, Fetch: fetch})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTokens(t *testing.T) {
	dbtest.Each(t, "clinical", smart.Migrations(), func(t *testing.T, store *db.DB) {
		clk, ctx := clock.At(noon), t.Context()
		a, b := open(t, store, clk, nil), open(t, store, clk, nil) // two copies of the program
		lab, err := a.Named(ctx, "lab", "system/*.cruds")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := b.Named(ctx, "lab", "system/*.rs"); err != nil || again.ID != lab.ID {
			t.Fatalf("%v, %v", again, err)
		}
		token, err := a.Issue(ctx, lab.ID, "system/*.cruds", "", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		own, err := a.Issue(ctx, lab.ID, "patient/*.rs", "p1", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		who, err := b.Verify(ctx, token)
		if err != nil || who.Kind != access.System || who.ID != lab.ID || who.Name != "lab" || who.Scopes.String() != "system/*.cruds" || who.Patient != "" {
			t.Fatalf("%+v, %v", who, err)
		}
		if who, err := b.Verify(ctx, own); err != nil || who.Kind != access.Patient || who.Patient != "p1" {
			t.Fatalf("%+v, %v", who, err)
		}
		for _, wrong := range []string{"", "mt_", token + "x", token[:len(token)-1], strings.Repeat("a", 4000), strings.ToUpper(token)} {
			if _, err := b.Verify(ctx, wrong); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%.20q: %v", wrong, err)
			}
		}
		var kept int
		err = store.Read(ctx, func(tx db.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM smart_tokens WHERE hash = $1 OR hash = $2`, []byte(token), []byte(token[3:])).Scan(&kept)
		})
		if err != nil || kept != 0 {
			t.Errorf("the token itself is stored: %d, %v", kept, err)
		}

		if err := a.Disable(ctx, "lab", true); err != nil {
			t.Fatal(err)
		}
		clk.Advance(smart.CacheFor)
		if _, err := b.Verify(ctx, token); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a disabled client is let in by the other copy: %v", err)
		}
		if _, err := a.Named(ctx, "lab", "system/*.rs"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a token for a disabled client: %v", err)
		}
		if err := a.Disable(ctx, "lab", false); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Verify(ctx, token); err != nil {
			t.Errorf("enabled again: %v", err)
		}
		clk.Set(noon.Add(time.Hour))
		if _, err := b.Verify(ctx, token); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("an ended token: %v", err)
		}
		clk.Advance(25 * time.Hour)
		if err := a.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		err = store.Read(ctx, func(tx db.Tx) error { return tx.QueryRow(ctx, `SELECT count(*) FROM smart_tokens`).Scan(&kept) })
		if err != nil || kept != 0 {
			t.Errorf("%d left, %v", kept, err)
		}
	})
}

func TestIssueRefuses(t *testing.T) {
	c := open(t, dbtest.SQLite(t, "clinical", smart.Migrations()), clock.At(noon), nil)
	for _, x := range []struct{ scope, patient string }{
		{"", ""}, {"openid", ""}, {"patient/*.rs", ""}, {"system/*.rs", "p1"}, {"user/*.rs", ""}, {"user/*.rs", "p"}, {"system/*.x", ""}, {"system/*.sr", ""},
	} {
		if _, err := c.Issue(t.Context(), "x", x.scope, x.patient, time.Hour); err == nil {
			t.Errorf("%v is issued", x)
		}
	}
	if _, err := c.Issue(t.Context(), "x", "system/*.rs", "", 0); err == nil {
		t.Error("a token without a life is issued")
	}
}

func TestRegisterRefuses(t *testing.T) {
	c := open(t, dbtest.SQLite(t, "clinical", smart.Migrations()), clock.At(noon), nil)
	_, public := pair(t, "a")
	private, _ := rsa.GenerateKey(rand.Reader, 1024)
	secret, _ := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: mustEC(t), KeyID: "a"}}})
	weak, _ := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &private.PublicKey, KeyID: "a"}}})
	for name, n := range map[string]smart.NewClient{
		"no name": {Scope: "system/*.rs"}, "no such scope": {Name: "a", Scope: "system/*.q"},
		"both": {Name: "a", JWKS: public, JWKSURI: "https://a.example/"}, "http": {Name: "a", JWKSURI: "http://a.example/"},
		"password in the address": {Name: "a", JWKSURI: "https://a:b@a.example/"}, "no keys": {Name: "a", JWKS: []byte(`{"keys":[]}`)},
		"no JSON": {Name: "a", JWKS: []byte(`x`)}, "private": {Name: "a", JWKS: secret}, "weak": {Name: "a", JWKS: weak},
		"shared": {Name: "a", JWKS: []byte(`{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`)},
	} {
		if _, err := c.Register(t.Context(), n); err == nil {
			t.Errorf("%s is registered", name)
		}
	}
	if _, err := c.Register(t.Context(), smart.NewClient{Name: "a", Scope: "system/*.rs", JWKS: public}); err != nil {
		t.Error(err)
	}
	if _, err := c.Register(t.Context(), smart.NewClient{Name: "a", Scope: "system/*.rs"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same name again: %v", err)
	}
}

func mustEC(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// pair makes a key and the set that holds its public half, beside a key that is not known here.
func pair(t *testing.T, kid string) (*ecdsa.PrivateKey, []byte) {
	t.Helper()
	k := mustEC(t)
	one, err := json.Marshal(jose.JSONWebKey{Key: &k.PublicKey, KeyID: kid, Algorithm: "ES384", Use: "sig"})
	if err != nil {
		t.Fatal(err)
	}
	return k, []byte(`{"keys":[{"kty":"future","kid":"z"},` + string(one) + `]}`)
}

func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, kid string, claims jwt.Claims) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", kid))
	if err != nil {
		t.Fatal(err)
	}
	out, err := jwt.Signed(s).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func post(h http.Handler, form url.Values) (int, map[string]any) {
	r := httptest.NewRequest("POST", smart.TokenPath, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var out map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &out)
	return w.Code, out
}

func form(assertion, scope string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "scope": {scope}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
}

func TestBackendServices(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaSet, _ := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &rsaKey.PublicKey, KeyID: "r"}}})
	ec, ecSet := pair(t, "e")
	served := ecSet
	keys := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(served) }))
	defer keys.Close()

	dbtest.Each(t, "clinical", smart.Migrations(), func(t *testing.T, store *db.DB) {
		clk := clock.At(noon)
		served = ecSet
		a, b := open(t, store, clk, keys.Client()), open(t, store, clk, keys.Client())
		h := web.New(web.Config{Log: slog.New(slog.DiscardHandler)}, a.Routes())
		other := web.New(web.Config{Log: slog.New(slog.DiscardHandler)}, b.Routes())
		lab, err := a.Register(t.Context(), smart.NewClient{Name: "lab", Scope: "system/Observation.cruds system/Patient.rs", JWKS: rsaSet})
		if err != nil {
			t.Fatal(err)
		}
		ward, err := a.Register(t.Context(), smart.NewClient{Name: "ward", Scope: "system/*.rs", JWKSURI: keys.URL})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		claims := func(client string, change func(*jwt.Claims)) jwt.Claims {
			n++
			c := jwt.Claims{Issuer: client, Subject: client, Audience: jwt.Audience{base + "/auth/token"}, ID: string(rune('a' + n)),
				Expiry: jwt.NewNumericDate(noon.Add(4 * time.Minute))}
			if change != nil {
				change(&c)
			}
			return c
		}
		bad, _ := pair(t, "e")
		p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		good := sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, nil))
		for _, x := range []struct {
			name, assertion, scope string
			status                 int
			want                   string // the granted scope, or the error
		}{
			{"RSA", good, "system/*.rs", 200, "system/Observation.rs system/Patient.rs"},
			{"the same again", good, "system/*.rs", 401, "invalid_client"},
			{"EC, keys elsewhere", sign(t, jose.ES384, ec, "e", claims(ward.ID, nil)), "system/Patient.cruds", 200, "system/Patient.rs"},
			{"all that is asked", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, nil)), "system/Observation.cruds", 200, "system/Observation.cruds"},
			{"version 1 scopes", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, nil)), "system/Patient.read", 200, "system/Patient.rs"},
			{"narrowed by a query", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, nil)), "system/Observation.rs?category=laboratory", 200, "system/Observation.rs?category=laboratory"},
			{"nothing of it", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, nil)), "system/Condition.rs", 400, "invalid_scope"},
			{"audit trail by *", sign(t, jose.ES384, ec, "e", claims(ward.ID, nil)), "system/AuditEvent.s", 400, "invalid_scope"},
			{"a patient's scope", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, nil)), "patient/*.rs", 400, "invalid_scope"},
			{"no such scope", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, nil)), "system/*.everything", 400, "invalid_scope"},
			{"no scope", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, nil)), "", 400, "invalid_scope"},
			{"another key of the same name", sign(t, jose.ES384, bad, "e", claims(ward.ID, nil)), "system/*.rs", 401, "invalid_client"},
			{"another client's key", sign(t, jose.ES384, ec, "e", claims(lab.ID, nil)), "system/*.rs", 401, "invalid_client"},
			{"no key of this name", sign(t, jose.RS384, rsaKey, "x", claims(lab.ID, nil)), "system/*.rs", 401, "invalid_client"},
			{"no key named", sign(t, jose.RS384, rsaKey, "", claims(lab.ID, nil)), "system/*.rs", 401, "invalid_client"},
			{"RS256", sign(t, jose.RS256, rsaKey, "r", claims(lab.ID, nil)), "system/*.rs", 401, "invalid_client"},
			{"ES256", sign(t, jose.ES256, p256, "e", claims(ward.ID, nil)), "system/*.rs", 401, "invalid_client"},
			{"none", "eyJhbGciOiJub25lIn0.e30.", "system/*.rs", 401, "invalid_client"},
			{"no JWT", "x", "system/*.rs", 401, "invalid_client"},
			{"empty", "", "system/*.rs", 401, "invalid_client"},
			{"nobody", sign(t, jose.RS384, rsaKey, "r", claims("nobody", nil)), "system/*.rs", 401, "invalid_client"},
			{"another audience", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, func(c *jwt.Claims) { c.Audience = jwt.Audience{"https://elsewhere.example"} })), "system/*.rs", 401, "invalid_client"},
			{"another issuer", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, func(c *jwt.Claims) { c.Issuer = ward.ID })), "system/*.rs", 401, "invalid_client"},
			{"no jti", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, func(c *jwt.Claims) { c.ID = "" })), "system/*.rs", 401, "invalid_client"},
			{"no end", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, func(c *jwt.Claims) { c.Expiry = nil })), "system/*.rs", 401, "invalid_client"},
			{"ended", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(noon.Add(-time.Minute)) })), "system/*.rs", 401, "invalid_client"},
			{"ends too late", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(noon.Add(time.Hour)) })), "system/*.rs", 401, "invalid_client"},
			{"from the future", sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, func(c *jwt.Claims) { c.IssuedAt = jwt.NewNumericDate(noon.Add(2 * time.Minute)) })), "system/*.rs", 401, "invalid_client"},
		} {
			status, out := post(h, form(x.assertion, x.scope))
			got, _ := out["scope"].(string)
			if status != 200 {
				got, _ = out["error"].(string)
			}
			if status != x.status || got != x.want {
				t.Errorf("%s: %d %v, want %d %s", x.name, status, out, x.status, x.want)
			}
			if token, _ := out["access_token"].(string); (token != "") != (x.status == 200) {
				t.Errorf("%s: token %q", x.name, token)
			} else if token != "" {
				if who, err := b.Verify(t.Context(), token); err != nil || who.Scopes.String() != x.want {
					t.Errorf("%s: %+v, %v", x.name, who, err)
				}
			}
		}
		if status, out := post(other, form(good, "system/*.rs")); status != 401 {
			t.Errorf("the other copy takes a used assertion: %v", out)
		}
		fresh := form(sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, nil)), "system/*.rs")
		for name, change := range map[string]func(url.Values){
			"invalid_request": func(f url.Values) { f.Del("grant_type") }, "unsupported_grant_type": func(f url.Values) { f.Set("grant_type", "password") },
			"invalid_request ": func(f url.Values) { f.Del("client_assertion_type") }, "invalid_request  ": func(f url.Values) { f.Add("scope", "system/*.c") },
		} {
			f := url.Values{}
			for k, v := range fresh {
				f[k] = append([]string(nil), v...)
			}
			change(f)
			if status, out := post(h, f); status != 400 || out["error"] != strings.TrimSpace(name) {
				t.Errorf("%s: %d %v", name, status, out)
			}
		}
		if status, out := post(h, fresh); status != 200 {
			t.Errorf("refused requests used the assertion up: %v", out)
		}

		// The ward changes its key: the old one is refused and the new one taken, without a restart.
		next, nextSet := pair(t, "e2")
		served = nextSet
		clk.Advance(10 * time.Second)
		if status, out := post(h, form(sign(t, jose.ES384, next, "e2", claims(ward.ID, nil)), "system/*.rs")); status != 200 {
			t.Errorf("a new key: %v", out)
		}
		if status, _ := post(h, form(sign(t, jose.ES384, ec, "e", claims(ward.ID, nil)), "system/*.rs")); status != 401 {
			t.Error("a withdrawn key is taken")
		}
		if err := a.Disable(t.Context(), "lab", true); err != nil {
			t.Fatal(err)
		}
		if status, _ := post(h, form(sign(t, jose.RS384, rsaKey, "r", claims(lab.ID, nil)), "system/*.rs")); status != 401 {
			t.Error("a disabled client signs in")
		}
	})
}

// Keys are not asked for at addresses of this machine, nor where a redirect leads.
func TestKeysAreNotFetchedFromWithin(t *testing.T) {
	key, set := pair(t, "e")
	asked := 0
	inside := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; _, _ = w.Write(set) }))
	defer inside.Close()
	for _, address := range []string{inside.URL, "https://169.254.169.254/keys", "https://[::1]:1/", "https://0.0.0.0/"} {
		c := open(t, dbtest.SQLite(t, "clinical", smart.Migrations()), clock.At(noon), nil)
		client, err := c.Register(t.Context(), smart.NewClient{Name: "x", Scope: "system/*.rs", JWKSURI: address})
		if err != nil {
			t.Fatal(err)
		}
		h := web.New(web.Config{Log: slog.New(slog.DiscardHandler)}, c.Routes())
		status, out := post(h, form(sign(t, jose.ES384, key, "e", jwt.Claims{Issuer: client.ID, Subject: client.ID, ID: "1", Audience: jwt.Audience{base + "/auth/token"},
			Expiry: jwt.NewNumericDate(noon.Add(time.Minute))}), "system/*.rs"))
		if status != 401 || asked != 0 {
			t.Errorf("%s: %d %v, asked %d times", address, status, out, asked)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	c, err := smart.Open(smart.Deps{Store: dbtest.SQLite(b, "clinical", smart.Migrations()), Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), Base: base})
	if err != nil {
		b.Fatal(err)
	}
	lab, err := c.Named(b.Context(), "lab", "system/*.cruds")
	if err != nil {
		b.Fatal(err)
	}
	token, err := c.Issue(b.Context(), lab.ID, "system/*.cruds", "", time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := c.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}
