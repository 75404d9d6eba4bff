package e2e

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestStolenPhone: a phone with kept pages and a reading that waits is signed out from another device. Once it has a network it
// is out, and neither shows nor sends anything; the reading waits, sealed, for its owner.
func TestStolenPhone(t *testing.T) {
	t.Parallel()
	browser(t)
	p := ownDemo(t, t.TempDir())
	home := p.as(t, "patient")
	b, w := phone(t, p)
	kept := func() int {
		return eval[int](b, `caches.has("mitral-my-pages").then((is) => is ? caches.open("mitral-my-pages").then((c) => c.keys()).then((all) => all.length) : 0)`)
	}
	keys := func() int {
		return eval[int](b, `new Promise((done) => { const open = indexedDB.open("mitral-my"); open.onsuccess = () => { const all = open.result.transaction("owners").objectStore("owners").count(); all.onsuccess = () => { open.result.close(); done(all.result); }; }; })`)
	}
	eventually(t, patience, "the pages are kept", func() bool { return kept() >= 11 })
	w.cut()
	b.open("/my/add/blood-pressure")
	b.says("As of ")
	b.fill("#n0", "137")
	b.fill("#n1", "83")
	b.press("Send to my team")
	b.on("/my")
	b.says("Not sent yet: 1. It is safe on this phone.")

	home.post(t, "/account/sessions", "which", "others").want(t, 303)
	b.open("/my") // without a network the phone knows nothing of it; for a week at most (docs/app.md)
	b.says("As of ")
	w.mend()
	b.open("/my")
	b.on("/sign-in")
	eventually(t, patience, "everything is forgotten", func() bool { return kept() == 0 && keys() == 0 })
	b.open("/my/add/blood-pressure")
	b.on("/sign-in")
	if a := home.get(t, "/my/trends/blood-pressure?for=week").want(t, 200); strings.Contains(a.words(), "137/83") {
		t.Error("what waited was sent after the phone was out")
	}
	signIn(b, p)
	b.says("Sent. Your team can see it now.")
	if n := len(home.get(t, "/my/trends/blood-pressure?for=week").want(t, 200).all(`<td class="num">\s*(137/83)\s*</td>`)); n != 1 {
		t.Errorf("the reading is there %d times", n)
	}
}

// TestTakeEverythingAndLeave: what another app knew comes along, everything is taken away, and the door closes behind.
func TestTakeEverythingAndLeave(t *testing.T) {
	t.Parallel()
	browser(t)
	p := ownDemo(t, t.TempDir())
	v := p.as(t, "jimena")
	b := newTab(t, p.URL, look{as: v, width: 390, lang: "es"})
	b.speak("es")
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	export, _ := z.Create("apple_health_export/export.xml")
	day := time.Now().AddDate(0, 0, -3).Format("2006-01-02")
	fmt.Fprintf(export, `<?xml version="1.0"?><HealthData locale="es_ES"><ExportDate value="%[1]s 09:00:00 +0100"/>
<Record type="HKQuantityTypeIdentifierBodyMass" sourceName="Scale" unit="kg" creationDate="%[1]s 08:00:00 +0100" startDate="%[1]s 08:00:00 +0100" endDate="%[1]s 08:00:00 +0100" value="61.7"/></HealthData>`, day)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "export.zip")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b.open("/my/import")
	b.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
	b.press("Mirar qué contiene")
	b.on("/my/import/*")
	b.until(`!document.querySelector("[data-working]")`)
	b.press("Añadirlas a mi historia")
	b.says("está ya en tu historia")
	b.open("/my/trends/weight")
	b.until(`[...document.querySelectorAll("details td.num")].filter((e) => e.textContent.trim() === "61,7").length === 1`)

	b.open("/my/me/download")
	b.says("Descargar")
	got := v.post(t, "/my/me/download").want(t, http.StatusOK)
	all, err := zip.NewReader(strings.NewReader(got.body), int64(len(got.body)))
	if err != nil {
		t.Fatalf("what came is no archive: %v", err)
	}
	words := map[string]string{}
	for _, f := range all.File {
		var content bytes.Buffer
		in, err := f.Open()
		if err == nil {
			_, err = content.ReadFrom(in)
		}
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		words[strings.ToLower(filepath.Ext(f.Name))] += content.String()
	}
	for kind, want := range map[string][]string{".html": {"Jimena Osterdal", "61,7"}, ".json": {`"resident-11"`, "61.7"}} {
		for _, one := range want {
			if !strings.Contains(words[kind], one) {
				t.Errorf("the pages of kind %s say nothing of %s", kind, one)
			}
		}
	}
	if strings.Contains(words[".json"]+words[".html"], "Fernbrook") {
		t.Error("somebody else is in it")
	}

	list := newTab(t, p.URL, look{as: p.as(t, "clinician")})
	list.open("/care?who=all")
	list.until(`!document.querySelector("#live [data-when=live]").hidden`)
	b.open("/my/me/leave")
	b.until(`(document.querySelector("[name=sure]").checked = true)`)
	b.press("Dejarla ahora")
	b.on("/left")
	b.open("/my")
	b.on("/sign-in")
	if a, err := v.try("GET", "/my", "", nil); err != nil || a.status != http.StatusSeeOther {
		t.Errorf("after leaving: %d %v", a.status, err)
	}
	list.until(`!document.querySelector("[data-new]").hidden || document.querySelector('#queue li[data-patient="resident-11"]')`)
	again := newVisitor(p.URL) // the account is there, and has nothing
	login, password := p.account(t, "jimena")
	again.post(t, "/sign-in", "login", login, "password", password)
	if a := again.get(t, "/my/trends"); a.status == http.StatusOK {
		t.Errorf("who has left still reads:\n%.500s", a.words())
	}
}
