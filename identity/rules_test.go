package identity

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/identity/internal/secret"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

func scanString(s *string, query string, args ...any) func(db.Tx) error {
	return func(tx db.Tx) error { return tx.QueryRow(context.Background(), query, args...).Scan(s) }
}

func (h *house) account(login string) AccountView {
	h.t.Helper()
	list, err := h.ids.Accounts(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, a := range list {
		if a.Login == login {
			return a
		}
	}
	h.t.Fatalf("no account %s", login)
	return AccountView{}
}

func TestTheLastAdministratorStays(t *testing.T) {
	each(t, func(h *house) {
		ada, _ := h.person("ada@orlena.example", Administrator)
		me := "/admin/staff/" + h.account("ada@orlena.example").ID.String()
		ada.get(me).sees(200, "Save the roles")
		ada.send(me, "do", "roles", "roles", "reviewer").sees(409, "last administrator")
		ada.send(me, "do", "suspend").sees(409, "last administrator")
		ada.send(me, "do", "roles").sees(400, "Choose at least one role")
		ada.get("/admin/staff").sees(200)

		bo, _ := h.person("bo@orlena.example", Administrator, Reviewer)
		ada.send(me, "do", "roles", "roles", "reviewer").sentTo(me + "?done=roles")
		ada.get("/admin/staff").sees(403) // at once, in the same session
		ada.get("/review").sees(200)
		bo.get("/admin/staff").sees(200)
	})
}

func TestSuspensionHoldsAtOnce(t *testing.T) {
	each(t, func(h *house) {
		ada, _ := h.person("ada@orlena.example", Administrator)
		bo, app := h.person("bo@orlena.example", Communications)
		who := "/admin/staff/" + h.account("bo@orlena.example").ID.String()
		bo.get("/drafts").sees(200)
		ada.send(who, "do", "suspend").sentTo(who + "?done=suspend")
		bo.get("/drafts").sees(303)
		bo.send("/sign-in", "login", "bo@orlena.example", "password", good).sees(403, "suspended")
		bo.send("/sign-in", "login", "bo@orlena.example", "password", "wrong password!").sees(400) // only who knows the password is told
		ada.send(who, "do", "restore").sentTo(who + "?done=restore")
		bo.send("/sign-in", "login", "bo@orlena.example", "password", good).sentTo("/sign-in/code")
		bo.send("/sign-in/code", "code", app.code()).sentTo("/drafts")
		ada.send(who, "do", "sessions").sees(303)
		bo.get("/drafts").sees(303)

		ada.send(who, "do", "factors").sees(303)
		bo.send("/sign-in", "login", "bo@orlena.example", "password", good).sentTo("/sign-in/set-up")
	})
}

func TestSensitivePagesAskAgain(t *testing.T) {
	h := lite(t, nil)
	ada, _ := h.person("ada@orlena.example", Administrator)
	h.clock.Advance(11 * time.Minute)
	ada.get("/account/password").sentTo("/sign-in/again?next=%2Faccount%2Fpassword")
	ada.get("/account").sees(200)
	// A form that was opened in time is still taken.
	ada.send("/account/password", "password", "a tram full of pears").sentTo("/account?done=password")
	h.clock.Advance(30 * time.Minute)
	ada.send("/admin/staff/invite", "login", "x@orlena.example", "roles", "reviewer").sentTo("/sign-in/again?next=%2Fadmin%2Fstaff%2Finvite")
	before := ada.cookie("mitral-session")
	ada.send("/sign-in/again", "password", "wrong wrong wrong", "next", "/account/password").sees(400, "not your password")
	ada.send("/sign-in/again", "password", "a tram full of pears", "next", "/account/password").sentTo("/account/password")
	if ada.cookie("mitral-session") == before {
		t.Fatal("the session's token did not change")
	}
	ada.get("/account/password").sees(200)
	if h.count(`SELECT COUNT(*) FROM sessions`) != 1 {
		t.Fatal("the old session is still there")
	}
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(h *house) {
		ama, _ := h.person("ama@orlena.example", Communications)
		for range 16 { // in use all the time, it still ends after its limit
			h.clock.Advance(10 * time.Hour)
			ama.get("/account").sees(200)
		}
		h.clock.Advance(10 * time.Hour)
		ama.get("/account").sees(303)
		if ama.cookie("mitral-session") != "" {
			t.Fatal("a dead cookie stayed")
		}
	})
}

