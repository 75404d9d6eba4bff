package identity

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/mitral-health/mitral/platform/fault"
)

// organisation is an OpenID Connect provider as an organisation would run it: discovery, keys,
// authorisation with PKCE and a token endpoint, over HTTP.
type organisation struct {
	t      *testing.T
	server *httptest.Server
	key    *rsa.PrivateKey
	h      *house
	codes  map[string]url.Values // the authorisation requests that await their code
	claims map[string]any        // of whoever signs in next
	spoil  func(claims map[string]any)
}

func newOrganisation(t *testing.T) *organisation {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	o := &organisation{t: t, key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	o.server = httptest.NewServer(mux)
	t.Cleanup(o.server.Close)
	reply := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"issuer": o.server.URL, "authorization_endpoint": o.server.URL + "/authorize", "token_endpoint": o.server.URL + "/token",
			"jwks_uri": o.server.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"code"},
			"subject_types_supported": []string{"pairwise"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("client_id") != "mitral" || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || !strings.Contains(q.Get("scope"), "openid") {
			http.Error(w, "bad request", 400)
			return
		}
		code := b64(newHandle())
		o.codes[code] = q
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusSeeOther)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		q, ok := o.codes[r.Form.Get("code")]
		delete(o.codes, r.Form.Get("code"))
		sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
		if _, secret, _ := r.BasicAuth(); !ok || secret != "hush" || b64(sum[:]) != q.Get("code_challenge") || r.Form.Get("redirect_uri") != q.Get("redirect_uri") {
			http.Error(w, `{"error":"invalid_grant"}`, 400)
			return
		}
		now := o.h.clock.Now()
		claims := map[string]any{"iss": o.server.URL, "aud": "mitral", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "nonce": q.Get("nonce"), "auth_time": now.Unix()}
		for k, v := range o.claims {
			claims[k] = v
		}
		if o.spoil != nil {
			o.spoil(claims)
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: o.key, KeyID: "1"}}, nil)
		if err != nil {
			t.Error(err)
		}
		raw, _ := json.Marshal(claims)
		signed, err := signer.Sign(raw)
		if err != nil {
			t.Error(err)
		}
		jwt, _ := signed.CompactSerialize()
		reply(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": jwt})
	})
	return o
}

func withProvider(t *testing.T, second bool) (*house, *organisation) {
	o := newOrganisation(t)
	h := lite(t, func(d *Deps) {
		d.OIDC = &OIDCConfig{Name: "Orlena staff account", Issuer: o.server.URL, ClientID: "mitral", ClientSecret: "hush", SecondFactor: second}
	})
	o.h = h
	return h, o
}

// throughProvider goes to the organisation and back.
func (b *browser) throughProvider(path string) *browser {
	b.h.t.Helper()
	b.get(path).sees(303)
	b.follow().sees(303)
	return b.follow()
}

func person(sub, email string, verified bool) map[string]any {
	return map[string]any{"sub": sub, "email": email, "email_verified": verified, "name": "Bo Ríos"}
}

func TestProviderSignsInWhoWasInvited(t *testing.T) {
	h, o := withProvider(t, true)
	ada, _ := h.person("ada@orlena.example", Administrator)
	ada.send("/admin/staff/invite", "login", "bo@orlena.example", "roles", "clinician", "lang", "es").sees(303)

	o.claims = person("bo-1", "stranger@orlena.example", true)
	h.browser().throughProvider("/sign-in/provider").sees(403, "no account or invitation")
	o.claims = person("bo-1", "bo@orlena.example", false)
	h.browser().throughProvider("/sign-in/provider").sees(403)
	if h.count(`SELECT COUNT(*) FROM accounts`) != 1 {
		t.Fatal("somebody got an account without an invitation to a verified address")
	}

	o.claims = person("bo-1", "Bo@orlena.example", true)
	b := h.browser()
	b.get("/sign-in").sees(200, "Orlena staff account")
	b.throughProvider("/sign-in/provider?next=/drafts").sentTo("/policy?next=%2Fdrafts")
	b.send("/policy", "version", "1", "accept", "yes", "next", "/drafts").sentTo("/drafts").follow().sees(200)
	if a := h.account("bo@orlena.example"); a.Name != "Bo Ríos" || len(a.Roles) != 1 || a.Roles[0] != Clinician {
		t.Fatalf("%+v", a)
	}

	// From then on the subject counts: a changed address finds the same person, and somebody else
	// who got the address finds nobody.
	o.claims = person("bo-1", "bo.rios@orlena.example", true)
	h.browser().throughProvider("/sign-in/provider").sentTo("/drafts")
	o.claims = person("bo-2", "bo@orlena.example", true)
	h.browser().throughProvider("/sign-in/provider").sees(403)

	// An account with a password is linked by its verified address.
	o.claims = person("ada-1", "ada@orlena.example", true)
	h.browser().throughProvider("/sign-in/provider").sentTo("/admin/staff")

	// Proving again who one is.
	h.clock.Advance(time.Hour)
	b.get("/account/passkeys").sees(303)
	b.follow().sees(200, "Confirm with your organisation's account")
	o.claims = person("bo-1", "bo@orlena.example", true)
	b.throughProvider("/sign-in/provider?next=/account/passkeys&again=1").sentTo("/account/passkeys")
	b.follow().sees(200)
	h.clock.Advance(time.Hour)
	o.spoil = func(c map[string]any) { c["auth_time"] = h.clock.Now().Add(-time.Hour).Unix() }
	b.throughProvider("/sign-in/provider?next=/account/passkeys&again=1").sees(400) // signed in there long ago
}

