package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// phone is the app of the demo's patient on a telephone, over a wire.
func phone(t *testing.T, p *program) (*tab, *wire) {
	t.Helper()
	w := newWire(t, p.URL)
	b := newTab(t, w.URL, look{width: 390})
	signIn(b, p)
	return b, w
}

func signIn(b *tab, p *program) {
	b.t.Helper()
	b.open("/sign-in?next=/my")
	for _, a := range p.Accounts {
		if a.Login == "edda" {
			b.fill("#login", a.Login)
			b.fill("#password", a.Password)
		}
	}
	b.submit("form.card")
	b.on("/my")
}

// TestOffline adds readings without a network, then with one; then signs out.
func TestOffline(t *testing.T) {
	t.Parallel()
	browser(t)
	p := ownDemo(t, t.TempDir())
	b, w := phone(t, p)
	kept := func() int {
		return eval[int](b, `caches.has("mitral-my-pages").then((is) => is ? caches.open("mitral-my-pages").then((c) => c.keys()).then((all) => all.length) : 0)`)
	}
	eventually(t, patience, "the pages are kept", func() bool { return kept() >= 11 })

	w.cut()
	b.open("/my")
	b.says("As of ")
	if words := b.text("h1"); !strings.Contains(words, "Edda") {
		t.Errorf("the greeting is %q", words)
	}
	b.open("/my/add/blood-pressure")
	b.says("As of ")
	b.fill("#n0", "82")
	b.fill("#n1", "131")
	b.press("Send to my team")
	b.says("The top number must be higher than the bottom number.")
	b.fill("#n0", "131")
	b.fill("#n1", "81")
	b.press("Send to my team")
	b.on("/my")
	b.says("Not sent yet: 1. It is safe on this phone.")
	b.open("/my/add/blood-pressure")
	b.fill("#n0", "229")
	b.fill("#n1", "141")
	b.press("Send to my team")
	b.says("This is unusual")
	b.press("Yes, send it")
	b.on("/my")
	b.says("Not sent yet: 2. They are safe on this phone.")
	if raw := eval[string](b, `new Promise((done) => { const open = indexedDB.open("mitral-my"); open.onsuccess = () => { const all = open.result.transaction("queue").objectStore("queue").getAll(); all.onsuccess = () => { open.result.close(); done(all.result.map((row) => Object.keys(row).join() + new TextDecoder().decode(row.data)).join()); }; }; })`); strings.Contains(raw, "229") || strings.Contains(raw, "blood") {
		t.Errorf("what waits can be read: %.200s", raw)
	}
	b.open("/my/trends") // never seen: the first page stands in
	b.on("/my")

	w.mend()
	b.open("/my")
	b.says("Sent. Your team can see it now.")
	b.open("/my/trends/blood-pressure")
	b.says("Week by week")
	for _, reading := range []string{"131/81", "229/141"} {
		if n := eval[int](b, fmt.Sprintf(`document.body.textContent.split(%q).length - 1`, reading)); n < 1 {
			t.Errorf("%s is there %d times", reading, n)
		}
	}

	// What waits when its owner signs out stays, sealed; nothing else does.
	b.open("/my/add/weight")
	b.until(`navigator.serviceWorker.controller`)
	w.cut()
	b.fill("#n0", "63,2")
	b.press("Send to my team")
	b.on("/my")
	b.says("Not sent yet: 1.")
	w.mend()
	b.open("/account")
	b.press("Sign out")
	b.on("/sign-in")
	if n := kept(); n != 0 {
		t.Errorf("%d pages are kept", n)
	}
	signIn(b, p)
	b.says("Sent. Your team can see it now.")
	b.open("/my/trends/weight")
	b.says("63.2")
}

// bluetooth is a device that says these packets, in hex, on a characteristic when it is listened to; a glucose meter says
// them when it is asked for its records.
func bluetooth(service, characteristic int, packets ...string) string {
	said, _ := json.Marshal(packets)
	return fmt.Sprintf(`(() => {
		const uuid = (n) => "0000" + n.toString(16).padStart(4, "0") + "-0000-1000-8000-00805f9b34fb";
		const [packets, service, characteristic, meter] = [%s, %d, %d, 0x1808];
		const device = new EventTarget();
		device.name = "Cuff 7";
		const speaker = new EventTarget();
		const control = new EventTarget();
		const say = (who, hex) => {
			who.value = new DataView(Uint8Array.from(hex.replaceAll(" ", "").match(/../g).map((x) => parseInt(x, 16))).buffer);
			who.dispatchEvent(new Event("characteristicvaluechanged"));
		};
		const all = (then) => packets.forEach((hex, i) => setTimeout(() => {
			say(speaker, hex);
			if (i === packets.length - 1) setTimeout(then, 20);
		}, 10 * i + 10));
		speaker.startNotifications = async () => service !== meter && all(() => device.dispatchEvent(new Event("gattserverdisconnected")));
		control.startNotifications = async () => {};
		control.writeValueWithResponse = async () => all(() => say(control, "06000101"));
		const has = { [uuid(characteristic)]: speaker };
		if (service === meter) has[uuid(0x2a52)] = control;
		const none = () => { throw new DOMException("no", "NotFoundError"); };
		device.gatt = { connected: true, disconnect() {}, connect: async () => device.gatt,
			getPrimaryService: async (id) => id === uuid(service) ? { getCharacteristic: async (one) => has[one] ?? none() } : none() };
		Object.defineProperty(navigator, "bluetooth", { value: { requestDevice: async () => device } });
	})()`, said, service, characteristic)
}