func TestLastSeenIsWrittenSeldom(t *testing.T) {
	h := lite(t, nil)
	ama, _ := h.person("ama@orlena.example", Communications)
	seen := func() int { return h.count(`SELECT seen_at FROM sessions`) }
	first := seen()
	h.clock.Advance(4 * time.Minute)
	ama.get("/account").sees(200)
	if seen() != first {
		t.Fatal("written after four minutes")
	}
	h.clock.Advance(2 * time.Minute)
	ama.get("/account").sees(200)
	if seen() == first {
		t.Fatal("not written after six minutes")
	}
}

func TestOtherSessionsCanBeEnded(t *testing.T) {
	h := lite(t, nil)
	ama, app := h.person("ama@orlena.example", Communications)
	sign := func() *browser {
		b := h.browser()
		b.send("/sign-in", "login", "ama@orlena.example", "password", good)
		return b.send("/sign-in/code", "code", app.code()).sentTo("/drafts")
	}
	two, three := sign(), sign()
	bo, _ := h.person("bo@orlena.example", Communications)
	var which string
	if err := h.store.Read(t.Context(), scanString(&which, `SELECT id FROM sessions WHERE account = $1 ORDER BY created_at LIMIT 1`, h.account("bo@orlena.example").ID)); err != nil {
		t.Fatal(err)
	}
	ama.send("/account/sessions", "which", which).sees(303)
	bo.get("/account").sees(200) // somebody else's session is none of hers
	if err := h.store.Read(t.Context(), scanString(&which, `SELECT id FROM sessions WHERE account = $1 ORDER BY created_at DESC LIMIT 1`, h.account("ama@orlena.example").ID)); err != nil {
		t.Fatal(err)
	}
	ama.send("/account/sessions", "which", which).sees(303)
	three.get("/account").sees(303)
	two.get("/account").sees(200)
	ama.send("/account/sessions", "which", "others").sees(303)
	two.get("/account").sees(303)
	ama.get("/account").sees(200)
	ama.send("/sign-out").sentTo("/sign-in?done=out")
	ama.get("/account").sees(303)
}

// A stranger's guesses slow the stranger down, and nobody else.
func TestThrottleDoesNotLockTheVictimOut(t *testing.T) {
	each(t, func(h *house) {
		ama, app := h.person("ama@orlena.example", Communications)
		ama.send("/sign-out")
		stranger := h.browser() // on the same network, which is the worst case
		for range 5 {
			stranger.send("/sign-in", "login", "ama@orlena.example", "password", "guess guess guess").sees(400)
		}
		stranger.send("/sign-in", "login", "ama@orlena.example", "password", good).sees(429, "Wait one minute")
		stranger.send("/sign-in", "login", "nobody@orlena.example", "password", "guess guess guess").sees(400)
		// Her own browser is known, and gets in.
		ama.send("/sign-in", "login", "ama@orlena.example", "password", good).sentTo("/sign-in/code")
		ama.send("/sign-in/code", "code", app.code()).sentTo("/drafts")
		// So does anybody who waits: no lock is for ever.
		h.clock.Advance(time.Minute)
		stranger.send("/sign-in", "login", "ama@orlena.example", "password", good).sentTo("/sign-in/code")
		// The known device is no way around the throttle: it has its own.
		for range 10 {
			ama.send("/sign-in", "login", "ama@orlena.example", "password", "guess guess guess").sees(400)
		}
		ama.send("/sign-in", "login", "ama@orlena.example", "password", good).sees(429)
	})
}

