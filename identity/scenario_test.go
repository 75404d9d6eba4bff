package identity

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The first administrator comes by the one-time link, invites a colleague, who joins; both sign in
// again another day.
func TestFromTheFirstLinkToAColleague(t *testing.T) {
	each(t, func(h *house) {
		link, err := h.ids.FirstLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		path := strings.TrimPrefix(link, h.url)

		ada := h.browser()
		ada.get(path).sees(200, "You are the first")
		ada.send(path, "name", "Ada Quenby", "login", "ada@orlena.example", "password", "short").sees(400, "at least 12 characters")
		ada.send(path, "name", "Ada Quenby", "login", "Ada@Orlena.example", "password", good).sentTo("/sign-in/set-up")
		ada.get("/account").sees(303) // no session before the second factor
		ada.get("/sign-in/set-up").sees(200, "Protect your account")
		app := ada.scan()
		ada.send("/sign-in/set-up", "code", "000000").sees(400, "That code is not right")
		ada.send("/sign-in/set-up", "code", app.code()).sentTo("/policy?next=%2Faccount%2Fcodes")
		ada.get("/admin/staff").sentTo("/policy?next=%2Fadmin%2Fstaff") // nothing before the policy
		ada.get("/policy?next=/account/codes").sees(200, "Your rights at work", "Never identify a patient")
		ada.send("/policy", "version", "1").sees(400, "Tick the box")
		ada.send("/policy", "version", "1", "accept", "yes", "next", "/account/codes").sentTo("/account/codes")
		ada.send("/account/codes").sees(200, "They are shown this once")
		codes := codeRe.FindAllStringSubmatch(ada.page, -1)
		if len(codes) != 10 {
			t.Fatalf("%d codes", len(codes))
		}
		ada.get("/account/codes").sees(200, "You have 10 codes left")
		if codeRe.MatchString(ada.page) {
			t.Fatal("the codes were shown again")
		}
		h.browser().get(path).sees(404) // the link is used up
		if _, err := h.ids.FirstLink(t.Context()); err == nil {
			t.Fatal("a first link was made beside an administrator")
		}

		ada.get("/admin/staff").sees(200, "It is just you so far")
		ada.send("/admin/staff/invite", "login", "bo@orlena.example", "lang", "es").sees(400, "Choose at least one role")
		ada.send("/admin/staff/invite", "login", "bo@orlena.example", "lang", "es", "roles", "communications", "roles", "root").sentTo("/admin/staff?done=invited")
		ada.follow().sees(200, "bo@orlena.example", "on its way")
		letter := h.mailed("bo@orlena.example", 1)
		if !strings.Contains(letter.Subject, "Tu invitación") || strings.Contains(h.log.String(), "bo@orlena.example") {
			t.Fatalf("subject %q; log %s", letter.Subject, h.log)
		}
		bo := h.browser()
		bo.lang = "es"
		join := linkIn(t, letter)
		bo.get(join).sees(200, "Te damos la bienvenida", "bo@orlena.example", "Comunicación")
		bo.send(join, "name", "Bo Ríos", "login", "other@orlena.example", "password", "doce limones y un tren").sentTo("/sign-in/set-up").follow()
		bos := bo.scan()
		bo.send("/sign-in/set-up", "code", bos.code())
		bo.send("/policy", "version", "1", "accept", "yes").sentTo("/account?done=policy")
		bo.get("/drafts").sees(200)
		bo.get("/review").sees(403)
		bo.get("/admin/staff").sees(403)
		if n := h.count(`SELECT COUNT(*) FROM accounts WHERE login = 'bo@orlena.example' AND lang = 'es' AND roles = '["communications"]'`); n != 1 {
			t.Fatal("the account is not what was invited")
		}
		h.browser().get(join).sees(404)

		h.clock.Advance(13 * time.Hour) // the sessions have idled out
		ada.get("/account").sentTo("/sign-in?next=%2Faccount")
		ada.send("/sign-in", "login", "ada@orlena.example", "password", good, "next", "/account").sentTo("/sign-in/code")
		ada.get("/account").sees(303)
		code := app.code()
		ada.send("/sign-in/code", "code", code).sentTo("/account")
		ada.follow().sees(200, "Ada Quenby", "Firefox, Linux", "This device")

		again := h.browser() // the same code from another browser: refused
		again.send("/sign-in", "login", "ada@orlena.example", "password", good).sentTo("/sign-in/code")
		again.send("/sign-in/code", "code", code).sees(400, "That code is not right")
		again.send("/sign-in/code", "recovery", strings.ToLower(codes[3][1])).sentTo("/admin/staff")
		third := h.browser()
		third.send("/sign-in", "login", "ada@orlena.example", "password", good)
		third.send("/sign-in/code", "recovery", codes[3][1]).sees(400, "was used before")

		acts := h.acts()
		for _, want := range []string{"first link made", "account created", "invitation accepted", "app set up", "policy accepted", "recovery codes made",
			"invited", "signed in", "code wrong"} {
			if !slices.Contains(acts, want) {
				t.Errorf("%q is not in the trail: %v", want, acts)
			}
		}
	})
}

func TestWrongAnswersTellNothing(t *testing.T) {
	h := lite(t, nil)
	h.person("ama@orlena.example", Communications)
	var pages []string
	for _, login := range []string{"ama@orlena.example", "nobody@orlena.example"} {
		b := h.browser()
		b.send("/sign-in", "login", login, "password", "not the password").sees(400, "don't belong together")
		pages = append(pages, strings.ReplaceAll(b.page, login, "LOGIN"))
		b.send("/sign-in/forgot", "login", login).sentTo("/sign-in/forgot?done=sent")
	}
	if pages[0] != pages[1] {
		t.Fatal("the pages for a known and an unknown person differ")
	}
	if n := h.count(`SELECT COUNT(*) FROM resets`); n != 2 {
		t.Fatalf("%d resets were taken down, not two: the time would tell", n)
	}
	h.mailed("ama@orlena.example", 1)
	if len(h.post.to("nobody@orlena.example")) != 0 {
		t.Fatal("a stranger got mail")
	}
}

