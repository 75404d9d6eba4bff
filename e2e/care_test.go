package e2e

import (
	"strings"
	"testing"
)

// TestMeasuringAtHome goes from the invitation to the reading that the clinician sees, on a phone.
func TestMeasuringAtHome(t *testing.T) {
	t.Parallel()
	browser(t)
	p := ownDemo(t, t.TempDir())
	t.Run("with scripts", func(t *testing.T) { t.Parallel(); measures(t, p, false, "resident-04", "ciro") })
	t.Run("without scripts", func(t *testing.T) { t.Parallel(); measures(t, p, true, "resident-06", "elio") })
}

func measures(t *testing.T, p *program, noScript bool, patient, login string) {
	doctor := newTab(t, p.URL, look{as: p.as(t, "clinician"), noScript: noScript})
	doctor.open("/care/" + patient)
	doctor.press("Invite to the app")
	doctor.says("A code that works once")
	doctor.press("Make the code")
	doctor.says("Works once, until")
	link := doctor.text(".code-sheet code")
	if code := doctor.text(".joincode"); !strings.HasSuffix(link, strings.ReplaceAll(code, "-", "")) {
		t.Fatalf("the sheet says %s and %s", code, link)
	}

	phone := newTab(t, p.URL, look{width: 390, noScript: noScript})
	phone.open(strings.TrimPrefix(link, p.URL))
	phone.on("/join")
	phone.says("Only you and your care team see your readings")
	phone.press("Make my account")
	phone.on("/invite/*")
	phone.fill("#name", "Ciro Maldonbury")
	phone.fill("#login", login)
	phone.fill("#password", password)
	phone.submit("form[data-invite]")
	phone.on("/join")
	phone.says("Connect this account with your care team?")
	phone.press("Yes, connect")
	phone.on("/my")
	if name := phone.text("h1"); !strings.HasSuffix(name, "Ciro") {
		t.Errorf("the greeting is %q", name)
	}

	// Two taps and two numbers; a mistake is asked about first.
	phone.click(`a[href="/my/add"]`)
	phone.on("/my/add")
	phone.press("Blood pressure")
	phone.on("/my/add/blood-pressure")
	phone.fill("#n0", "13,1")
	phone.fill("#n1", "82")
	phone.press("Send to my team")
	phone.says("This is counted in whole numbers")
	phone.fill("#n0", "231")
	phone.press("Send to my team")
	phone.says("Is this right?")
	phone.fill("#n0", "131")
	phone.press("Send the corrected number")
	phone.on("/my")
	phone.says("Blood pressure: 131/82. Your team can see it now.")
	phone.press("Trends")
	phone.on("/my/trends")
	phone.click(`a[href="/my/trends/blood-pressure"]`)
	phone.says("Week by week")
	if n := eval[int](phone, `[...document.querySelectorAll("details td.num")].filter((e) => e.textContent.trim() === "131/82").length`); n != 1 {
		t.Errorf("the reading is listed %d times", n)
	}
	if drawn, listed := eval[int](phone, `document.querySelector(".only-narrow .p1").getAttribute("d").split("M").length - 1`), eval[int](phone, `document.querySelectorAll("details tbody tr").length`); drawn != listed {
		t.Errorf("the picture has %d readings, the list %d", drawn, listed)
	}

	// The clinician sees it, and the patient sees that.
	doctor.open("/care/patients?name=" + map[string]string{"resident-04": "Maldonbury", "resident-06": "Sandhollow"}[patient])
	doctor.says("131/82")
	doctor.click(`a[href="/care/` + patient + `"]`)
	doctor.says("Uses the app since")
	doctor.click(`a[href="/care/` + patient + `/trends/blood-pressure"]`)
	doctor.says("Week by week")
	phone.press("Who looked?")
	phone.says("Dr Marisol Quenby, your care team")

	// The code is used up.
	if a := newVisitor(p.URL).get(t, strings.TrimPrefix(link, p.URL)); a.status != 422 || !strings.Contains(a.words(), "This code can't be used") {
		t.Errorf("a used code: %d\n%s", a.status, a.words())
	}
}