func TestProviderAnswersThatAreRefused(t *testing.T) {
	h, o := withProvider(t, true)
	h.person("ada@orlena.example", Administrator)
	o.claims = person("ada-1", "ada@orlena.example", true)
	for name, spoil := range map[string]func(map[string]any){
		"another nonce":  func(c map[string]any) { c["nonce"] = "x" },
		"another client": func(c map[string]any) { c["aud"] = "other" },
		"another issuer": func(c map[string]any) { c["iss"] = "https://evil.example" },
		"expired":        func(c map[string]any) { c["exp"] = h.clock.Now().Add(-time.Hour).Unix() },
		"no subject":     func(c map[string]any) { delete(c, "sub") },
	} {
		o.spoil = spoil
		if b := h.browser().throughProvider("/sign-in/provider"); b.status != 400 {
			t.Errorf("%s: %d to %q", name, b.status, b.at)
		}
	}
	o.spoil = nil
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	mine := o.key
	o.key = other
	h.browser().throughProvider("/sign-in/provider").sees(400) // signed with another key
	o.key = mine

	b := h.browser()
	b.get("/sign-in/provider").follow()
	back := b.at
	h.browser().get(back).sees(400) // another browser: login forgery
	b.get(strings.Replace(back, "state=", "state=x", 1)).sees(400)
	b.get(back).sees(400) // and the ceremony is used up
	b.get("/sign-in/provider").follow()
	back = b.at
	b.get(back).sentTo("/admin/staff")
	b.get(back).sees(400)
	b.get("/sign-in/provider")
	u, _ := url.Parse(b.at)
	b.get("/sign-in/provider/back?error=access_denied&state="+u.Query().Get("state")).sees(400, "did not sign you in")
}

func TestProviderWithoutSecondFactor(t *testing.T) {
	h, o := withProvider(t, false)
	_, app := h.person("ada@orlena.example", Administrator)
	o.claims = person("ada-1", "ada@orlena.example", true)
	b := h.browser()
	b.throughProvider("/sign-in/provider").sentTo("/sign-in/code")
	b.send("/sign-in/code", "code", app.code()).sentTo("/admin/staff")
	o.claims["amr"] = []string{"pwd", "mfa"} // it says that it asked for two
	h.browser().throughProvider("/sign-in/provider").sentTo("/admin/staff")
}

func TestProviderThatIsDown(t *testing.T) {
	h, o := withProvider(t, true)
	o.server.Close()
	h.browser().get("/sign-in").sees(200)
	h.browser().get("/sign-in/provider").sees(503, "does not answer")
}

func TestProviderConfig(t *testing.T) {
	for issuer, ok := range map[string]bool{"https://id.orlena.example": true, "http://id.orlena.example": false, "": false, "id.orlena.example": false, "http://localhost:9000": true} {
		if _, err := newProvider(OIDCConfig{Issuer: issuer, ClientID: "x"}); (err == nil) != ok {
			t.Errorf("%q: %v", issuer, err)
		}
	}
}

// A provider that takes connections and says nothing keeps nobody waiting for ever, neither who asks
// it nor who asks meanwhile.
func TestProviderThatIsSilent(t *testing.T) {
	done := make(chan struct{})
	mute := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
	defer mute.Close()
	defer close(done)
	p, err := newProvider(OIDCConfig{Issuer: mute.URL, ClientID: "mitral"})
	if err != nil {
		t.Fatal(err)
	}
	if p.client.Timeout != providerWaits {
		t.Errorf("waits %s", p.client.Timeout)
	}
	p.client.Timeout = 20 * time.Millisecond
	if _, err := p.discover(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("who asks: %v", err)
	}
	p.turn <- struct{}{} // somebody is asking
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.discover(ctx); !fault.Is(err, fault.Unavailable) {
		t.Errorf("who asks meanwhile: %v", err)
	}
}
