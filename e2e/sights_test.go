package e2e

import (
	"strings"
	"testing"
)

// The table of pages that TestEveryPage looks at.

func readersSights(t *testing.T, p *program) []sight {
	v := p.as(t, "communications")
	voice := v.voice(t, "Orlena Health Centre")
	draft, edited := v.publish(t, voice, "A page that changed", "The hall opens at nine on Monday. There is tea.")
	copied := v.get(t, draft).find(t, `href="(/compose\?edits=[^"]+)"`)
	form := v.get(t, copied).want(t, 200)
	v.post(t, "/compose", "do", "post", "rev", "0", "edits", form.find(t, `name="edits" value="([^"]+)"`),
		"title", "A page that changed", "body", "The hall opens at ten on Monday. There is tea and cake.").want(t, 303)
	draft, gone := v.publish(t, voice, "A page that went", "This will not stay for long.")
	v.post(t, draft+"/withdraw", "reason", "It was a trial.").want(t, 303)

	reader := newVisitor(p.URL)
	home := reader.get(t, "/news?lang=en")
	link := func(title string) string { return home.find(t, `href="(/p/[^"]+)">`+title) }
	return []sight{
		{name: "home", path: "/", dark: true},
		{name: "news", path: "/news", dark: true},
		{name: "news-older", path: strings.TrimPrefix(home.find(t, `rel="next" href="([^"]+)"`), p.URL)},
		{name: "people", path: "/people", dark: true},
		{name: "profile-clinician", path: "/u/marisol", dark: true},
		{name: "profile-articles", path: "/u/marisol/articles"},
		{name: "profile-department", path: "/u/family-medicine"},
		{name: "profile-organisation", path: "/u/orlena"},
		{name: "article", path: link("Measure your blood pressure"), dark: true},
		{name: "note", path: link("You gave 212 units")},
		{name: "thread", path: reader.get(t, "/topics/sleep?lang=en").find(t, `href="(/p/[^"#]+)"`)},
		{name: "edited", path: edited},
		{name: "history", path: edited + "/history", dark: true},
		{name: "error-410", path: gone},
		{name: "topics", path: "/topics"},
		{name: "topic", path: "/topics/blood-pressure"},
		{name: "about", path: "/about", dark: true},
		{name: "rules", path: "/rules"},
		{name: "privacy", path: "/privacy"},
		{name: "accessibility", path: "/accessibility"},
		{name: "error-404", path: "/nothing", dark: true},
		{name: "error-400", path: "/news?after=nonsense"},
		{name: "sign-in", path: "/sign-in", dark: true},
		{name: "sign-in-wrong", path: "/sign-in", then: func(b *tab) {
			b.fill("#login", "nobody")
			b.fill("#password", "wrong")
			b.submit("form.card")
			b.until(`document.querySelector(".errsum")`)
		}},
		{name: "forgot", path: "/sign-in/forgot"},
		{name: "forgot-sent", path: "/sign-in/forgot", then: func(b *tab) {
			b.fill("#login", "nobody@orlena.example")
			b.submit("main form")
			b.until(`document.querySelector("main [role=status]")`)
		}},
		{name: "reset-gone", path: "/sign-in/reset/nonsense"},
		{name: "invitation-gone", path: "/invite/nonsense"},
		{name: "parts", path: "/parts", dark: true},
		{name: "join", path: "/join", dark: true},
		{name: "join-wrong", path: "/join", then: func(b *tab) {
			b.fill("#code", "AAAAA-AAAAA")
			b.submit("main form")
			b.until(`document.querySelector(".errsum")`)
		}},
	}
}