// patientsSights are the pages of the app, cliniciansSights those of the team.
func patientsSights(t *testing.T, p *program) []sight {
	return []sight{
		{name: "app-today", path: "/my", dark: true},
		{name: "app-kinds", path: "/my/add"},
		{name: "app-add", path: "/my/add/blood-pressure", dark: true},
		{name: "app-add-glucose", path: "/my/add/glucose"},
		{name: "app-add-wrong", path: "/my/add/weight", then: func(b *tab) {
			b.fill("#n0", "720")
			b.submit("main form")
			b.until(`document.querySelector(".errsum")`)
		}},
		{name: "app-add-ask", path: "/my/add/blood-pressure", then: func(b *tab) {
			b.fill("#n0", "235")
			b.fill("#n1", "90")
			b.submit("main form")
			b.until(`document.querySelector(".notice.warn")`)
		}},
		{name: "app-trends", path: "/my/trends", dark: true},
		{name: "app-trend", path: "/my/trends/blood-pressure", dark: true},
		{name: "app-trend-week", path: "/my/trends/blood-pressure?for=week"},
		{name: "app-trend-half", path: "/my/trends/weight?for=half-year"},
		{name: "app-trend-none", path: "/my/trends/glucose"},
		{name: "app-looked", path: "/my/me/looked"},
		{name: "app-account", path: "/account", dark: true},
		{name: "app-passkeys", path: "/account/passkeys"},
		{name: "app-staff-only", path: "/review"},
	}
}

func cliniciansSights(t *testing.T, p *program) []sight {
	v := p.as(t, "clinician")
	v.post(t, "/care/resident-08/invite", "lang", "en", "address", "gaspar@orlena.example").want(t, 303)
	open := v.get(t, "/care?who=all").want(t, 200).all(`<li data-patient="([^"]+)" data-rank="[23]"`)
	if len(open) < 3 {
		t.Fatalf("%d patients with alerts, want some", len(open))
	}
	first, second, third := "/care/"+open[0], "/care/"+open[1], "/care/"+open[2]
	run := func(b *tab, script string) { eval[bool](b, "(() => { "+script+"; return true })()") }
	acts := func(b *tab, do string) {
		run(b, `document.querySelector(".acts-row [name=do][value=`+do+`]").closest("details").open = true`)
	}
	return []sight{
		{name: "care-list", path: "/care?who=all", dark: true},
		{name: "care-list-mine", path: "/care?who=mine"},
		{name: "care-list-lost", path: "/care?who=all", dark: true, then: func(b *tab) {
			run(b, `window.EventSource = class { addEventListener() {} close() {} }`)
			run(b, `window.dispatchEvent(new Event("offline"))`)
			b.until(`!document.querySelector("[data-when=lost]").hidden`)
		}},
		{name: "care-directory", path: "/care/patients"},
		{name: "care-nobody", path: "/care/patients?name=zzz"},
		{name: "care-patient", path: first, dark: true},
		{name: "care-patient-write", path: second, then: func(b *tab) { acts(b, "message") }},
		{name: "care-patient-refused", path: second, then: func(b *tab) {
			acts(b, "none")
			run(b, `document.querySelector(".acts-row [name=do][value=none]").form.requestSubmit()`)
			b.until(`document.querySelector("#conflict")`)
		}},
		{name: "care-conflict", path: third, dark: true, then: func(b *tab) {
			acts(b, "message")
			run(b, `document.querySelector(".acts-row [name=text]").value = "Please measure once more this evening."`)
			page := v.get(t, third).want(t, 200)
			form := page.find(t, `action="(/care/[^"]+/alerts/[^"]+)"`)
			seen := page.find(t, `name="seen" value="(\d+)"`)
			v.post(t, form, "do", "snooze", "seen", seen, "until", "4h", "reason", "She measures again this evening.").want(t, 303)
			run(b, `document.querySelector(".acts-row [name=do][value=message]").form.requestSubmit()`)
			b.until(`document.querySelector("#conflict")`)
		}},
		{name: "care-calm", path: "/care/resident-01"},
		{name: "care-trend", path: "/care/resident-01/trends/blood-pressure"},
		{name: "care-thresholds", path: first + "/thresholds", dark: true},
		{name: "care-rule-new", path: first + "/thresholds/new"},
		{name: "care-rule", path: first + "/thresholds/new?measure=blood-pressure&kind=mean"},
		{name: "care-rule-wrong", path: first + "/thresholds/new?measure=weight&kind=average", then: func(b *tab) {
			b.submit("main form")
			b.until(`document.querySelector(".errsum")`)
		}},
		{name: "care-work", path: "/care/work", dark: true},
		{name: "care-invite", path: "/care/resident-02/invite"},
		{name: "care-invited", path: "/care/resident-08/invite", dark: true},
		{name: "care-gone", path: "/care/nobody"},
	}
}