// clocked is a moment as devices write it.
func clocked(at time.Time) string {
	return fmt.Sprintf("%02X%02X %02X %02X %02X %02X 00", at.Year()%256, at.Year()/256, int(at.Month()), at.Day(), at.Hour(), at.Minute())
}

func (b *tab) device(script string) {
	b.t.Helper()
	command(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// TestFromDevice takes one reading into the form, and several as a list; each is sent once. A glucose meter is asked.
func TestFromDevice(t *testing.T) {
	t.Parallel()
	browser(t)
	p := ownDemo(t, t.TempDir())
	now := time.Now().Truncate(time.Minute).Add(-20 * time.Minute)
	first := "06 7B00 5000 5D00 " + clocked(now) + " 4100"
	b, _ := phone(t, p)
	b.device(bluetooth(0x1810, 0x2a35, first))
	b.open("/my/add/blood-pressure")
	b.press("Take it from my device")
	b.says("This is what your device says.")
	b.says("With it goes your pulse: 65.")
	if n := eval[string](b, `document.querySelector("#n0").value + "/" + document.querySelector("#n1").value + " " + document.querySelector("[name=at]").value`); n != "123/80 "+now.Format("2006-01-02T15:04") {
		t.Errorf("the form says %s", n)
	}
	b.press("Send to my team")
	b.on("/my")
	b.open("/my/trends/heart-rate")
	b.says("Week by week")

	meter := newTab(t, b.base, look{width: 390, lang: "es"})
	signIn(meter, p)
	meter.speak("es")
	meter.device(bluetooth(0x1808, 0x2a18, "02 0700 "+clocked(now)+" 5FB0 11"))
	meter.open("/my/add/glucose")
	meter.press("Tomarla de mi aparato")
	meter.until(`document.querySelector("#n0").value === "95" && document.querySelector("[name=unit]:checked, select[name=unit]").value === "mg/dL"`)
	meter.submit("form[data-adding]")
	meter.on("/my")
	meter.open("/my/trends/glucose")
	meter.until(`[...document.querySelectorAll("details td.num")].some((e) => e.textContent.trim() === "95")`)

	many := newTab(t, b.base, look{width: 390})
	signIn(many, p)
	many.device(bluetooth(0x1810, 0x2a35, first, "02 7C00 5100 5D00 "+clocked(now.Add(-24*time.Hour)), "02 7D00 5200 5D00 "+clocked(now.Add(-48*time.Hour))))
	for range 2 {
		many.open("/my/add/blood-pressure")
		many.press("Take it from my device")
		many.says("Your device has several readings.")
		many.press("Send the chosen ones")
		many.says("Sent. Your team can see them now.")
	}
	many.open("/my/trends/blood-pressure")
	many.says("Week by week")
	for _, reading := range []string{"123/80", "124/81", "125/82"} {
		if n := eval[int](many, fmt.Sprintf(`[...document.querySelectorAll("details td.num")].filter((e) => e.textContent.trim() === %q).length`, reading)); n != 1 {
			t.Errorf("%s is there %d times", reading, n)
		}
	}
}

// TestBringAFile uploads a table, answers what it asks, and finds its readings in the trends.
func TestBringAFile(t *testing.T) {
	t.Parallel()
	browser(t)
	p := ownDemo(t, t.TempDir())
	b, _ := phone(t, p)
	table := filepath.Join(t.TempDir(), "peak.csv")
	if err := os.WriteFile(table, []byte("Date,Peak flow\n2026-10-01 08:00,411\n2026-10-02 08:00,415\n2026-10-03 08:00,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.open("/my/add")
	b.press("Bring readings along from another app")
	b.on("/my/import")
	b.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{table}))
	b.press("Look what is in it")
	b.on("/my/import/*")
	b.until(`!document.querySelector("[data-working]")`)
	if strings.HasPrefix(b.text("h1"), "One question") {
		b.click("input[name=choice]")
		b.press("Go on")
		b.until(`!document.querySelector("[data-working]")`)
	}
	b.says("2 readings, from 1 October 2026 to 2 October 2026.")
	b.says("One could not be read.")
	b.press("Add them to my record")
	b.says("2 readings are in your record now.")
	b.press("See my trends")
	b.on("/my/trends")
	b.says("Peak flow")
}

// appSights are reminders, and a file in the middle of its import.
func appSights(t *testing.T, p *program) []sight {
	v := p.as(t, "patient")
	at := v.upload(t, "/my/import", "readings.csv", []byte("Date,Weight (kg),Heart rate (bpm)\n2026-10-01 08:00,63.4,61\n2026-10-02 08:00,63.1,64\n2026-10-03 08:00,x,65\n2026-10-04 08:00,163,66\n")).want(t, 303).to
	eventually(t, patience, "the file is read", func() bool { return !strings.Contains(v.get(t, at).body, "data-working") })
	return []sight{
		{name: "app-reminders", path: "/my/me/reminders", dark: true},
		{name: "app-import-found", path: at, dark: true},
		{name: "app-import-none", path: "/my/import/nothing"},
	}
}