func writersSights(t *testing.T, p *program) []sight {
	v := p.as(t, "communications")
	voice := v.voice(t, "Orlena Health Centre")
	risky := v.write(t, "save", "profile", voice, "title", "A cure for everything",
		"body", "Our new tea cures diabetes for everybody who drinks it twice a day.\n\nCome to the hall on Thursday and taste it with us.", "topic", "food")
	blocked := v.write(t, "save", "profile", voice, "body", "Lost: a card with the NHS number 943 476 5919. Ask at the desk.")
	pictured := strings.TrimSuffix(v.upload(t, "/compose", "photo.jpg", photo(t), "do", "picture", "kind", "article", "lang", "en", "profile", voice,
		"title", "An article with pictures", "body", "A walk by the river.\n\n- Benches\n- Coffee\n\n**Thursday** at ten.").want(t, 303).to, "#pictures")
	held := v.held(t, voice, "One more thank-you")
	planned := v.write(t, "schedule", "profile", voice, "title", "The hall in spring", "body", "In spring the hall is painted yellow.",
		"plan_day", "2027-04-01", "plan_time", "09:00", "plan_zone", "Europe/Madrid")
	public, _ := v.publish(t, voice, "The hall is warm", "The heating works again. Thank you for your patience.")
	gone, _ := v.publish(t, voice, "The hall is cold", "The heating is out. We are sorry.")
	v.post(t, gone+"/withdraw", "reason", "It works again.").want(t, 303)
	refused := v.held(t, voice, "A thank-you that goes too far")
	r := p.as(t, "reviewer")
	r.decide(t, r.waiting(t, "A thank-you that goes too far"), "reject", "This tells who she is, even without a name.").want(t, 303)
	eventually(t, patience, "the author learns of it", func() bool {
		return strings.Contains(v.get(t, refused).words(), "even without a name")
	})

	press := func(css string) func(*tab) {
		return func(b *tab) {
			b.until(`!document.getElementById("composer") || document.getElementById("composer").classList.contains("live")`)
			b.click(css)
		}
	}
	return []sight{
		{name: "compose", path: "/compose", dark: true},
		{name: "compose-warned", path: risky, dark: true},
		{name: "compose-blocked", path: blocked},
		{name: "compose-pictures", path: pictured},
		{name: "compose-refused", path: refused},
		{name: "compose-error", path: pictured, then: func(b *tab) {
			press("#go button")(b)
			b.until(`document.querySelector(".errsum")`)
		}},
		{name: "compose-translate", path: v.get(t, public).find(t, `href="(/compose\?translates=[^"]+)"`)},
		{name: "compose-edit", path: v.get(t, public).find(t, `href="(/compose\?edits=[^"]+)"`)},
		{name: "preview", path: pictured + "?view=preview"},
		{name: "clash", path: risky, then: func(b *tab) {
			b.until(`document.getElementById("composer").classList.contains("live")`)
			v.rewrite(t, risky, "save", "profile", voice, "title", "A cure for everything", "body", "Our new tea cures diabetes. Saved elsewhere, "+eval[string](b, `document.documentElement.lang`)).want(t, 303)
			b.submit("#composer")
			b.until(`document.querySelector("#theirs")`)
		}},
		{name: "standing-held", path: held, dark: true},
		{name: "standing-planned", path: planned},
		{name: "standing-public", path: public},
		{name: "standing-gone", path: gone},
		{name: "drafts", path: "/drafts", dark: true},
		{name: "drafts-team", path: "/drafts?show=open&who=team"},
		{name: "drafts-waiting", path: "/drafts?show=waiting&who=me"},
		{name: "drafts-planned", path: "/drafts?show=planned&who=me"},
		{name: "drafts-public", path: "/drafts?show=public&who=me"},
		{name: "drafts-gone", path: "/drafts?show=gone&who=me"},
		{name: "calendar", path: "/calendar", dark: true},
		{name: "calendar-empty", path: "/calendar?month=2031-01"},
		{name: "gate-rules", path: "/gate/rules", dark: true},
		{name: "account", path: "/account", dark: true},
		{name: "account-password", path: "/account/password"},
		{name: "account-passkeys", path: "/account/passkeys"},
		{name: "account-app", path: "/account/app"},
		{name: "account-codes", path: "/account/codes"},
		{name: "policy", path: "/policy"},
		{name: "menu-open", path: "/drafts", then: func(b *tab) {
			b.resize(390)
			b.click(".railtop summary")
		}},
	}
}