func TestUnknownPeopleAreThrottledAlike(t *testing.T) {
	h := lite(t, nil)
	for _, login := range []string{"nobody@orlena.example", " \t weird \" login "} {
		b := h.browser()
		for range 5 {
			b.send("/sign-in", "login", login, "password", "x").sees(400)
		}
		b.send("/sign-in", "login", login, "password", "x").sees(429)
	}
}

func TestCodesRunOut(t *testing.T) {
	h := lite(t, nil)
	_, app := h.person("ama@orlena.example", Communications)
	b := h.browser()
	b.send("/sign-in", "login", "ama@orlena.example", "password", good)
	for n := range maxTries {
		b.send("/sign-in/code", "code", "000000")
		if n < maxTries-1 {
			b.sees(400)
		}
	}
	b.sentTo("/sign-in?done=late")
	b.send("/sign-in/code", "code", app.code()).sentTo("/sign-in?done=late") // from the password again
	b.send("/sign-in", "login", "ama@orlena.example", "password", good).sentTo("/sign-in/code")
	b.send("/sign-in/code", "code", "000000").sees(400)
	b.send("/sign-in/code", "code", app.code()).sees(429)
}

func TestNewPolicyIsAskedAgain(t *testing.T) {
	each(t, func(h *house) {
		ada, _ := h.person("ada@orlena.example", Administrator)
		ama, _ := h.person("ama@orlena.example", Communications)
		ama.do("POST", "/compose/check", "application/json", "{}").sees(200)
		form := []string{"text_en", "# New\n\nNo <script>alert(1)</script> [x](javascript:alert(1))", "text_es", "# Nueva", "summary_en", "Shorter.", "summary_es", "Más corta."}
		ada.send("/admin/policy", append(form, "base", "1", "do", "preview")...).sees(200, "Preview: English")
		if strings.Contains(ada.page, "<script>alert") || strings.Contains(ada.page, `href="javascript:`) {
			t.Fatal("the preview runs what was written")
		}
		if n := h.count(`SELECT MAX(version) FROM policies`); n != 1 {
			t.Fatal("a preview published")
		}
		ada.send("/admin/policy", append(form, "base", "0", "do", "publish")...).sees(409, "published meanwhile")
		ada.send("/admin/policy", append(form[:4:4], "base", "1", "do", "publish")...).sees(400, "what has changed")
		ada.send("/admin/policy", append(form, "base", "1", "do", "publish")...).sentTo("/admin/policy?done=published")

		ama.do("POST", "/compose/check", "application/json", "{}").sees(403) // without it nobody posts
		ama.send("/desk").sees(403)                                          // or changes anything
		ama.do("GET", "/drafts", "application/json", "").sees(403)
		ama.get("/drafts").sentTo("/policy?next=%2Fdrafts")
		ama.follow().sees(200, "The policy has changed", "Shorter.")
		ama.send("/policy", "version", "1", "accept", "yes").sees(409, "newer version")
		ama.send("/policy", "version", "2", "accept", "yes", "next", "/drafts").sentTo("/drafts")
		ama.send("/desk").sees(200)
		ama.do("POST", "/compose/check", "application/json", "{}").sees(200)
		if n := h.count(`SELECT COUNT(*) FROM acceptances`); n != 3 {
			t.Fatalf("%d acceptances are on record, not three", n)
		}
	})
}

func TestStalePolicyEditorKeepsTheText(t *testing.T) {
	h := lite(t, nil)
	ada, _ := h.person("ada@orlena.example", Administrator)
	h.clock.Advance(time.Hour)
	ada.send("/admin/policy", "base", "1", "do", "publish", "text_en", "# Kept words", "text_es", "# x", "summary_en", "x", "summary_es", "x").
		sees(403, "# Kept words", "Confirm in a new window")
}

