package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// authenticator gives a tab a device that signs with keys of its own, as a phone does with a finger.
func (b *tab) authenticator() {
	b.t.Helper()
	command(b, webauthn.Enable, webauthn.EnableParams{})
	b.do("an authenticator", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true}})
		return err
	}))
}

// TestAPhoneIsTheKey goes from the invitation to the first reading with no password at all, and back in the next day.
func TestAPhoneIsTheKey(t *testing.T) {
	t.Parallel()
	browser(t)
	data, err := copyModel(binary(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := launch(t, nil, "demo", "--json", "--listen", "localhost:0", "--data", data) // a key belongs to a name, not to a number
	doctor := p.as(t, "clinician")
	doctor.post(t, "/care/resident-59/invite", "lang", "es").want(t, 303)
	code := doctor.get(t, "/care/resident-59/invite").want(t, 200).find(t, `class="joincode[^"]*"[^>]*>\s*([0-9A-Z-]{11})`)

	phone := newTab(t, p.URL, look{width: 390, lang: "es"})
	phone.authenticator()
	phone.open("/join")
	phone.fill("#code", strings.ToLower(code))
	phone.submit("main form")
	phone.press("Crear mi cuenta")
	phone.on("/invite/*")
	phone.fill("#name", "Wayra Huamanqol")
	phone.fill("#login", "wayra@orlena.example")
	phone.press("Configurar este dispositivo")
	phone.on("/account/codes")
	phone.press("Más tarde")
	phone.on("/join")
	phone.submit("main form")
	phone.on("/my")
	if name := phone.text("h1"); !strings.HasSuffix(name, "Wayra") {
		t.Errorf("the greeting is %q", name)
	}
	phone.open("/my/add/glucose")
	phone.fill("#n0", "131")
	phone.submit("main form")
	phone.on("/my")
	phone.says("131")
	if a := doctor.get(t, "/care/resident-59").want(t, 200); !strings.Contains(a.words(), "131") {
		t.Errorf("the team does not see the reading:\n%.2000s", a.words())
	}

	phone.open("/account")
	phone.submit(`form[action="/sign-out"]`)
	phone.on("/sign-in")
	phone.press("Entrar con este dispositivo")
	phone.on("/my")
}

// TestAlertBecomesAnAction: a reading appears on two open lists, a decision is taken at one, the other shows it, and the
// patient is told on the page that they have open; in the demo, and in Spanish on PostgreSQL.
func TestAlertBecomesAnAction(t *testing.T) {
	t.Parallel()
	browser(t)
	t.Run("demo", func(t *testing.T) {
		t.Parallel()
		p := ownDemo(t, t.TempDir())
		becomesAnAction(t, &fhir{t: t, token: p.FHIRToken, url: p.URL}, p.as(t, "clinician"), p.as(t, "patient"), "resident-01", "en")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		w := newWard(t, onPostgres(t)...)
		w.follow(t, "edda", "Edda Fernbrook")
		becomesAnAction(t, w.f, w.doctor, w.phone(t, "edda"), "edda", "es")
	})
}

func becomesAnAction(t *testing.T, f *fhir, doctor, patient *visitor, id, lang string) {
	line := `document.querySelector('#queue li[data-patient="` + id + `"]')`
	lists := []*tab{newTab(t, f.url, look{as: doctor, lang: lang}), newTab(t, f.url, look{as: doctor, width: 390, lang: lang})}
	for _, b := range lists {
		b.speak(lang)
		b.open("/care?who=all")
		b.until(`!document.querySelector("#live [data-when=live]").hidden`)
		b.until(`!` + line)
	}
	phone := newTab(t, f.url, look{as: patient, width: 390, lang: lang})
	phone.speak(lang)
	phone.open("/my/add/blood-pressure")
	phone.fill("#n0", "188")
	phone.fill("#n1", "112")
	phone.submit("main form")
	phone.on("/my")
	phone.until(`document.querySelector("main .notice.urgent")`) // what to do now, whoever looks
	for _, b := range lists {                                    // nobody reloads; what is new waits above the list for whoever reads in it
		b.until(line + ` || !document.querySelector("[data-new]").hidden`)
		b.until(`(` + line + ` || (document.querySelector("[data-new]").click(), false)) && ` + line + `.textContent.includes("188/112")`)
	}
	phone.open("/my/messages")

	b := lists[0]
	eval[bool](b, line+`.querySelector("a").click(), true`)
	b.on("/care/" + id)
	b.says("188/112")
	b.until(`(document.querySelector(".acts-row [name=do][value=message]").closest("details").open = true)`)
	b.fill("details[open] textarea[name=text]", "Please sit down, measure again in five minutes, and answer me here.")
	b.until(`(document.querySelector("details[open] [name=close]").checked = true)`)
	eval[bool](b, `(document.querySelector("details[open] [name=do][value=message]").form.requestSubmit(), true)`)
	b.until(`location.search.includes("done=message")`)
	lists[1].until(`!` + line)
	phone.says("measure again in five minutes")

	// What was decided is in the record, with its reason and who took it.
	if closed := f.all("DetectedIssue?patient=" + id + "&code=urn:mitral:alert-rule%7Cbp-crisis&_tag=urn:mitral:alert%7Cclosed&_count=50"); len(closed) == 0 {
		t.Error("the alert is not closed")
	}
}

// alerted is whom the open list shows, and why.
const alerted = `[...document.querySelectorAll("#queue li")].map((l) => l.dataset.patient + " " + l.dataset.rank).join()`

// TestReadingArrives is the demo's button: the list changes while it is open.
func TestReadingArrives(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := newTab(t, p.URL, look{as: p.as(t, "clinician")})
	b.open("/care?who=mine")
	b.until(`!document.querySelector("#live [data-when=live]").hidden`)
	before := eval[string](b, alerted)
	b.press("Let a reading arrive")
	b.until(alerted + ` !== ` + quote(before) + ` || !document.querySelector("[data-new]").hidden`)
	if at := b.path(); at != "/care" {
		t.Errorf("the button leads to %s", at)
	}
}

// TestTwoCopiesCare: what arrives at one server shows on the list that is open at another, on one PostgreSQL.
func TestTwoCopiesCare(t *testing.T) {
	t.Parallel()
	browser(t)
	env := onPostgres(t)
	w := newWard(t, env...)
	doctor, f := w.doctor, w.f
	two := serve(t, w.data, w.env...)
	w.follow(t, "edda", "Edda Fernbrook")

	b := newTab(t, two.URL, look{as: doctor.at(two.URL)})
	b.open("/care?who=mine")
	b.until(`!document.querySelector("#live [data-when=live]").hidden`)
	part := func(code, value string) string {
		return `{"code":{"coding":[{"system":"http://loinc.org","code":"` + code + `"}]},"valueQuantity":{"value":` + value + `,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}`
	}
	sent := time.Now()
	status, _, body := f.do("POST", "Observation", `{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/edda"},"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},
		"effectiveDateTime":"`+sent.UTC().Format(time.RFC3339)+`","component":[`+part("8480-6", "191")+`,`+part("8462-4", "104")+`]}`)
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	b.until(`[...document.querySelectorAll('#queue li[data-patient="edda"]')].some((l) => l.textContent.includes("191/104"))`)
	t.Logf("on the other copy's open list %v after it was sent", time.Since(sent).Round(time.Millisecond))
	// The other copy decides; the first knows.
	b.click(`#queue li[data-patient="edda"] a`)
	b.on("/care/edda")
	b.press("No action, because …")
	b.fill("details[open] textarea[name=reason]", "A trial of the two copies.")
	b.press("Decide")
	b.until(`location.search.includes("done=none")`)
	if w := doctor.get(t, "/care?who=mine").want(t, 200).words(); strings.Contains(w, "Call now") {
		t.Errorf("the first copy still has it on its list:\n%s", w)
	}
}
