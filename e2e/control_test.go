package e2e

import "testing"

// controlSights are the patient's pages of control.
func controlSights(t *testing.T, p *program) []sight {
	v := p.as(t, "patient")
	v.post(t, "/my/me/consents", "purpose", "research", "do", "allow").want(t, 303)
	v.post(t, "/my/me/consents", "purpose", "sharing", "do", "stop").want(t, 303)
	v.post(t, "/my/me/caregivers", "name", "Tilde Fernbrook", "relation", "CHILD", "until", "year").want(t, 303)
	return []sight{
		{name: "control-me", path: "/my/me", dark: true},
		{name: "control-looked", path: "/my/me/looked", dark: true},
		{name: "control-consents", path: "/my/me/consents?done=sharing", dark: true},
		{name: "control-caregivers", path: "/my/me/caregivers", dark: true},
		{name: "control-caregivers-wrong", path: "/my/me/caregivers", then: func(b *tab) {
			b.fill("#name", " ")
			b.submit("form:has(#relation)")
			b.until(`document.querySelector(".errsum")`)
		}},
		{name: "control-download", path: "/my/me/download", dark: true},
		{name: "control-leave", path: "/my/me/leave", dark: true},
		{name: "control-leave-wrong", path: "/my/me/leave", then: func(b *tab) {
			b.submit("main form")
			b.until(`document.querySelector(".errsum")`)
		}},
		{name: "control-left", path: "/left"},
		{name: "control-for-nobody", path: "/for"},
		{name: "control-join-more", path: "/join?more=1"},
	}
}

// caregiversSights are the app of somebody who acts for another.
func caregiversSights() []sight {
	const of = "/for/resident-08"
	return []sight{
		{name: "acting-for", path: "/for", dark: true},
		{name: "acting-today", path: of, dark: true},
		{name: "acting-add", path: of + "/add/weight", dark: true},
		{name: "acting-trends", path: of + "/trends"},
		{name: "acting-messages", path: of + "/messages"},
		{name: "acting-plan", path: of + "/plan"},
		{name: "acting-me", path: of + "/me", dark: true},
		{name: "acting-gone", path: "/for/resident-01"},
	}
}

// legalSights are the team's page of what a patient allows and who acts for them.
func legalSights(t *testing.T, p *program) []sight {
	v := p.as(t, "clinician")
	v.post(t, "/care/resident-09/caregivers", "name", "Oriol Brackwater", "relation", "SIB", "ground", "guardian", "paper", "Court of Orlena, 114/2026").want(t, 303)
	return []sight{
		{name: "control-team", path: "/care/resident-09/caregivers", dark: true},
		{name: "control-team-wrong", path: "/care/resident-09/caregivers", then: func(b *tab) {
			b.fill("#name", "Oriol")
			b.fill("#paper", " ")
			b.until(`(document.querySelector("input[name=ground]").checked = true)`)
			b.submit("form:has(#relation)")
			b.until(`document.querySelector(".errsum")`)
		}},
	}
}
