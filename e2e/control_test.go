package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

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

// TestCaregiver is a daughter's way in, what she does, and its end.
func TestCaregiver(t *testing.T) {
	t.Parallel()
	browser(t)
	p := ownDemo(t, t.TempDir())
	me := newTab(t, p.URL, look{as: p.as(t, "jimena"), width: 390})
	me.speak("en")
	me.open("/my/me")
	me.click(`a[href="/my/me/caregivers"]`)
	me.fill("#name", "Nerea Osterdal")
	me.choose("#relation", "Daughter or son")
	me.press("Make the code")
	me.says("Invited")
	code := me.text(".joincode")

	her := newTab(t, p.URL, look{width: 390})
	her.open("/join")
	her.fill("#code", code)
	her.press("Go on")
	her.says("Somebody you look after would like you to act for them here.")
	her.press("Make my account")
	her.on("/invite/*")
	her.fill("#name", "Nerea Osterdal")
	her.fill("#login", "nerea")
	her.fill("#password", password)
	her.submit("form[data-invite]")
	her.on("/join")
	her.says("Act for Jimena Osterdal?")
	her.press("Yes, I act for them")
	her.on("/for/*")
	her.says("You act for Jimena Osterdal")
	of := her.path()
	her.open(of + "/add/weight")
	her.fill("#n0", "61.2")
	her.submit("main form")
	her.says("Weight: 61.2")
	her.says("You act for Jimena Osterdal")
	her.open(of + "/messages")
	her.says("You act for Jimena Osterdal")
	her.fill("#text", "My mother asks whether she may swim.")
	her.submit("#write")
	her.until(`location.search === "" && document.querySelector("#thread").textContent.includes("may swim")`)
	said := p.as(t, "clinician").get(t, "/care/resident-11/messages").want(t, 200).words()
	if !strings.Contains(said, "Nerea Osterdal") || !strings.Contains(said, "may swim") {
		t.Errorf("the team does not see who wrote:\n%.3000s", said)
	}
	program := newVisitor(p.URL)
	program.takeFrom(her)
	owner := program.get(t, of+"/messages").want(t, 200).find(t, `data-owner="([0-9a-f]+)"`)
	her.open("/my")
	her.on("/for")
	her.open(of + "/messages") // and stays there

	me.open("/my/me/looked")
	me.says("Nerea Osterdal, for you")
	me.says("Added a reading")
	me.open("/my/me/caregivers")
	me.says("Acts now")
	me.press("End it now")
	me.says("From now on they see nothing.")
	for path, body := range map[string]string{of: "", of + "/messages/state": "", of + "/sync": `{"owner":"` + owner + `","sent":"` + time.Now().Format(time.RFC3339) + `","entries":[]}`} {
		method := "GET"
		if body != "" {
			method = "POST"
		}
		if a, err := program.try(method, path, "application/json", strings.NewReader(body)); err != nil || a.status != http.StatusNotFound {
			t.Errorf("a moment after it was ended, %s %s: %d %v", method, path, a.status, err)
		}
	}
	her.says("not here") // the page that was open asks for what is new, and goes
	her.open(of)
	her.says("not here")
	her.open("/for")
	her.says("Nobody at present")
}

// TestSharingTakenBack is one press, and what a program of others sees of it.
func TestSharingTakenBack(t *testing.T) {
	t.Parallel()
	browser(t)
	p := ownDemo(t, t.TempDir())
	me := newTab(t, p.URL, look{as: p.as(t, "jimena"), width: 390})
	me.speak("en")
	sees := func() int {
		t.Helper()
		req, err := http.NewRequest("GET", p.URL+"/fhir/Patient?family=Osterdal&_summary=count", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+p.FHIRToken)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var b struct{ Total int }
		if err := json.NewDecoder(res.Body).Decode(&b); err != nil || res.StatusCode != 200 {
			t.Fatalf("%d %v", res.StatusCode, err)
		}
		return b.Total
	}
	if n := sees(); n != 1 {
		t.Fatalf("a program sees %d", n)
	}
	me.open("/my/me/consents")
	me.submit("#sharing form")
	me.says("Stopped: Other programs read your record.")
	if n := sees(); n != 0 {
		t.Errorf("after that a program sees %d", n)
	}
	me.press("Undo")
	me.says("Allowed: Other programs read your record.")
	if n := sees(); n != 1 {
		t.Errorf("undone, a program sees %d", n)
	}
}

// TestFollowingTakenBack: a patient stops being followed. Their readings raise no alert, and the team's open list and their page
// say so.
func TestFollowingTakenBack(t *testing.T) {
	t.Parallel()
	browser(t)
	p := ownDemo(t, t.TempDir())
	const line = `document.querySelector('#queue li[data-patient="resident-01"]')`
	list := newTab(t, p.URL, look{as: p.as(t, "clinician")})
	list.open("/care?who=all")
	list.until(`!document.querySelector("#live [data-when=live]").hidden`)
	before := eval[bool](list, `!!`+line)
	me := newTab(t, p.URL, look{as: p.as(t, "patient"), width: 390, lang: "es"})
	me.speak("es")
	me.open("/my/me/consents")
	me.submit("#following form")
	me.until(`location.search.includes("done=following")`)
	list.until(line + ` || !document.querySelector("[data-new]").hidden`)
	if !before { // the change itself is somebody's to know
		list.until(`(` + line + ` || (document.querySelector("[data-new]").click(), false)) && ` + line + `.textContent.includes("Changed what they agree to")`)
	}
	v := p.as(t, "patient")
	now := time.Now()
	if status, became := v.sync(v.owner(t), now, pressure("following-stopped", now, 192, 111)); status != 200 || became["following-stopped"] != "stored" {
		t.Fatalf("%d %v", status, became)
	}
	f := &fhir{t: t, token: p.FHIRToken, url: p.URL}
	if n := len(f.all("DetectedIssue?patient=resident-01&code=urn:mitral:alert-rule%7Cbp-crisis&_tag=urn:mitral:alert%7Craised")); n != 0 {
		t.Errorf("%d alerts of somebody who does not allow it", n)
	}
	list.open("/care/resident-01")
	list.says("does not allow to be followed at present")
	me.submit("main form") // undone
	me.says("Permitido: Tu equipo sigue lo que mides en casa.")
	if status, became := v.sync(v.owner(t), now, pressure("following-again", time.Now(), 193, 112)); status != 200 || became["following-again"] != "stored" {
		t.Fatalf("%d %v", status, became)
	}
	if n := len(f.all("DetectedIssue?patient=resident-01&code=urn:mitral:alert-rule%7Cbp-crisis&_tag=urn:mitral:alert%7Craised")); n != 1 {
		t.Errorf("allowed again: %d alerts", n)
	}
}