func TestSubjectsArePairwise(t *testing.T) {
	each(t, func(h *house) {
		h.person("ama@orlena.example", Communications)
		h.person("bo@orlena.example", Reviewer)
		a, b := h.account("ama@orlena.example"), h.account("bo@orlena.example")
		seen := map[string]bool{a.ID.String(): true, b.ID.String(): true}
		for _, v := range []AccountView{a, b} {
			for _, c := range []Chamber{Social, Clinical, Gate} {
				s := v.Subjects[c]
				if s.IsZero() || seen[s.String()] {
					t.Fatalf("subject %s is missing or shared", s)
				}
				seen[s.String()] = true
				if s[6]>>4 != 4 {
					t.Fatal("a subject tells when it was made")
				}
			}
		}
		names, err := h.ids.Names(t.Context(), Social, []Subject{a.Subjects[Social], b.Subjects[Gate]})
		if err != nil || len(names) != 1 || names[a.Subjects[Social]] != "Ama Oseland" {
			t.Fatalf("%v %v", names, err)
		}
	})
}

func TestLastFactorStays(t *testing.T) {
	h := lite(t, nil)
	ama, _ := h.person("ama@orlena.example", Communications)
	ama.get("/account/app").sees(200, "Remove the app")
	ama.send("/account/app", "do", "remove").sees(409, "only second factor")
	ama.send("/account/app", "code", "123456").sees(409)
}

func TestProfile(t *testing.T) {
	h := lite(t, nil)
	ama, _ := h.person("ama@orlena.example", Communications)
	ama.send("/account", "name", "  Ama   O. ", "lang", "es", "zone", "America/Bogota").sentTo("/account?done=saved")
	ama.follow().sees(200, "Saved.", "Ama O.")
	ama.send("/account", "name", "Ama", "zone", "Mars/Olympus").sees(400, "time zone")
	ama.send("/account", "name", strings.Repeat("x", 81)).sees(400, "too long")
	ama.send("/account", "name", " ").sees(400, "Write your name")
}

func TestDemoSignsInWithThePasswordAlone(t *testing.T) {
	h := lite(t, func(d *Deps) {
		d.Demo = true
		d.DemoAccounts = []DemoAccount{{Role: Reviewer, Name: "Leonor Vask", Login: "leonor", Password: "demo"}}
	})
	if _, err := h.ids.CreateAccount(t.Context(), NewAccount{Login: "leonor", Name: "Leonor Vask", Password: "demo", Roles: []Role{Reviewer}, Accepted: true}); err != nil {
		t.Fatal(err)
	}
	b := h.browser()
	b.get("/sign-in").sees(200, "Choose who you want to be", "leonor")
	b.send("/sign-in", "login", "leonor", "password", "demo").sentTo("/review")
	b.get("/review").sees(200)
	b.get("/account/app").sees(200)
	app := b.scan()
	b.send("/account/app", "code", app.code()).sees(303)
	c := h.browser()
	c.send("/sign-in", "login", "leonor", "password", "demo").sentTo("/sign-in/code") // who sets an app up is asked for it
}