func TestForgottenPasswordStillNeedsTheSecondFactor(t *testing.T) {
	each(t, func(h *house) {
		ama, app := h.person("ama@orlena.example", Communications)
		b := h.browser()
		b.send("/sign-in/forgot", "login", "ama@orlena.example")
		link := linkIn(t, h.mailed("ama@orlena.example", 1))
		b.get(link).sees(200, "Choose a new password")
		b.send(link, "password", "ama.oseland1").sees(400, "close to your name")
		const fresh = "a tram full of pears"
		b.send(link, "password", fresh).sentTo("/sign-in/code")
		h.browser().send("/sign-in", "login", "ama@orlena.example", "password", fresh).sees(400) // not yet
		ama.get("/account").sees(200)
		b.send("/sign-in/code", "code", "123456").sees(400)
		b.send("/sign-in/code", "code", app.code()).sentTo("/drafts")
		ama.get("/account").sees(303) // the other session ended
		h.browser().send("/sign-in", "login", "ama@orlena.example", "password", good).sees(400)
		h.browser().send("/sign-in", "login", "ama@orlena.example", "password", fresh).sentTo("/sign-in/code")
		h.browser().get(link).sees(404) // used
	})
}

func TestResetLinkExpires(t *testing.T) {
	h := lite(t, nil)
	h.person("ama@orlena.example", Communications)
	h.browser().send("/sign-in/forgot", "login", "ama@orlena.example")
	link := linkIn(t, h.mailed("ama@orlena.example", 1))
	h.clock.Advance(61 * time.Minute)
	h.browser().get(link).sees(404)
	h.browser().send(link, "password", "a tram full of pears").sees(404)
}

func TestInvitationsEndAndAreReplaced(t *testing.T) {
	each(t, func(h *house) {
		ada, _ := h.person("ada@orlena.example", Administrator)
		ada.send("/admin/staff/invite", "login", "bo@orlena.example", "roles", "reviewer", "lang", "en").sees(303)
		first := linkIn(t, h.mailed("bo@orlena.example", 1))
		h.browser().get(first).sees(200)
		var which string
		if err := h.store.Read(t.Context(), scanString(&which, `SELECT id FROM invitations WHERE closed_at = 0`)); err != nil {
			t.Fatal(err)
		}
		if n := h.count(`SELECT COUNT(*) FROM invitations WHERE CAST(hash AS TEXT) = $1`, strings.TrimPrefix(first, "/invite/")); n != 0 {
			t.Fatal("the link is stored")
		}
		ada.send("/admin/staff/invitations/"+which, "do", "again").sentTo("/admin/staff?done=again")
		second := linkIn(t, h.mailed("bo@orlena.example", 2))
		h.browser().get(first).sees(404)
		h.browser().get(second).sees(200)
		h.clock.Advance(7*24*time.Hour + time.Minute)
		h.browser().get(second).sees(404)
		h.browser().send(second, "name", "Bo", "password", good).sees(404)

		ada.send("/sign-in", "login", "ada@orlena.example", "password", good).sees(303)
	})
}

func TestRevokedInvitation(t *testing.T) {
	h := lite(t, nil)
	ada, _ := h.person("ada@orlena.example", Administrator)
	ada.send("/admin/staff/invite", "login", "bo@orlena.example", "roles", "reviewer", "lang", "en").sees(303)
	link := linkIn(t, h.mailed("bo@orlena.example", 1))
	var which string
	if err := h.store.Read(t.Context(), scanString(&which, `SELECT id FROM invitations WHERE closed_at = 0`)); err != nil {
		t.Fatal(err)
	}
	ada.send("/admin/staff/invitations/"+which, "do", "revoke").sentTo("/admin/staff?done=revoked")
	h.browser().send(link, "name", "Bo", "password", good).sees(404)
	ada.send("/admin/staff/invitations/"+which, "do", "again").sees(409, "accepted or revoked meanwhile")
}

// One code opens one session, however many browsers bring it at once; so does one invitation.
func TestAtTheSameTime(t *testing.T) {
	each(t, func(h *house) {
		ada, app := h.person("ada@orlena.example", Administrator)
		var all []*browser
		for range 4 {
			b := h.browser()
			all = append(all, b.send("/sign-in", "login", "ada@orlena.example", "password", good).sentTo("/sign-in/code"))
		}
		code := app.code()
		in := 0
		for _, b := range together(all, func(b *browser) { b.send("/sign-in/code", "code", code) }) {
			if b.at == "/admin/staff" {
				in++
			}
		}
		if in != 1 {
			t.Fatalf("one code let %d browsers in", in)
		}

		ada.send("/admin/staff/invite", "login", "bo@orlena.example", "roles", "reviewer", "lang", "en").sees(303)
		link := linkIn(t, h.mailed("bo@orlena.example", 1))
		all = []*browser{h.browser(), h.browser(), h.browser()}
		in = 0
		for _, b := range together(all, func(b *browser) { b.send(link, "name", "Bo", "password", good) }) {
			if b.at == "/sign-in/set-up" {
				in++
			}
		}
		if in != 1 || h.count(`SELECT COUNT(*) FROM accounts`) != 2 {
			t.Fatalf("one invitation made %d accounts", in)
		}
	})
}

func together(all []*browser, f func(*browser)) []*browser {
	var wg sync.WaitGroup
	for _, b := range all {
		wg.Go(func() { f(b) })
	}
	wg.Wait()
	return all
}