func reviewersSights(t *testing.T, p *program) []sight {
	v, r := p.as(t, "communications"), p.as(t, "reviewer")
	voice := v.voice(t, "Orlena Health Centre")
	v.held(t, voice, "A thank-you to look at")
	v.held(t, voice, "A thank-you that somebody is on")
	free, mine := r.waiting(t, "A thank-you to look at"), r.waiting(t, "A thank-you that somebody is on")
	r.post(t, mine, "act", "claim", "revision", r.get(t, mine).find(t, `name="revision" value="(\d+)"`)).want(t, 303)
	return []sight{
		{name: "review", path: "/review", dark: true},
		{name: "review-done", path: "/review?done=approve"},
		{name: "review-item", path: free, dark: true},
		{name: "review-mine", path: mine},
		{name: "review-error", path: mine, then: func(b *tab) {
			b.click(`input[name=act][value=reject]`)
			b.click(`[data-decide]`)
			b.until(`document.querySelector(".errsum")`)
		}},
		{name: "review-wording", path: mine, then: func(b *tab) {
			b.click(`#wording summary`)
			b.click(`#wording button[value=check]`)
			b.until(`document.querySelector("#checked")`)
		}},
		{name: "review-gone", path: "/review/nothing"},
		{name: "ledger", path: "/ledger", dark: true},
		{name: "ledger-verified", path: "/ledger", then: func(b *tab) {
			b.submit(`form[action="/ledger/verify"]`)
			b.until(`document.querySelector("main [role=status]")`)
		}},
		{name: "ledger-none", path: "/ledger?act=expire"},
	}
}

// privacyOfficersSights are those of whoever changes the rules.
func privacyOfficersSights(t *testing.T, p *program) []sight {
	v := p.as(t, "privacy_officer")
	const page = "/gate/rules/change"
	empty := v.get(t, page)
	empty.want(t, 200)
	v.post(t, page, "revision", "0", "do", "watch", "name", "open day", "words", "walk\nopen evening\npaseo", "severity", "hold", "kind", "post",
		"reason-en", "The date is not announced yet.", "reason-es", "La fecha aún no se ha anunciado.", "caught", "Our open evening is soon", "passes", "An evening in the open").want(t, 303)
	return []sight{
		{name: "gate-rules-officer", path: "/gate/rules"},
		{name: "gate-rules-change", path: page + "?rule=core/phone-unknown", dark: true},
		{name: "gate-rules-watch", path: page, then: func(b *tab) { b.click(`details.card:nth-of-type(2) > summary`) }},
		{name: "gate-rules-saved", path: page + "?done=watch"},
	}
}

func administratorsSights(t *testing.T, p *program) []sight {
	v := p.as(t, "administrator")
	v.post(t, "/admin/staff/invite", "login", "newcomer@orlena.example", "roles", "moderator", "lang", "en").want(t, 303)
	letter := ""
	eventually(t, patience, "the invitation is written", func() bool {
		all := v.get(t, "/mail").all(`href="(/mail/[^"]+)"`)
		if len(all) > 0 {
			letter = all[0]
		}
		return letter != ""
	})
	list := []sight{
		{name: "staff", path: "/admin/staff", dark: true},
		{name: "staff-invite", path: "/admin/staff/invite"},
		{name: "staff-member", path: v.get(t, "/admin/staff").find(t, `href="(/admin/staff/[0-9a-f-]{36})"`)},
		{name: "staff-policy", path: "/admin/policy"},
		{name: "staff-policy-preview", path: "/admin/policy", then: func(b *tab) {
			b.click(`button[value=preview]`)
			b.until(`document.querySelector("main [role=status] h1, main [role=status] h2")`)
		}},
		{name: "mail", path: "/mail", dark: true},
		{name: "letter", path: letter},
	}
	for name, path := range map[string]string{"profiles": "/admin/profiles", "admin-topics": "/admin/topics"} {
		if v.get(t, path).status == 200 {
			list = append(list, sight{name: name, path: path})
		}
	}
	return list
}