func TestCookiesOverHTTPS(t *testing.T) {
	h := lite(t, func(d *Deps) { d.Site.URL = "https://orlena.example" })
	w := httptest.NewRecorder()
	h.ids.setCookie(w, sessionCookie, "x", time.Hour)
	if got := w.Header().Get("Set-Cookie"); got != "__Host-mitral-session=x; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax" {
		t.Fatal(got)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	h := lite(t, nil)
	h.person("ama@orlena.example", Communications)
	req, _ := http.NewRequest("POST", h.url+"/sign-in", strings.NewReader("login=ama%40orlena.example&password=lemon+river+window"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 403 {
		t.Fatalf("status %d", res.StatusCode)
	}
}

func TestNextStaysHere(t *testing.T) {
	h := lite(t, func(d *Deps) { d.Demo = true })
	if _, err := h.ids.CreateAccount(t.Context(), NewAccount{Login: "leonor", Name: "Leonor", Password: "demo", Roles: []Role{Reviewer}, Accepted: true}); err != nil {
		t.Fatal(err)
	}
	for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""} {
		h.browser().send("/sign-in", "login", "leonor", "password", "demo", "next", next).sentTo("/review")
	}
}

func TestLogins(t *testing.T) {
	for in, want := range map[string]string{
		" Ama@Orlena.Example ": "ama@orlena.example", "ama": "ama", "a": "", "ama oseland": "", "Ama <ama@x.example>": "", "ama@": "",
		"ñandú": "", "a\x00b@x.example": "", "ama@x.example\n": "ama@x.example",
	} {
		if got := cleanLogin(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if isAddress("ama") || !isAddress("ama@orlena.example") {
		t.Error("addresses")
	}
}

func TestDeviceAndNetworkNames(t *testing.T) {
	if got := deviceOf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1"); got != "Safari, iPhone" {
		t.Error(got)
	}
	if got := deviceOf("curl/8"); got != "" {
		t.Error(got)
	}
	for in, want := range map[string]string{"203.0.113.77": "203.0.113.0/24", "2001:db8:1:2::9": "2001:db8:1::/48", "::ffff:203.0.113.77": "203.0.113.0/24"} {
		if got := networkOf(netip.MustParseAddr(in)); got != want {
			t.Error(got)
		}
	}
	if networkOf(netip.Addr{}) != "" {
		t.Error("no address has a network")
	}
}

func TestCommandLine(t *testing.T) {
	h := lite(t, nil)
	if empty, err := h.ids.Empty(t.Context()); !empty || err != nil {
		t.Fatal(empty, err)
	}
	if _, err := h.ids.CreateAccount(t.Context(), NewAccount{Login: "ama@orlena.example", Name: "Ama", Password: "short", Roles: []Role{Reviewer}}); !fault.Is(err, fault.Invalid) {
		t.Fatal(err)
	}
	h.person("ama@orlena.example", Reviewer)
	if err := h.ids.ResetFactors(t.Context(), "nobody@orlena.example"); !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	if err := h.ids.ResetFactors(t.Context(), "Ama@orlena.example"); err != nil {
		t.Fatal(err)
	}
	if a := h.account("ama@orlena.example"); a.SecondFactor || !a.LastSeen.IsZero() {
		t.Fatalf("%+v", a)
	}
}

func TestSweep(t *testing.T) {
	h := lite(t, nil)
	ama, _ := h.person("ama@orlena.example", Reviewer)
	h.browser().send("/sign-in", "login", "ama@orlena.example", "password", good)
	h.browser().send("/sign-in", "login", "ama@orlena.example", "password", "wrong wrong")
	h.clock.Advance(8 * 24 * time.Hour)
	if err := h.ids.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"ceremonies", "sessions", "throttle"} {
		if n := h.count(`SELECT COUNT(*) FROM ` + table); n != 0 {
			t.Errorf("%d rows are left in %s", n, table)
		}
	}
	ama.get("/account").sees(303)
}

func FuzzDeviceCookie(f *testing.F) {
	ring, err := secret.NewRing(make([]byte, secret.KeySize))
	if err != nil {
		f.Fatal(err)
	}
	ids := &Identity{ring: ring, clock: clock.At(start)}
	a := &account{ID: id.New[Account](start)}
	f.Add(ids.addMark("", a))
	f.Add("....")
	f.Fuzz(func(t *testing.T, s string) {
		if ids.knownDevice(s, &account{ID: id.New[Account](start)}) != "" {
			t.Fatalf("%q is a mark of anybody", s)
		}
		if kept := splitMarks(ids.addMark(s, a)); len(kept) > deviceMarks {
			t.Fatalf("%q grew", s)
		}
	})
}
