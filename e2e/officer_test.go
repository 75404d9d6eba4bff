package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestOfficer is a communications officer's morning in a real browser.
func TestOfficer(t *testing.T) {
	p := demo(t)
	b := newTab(t, p.URL, look{})

	// In the demo a password alone signs in, and leads where one wanted to go.
	b.open("/compose")
	b.on("/sign-in")
	login, password := p.account(t, "communications")
	b.typeIn("#login", login)
	b.typeIn("#password", password+"\r")
	b.on("/compose")

	// A text is marked while it is typed, with why and what to say instead.
	b.choose("#profile", "Orlena Health Centre, Your health centre by the river")
	b.typeIn("#title", "A walk for the heart")
	b.typeIn("#body", "Walking cures diabetes. Come to the bridge on Thursday at ten. Bring a friend and a bottle of water.")
	b.until(`document.querySelector("#mirror mark") && document.querySelector("#mirror mark").textContent.includes("cures diabetes")`)
	b.says("Nobody can promise a cure. People who are ill may believe it.")
	b.says("helps many people; ask us what you can expect")
	b.until(`document.querySelector("#plain [role=meter]").getAttribute("aria-valuetext").endsWith("of 100")`)
	b.until(`[...document.querySelectorAll("#plain .checks li")].length > 0`)
	b.until(`document.querySelector("#go").innerText.includes("I have read the warnings and mean it this way")`)

	// The draft was saved by itself, and the suggested wording goes into the text.
	b.until(`location.pathname.length > "/compose/".length`)
	b.press("Use this wording")
	b.until(`document.getElementById("body").value.startsWith("Walking helps many people; ask us what you can expect.")`)
	b.until(`!document.querySelector("#mirror mark")`)
	b.says("Nobody can be recognised and nothing risky is promised")
	draft := b.path()

	// A picture is stored without what the camera wrote into it, and must be described.
	file := filepath.Join(t.TempDir(), "IMG_0042.jpg")
	if err := os.WriteFile(file, photo(t), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do("choose the picture", chromedp.SetUploadFiles(chromedp.CSS("#picture"), []string{file}))
	b.until(`document.querySelector(".picture img") && document.querySelector(".picture img").naturalWidth > 0`)
	b.until(`document.getElementById("composer").classList.contains("live")`)
	v := p.as(t, "communications")
	for _, src := range eval[[]string](b, `[...document.querySelectorAll(".picture img")].map((i) => i.getAttribute("src"))`) {
		a := v.get(t, src).want(t, 200)
		if got := a.header.Get("Content-Type"); got != "image/jpeg" {
			t.Errorf("the picture is served as %q", got)
		}
		for _, trace := range []string{"Exif", "II*\x00", where, "Orlena"} {
			if bytes.Contains([]byte(a.body), []byte(trace)) {
				t.Errorf("the served picture still holds %q", trace)
			}
		}
		newVisitor(p.URL).get(t, src).want(t, 404) // nothing public shows it yet
	}
	b.press("Post publicly")
	b.says("Describe every picture for people who can't see it.")
	b.until(`document.activeElement.classList.contains("errsum")`)
	b.typeIn(".picture textarea", "A blue field with a green edge")

	// Preview, as readers will see it.
	b.press("Preview")
	b.until(`location.search === "?view=preview"`)
	b.until(`document.querySelector("article.preview img[alt='A blue field with a green edge']")`)
	if n := eval[int](b, `document.querySelectorAll("article.preview mark").length`); n != 0 {
		t.Errorf("the preview shows %d marks", n)
	}
	b.press("Back to writing")
	b.on(draft)

	// Planned in the time of the place; the calendar shows it; taken back again.
	zone, _ := time.LoadLocation("Europe/Madrid")
	day := time.Now().In(zone).AddDate(0, 0, 3)
	b.press("Plan it for later")
	b.fill("#plan_day", day.Format(time.DateOnly))
	b.fill("#plan_time", "09:30")
	b.says("Madrid time")
	b.press("Schedule")
	b.says("It goes out by itself.")
	b.says("9:30")
	b.open("/calendar?month=" + day.Format("2006-01"))
	b.until(`[...document.querySelectorAll(".month td")].some((d) => d.querySelector(".daynumber").textContent === "` + itoa(day.Day()) + `" && !d.classList.contains("other") && d.textContent.includes("A walk for the heart") && d.textContent.includes("9:30"))`)
	b.click(`.month a[href="` + draft + `"]`)
	b.on(draft)
	b.press("Take it back")
	b.until(`document.getElementById("composer")`)
	if got := eval[string](b, `document.getElementById("title").value`); got != "A walk for the heart" {
		t.Errorf("taken back, the title is %q", got)
	}

	// Public, for anyone.
	b.press("Post publicly")
	b.says("It is public. Anyone can read it.")
	post := v.public(t, draft)
	reader := newTab(t, p.URL, look{noScript: true})
	reader.open("/news")
	reader.press("A walk for the heart")
	reader.on(post)
	reader.says("Walking helps many people")
	reader.until(`document.querySelector("main figure img[alt='A blue field with a green edge']").naturalWidth > 0`)

	// An edit is checked again, and what it said before stays to be read.
	b.open(draft)
	b.press("Edit")
	b.until(`location.pathname === "/compose" && document.getElementById("composer").classList.contains("live")`)
	b.fill("#body", "Walking helps many people; ask us what you can expect. Come to the old bridge on Friday at ten.")
	b.press("Publish the new version")
	b.says("It is public. Anyone can read it.")
	reader.open(post)
	reader.says("old bridge on Friday")
	reader.click(`a[href="` + post + `/history"]`)
	reader.on(post + "/history")
	reader.says("Thursday")
	reader.says("Friday")

	// Withdrawn, it is gone for readers, who are told so.
	b.open(b.path())
	b.press("Withdraw it from the site")
	b.typeIn("#reason", "The bridge is closed.")
	b.press("Withdraw")
	b.says("It is not public any more.")
	a := newVisitor(p.URL).get(t, post).want(t, 410)
	if !strings.Contains(a.words(), "This post was withdrawn") || strings.Contains(a.body, "old bridge") || strings.Contains(a.body, "bridge is closed") {
		t.Errorf("what readers see of a withdrawn post: %s", a.words())
	}
	newVisitor(p.URL).get(t, post+"/history").want(t, 410)
	for _, feed := range []string{"/news", "/news/feed.rss", "/sitemap/posts.xml"} {
		if strings.Contains(newVisitor(p.URL).get(t, feed).body, post) {
			t.Errorf("%s still names the withdrawn post", feed)
		}
	}
}

// TestTwoWindows edits one draft in two windows: the second is told, and nothing is overwritten.
func TestTwoWindows(t *testing.T) {
	p := demo(t)
	v := p.as(t, "communications")
	voice := v.voice(t, "Orlena Health Centre")
	draft := v.write(t, "save", "profile", voice, "title", "Two windows", "body", "The first words.")
	one, two := newTab(t, p.URL, look{as: v}), newTab(t, p.URL, look{as: v})
	for _, b := range []*tab{one, two} {
		b.open(draft)
		b.until(`document.getElementById("composer").classList.contains("live")`)
	}
	one.fill("#body", "Words from the first window.")
	one.press("Save draft")
	one.until(`document.querySelector("[name=rev]").value !== "1" && document.getElementById("body").value === "Words from the first window."`)

	// The second window saves by itself and is told; then it sees both texts.
	two.typeIn("#body", " And more from the second.")
	two.until(`document.getElementById("saved").textContent.includes("Nothing was overwritten")`)
	two.press("Save draft")
	two.until(`document.getElementById("mine")`)
	if got := eval[[]string](two, `["theirs", "mine"].map((id) => document.getElementById(id).value.trim())`); got[0] != "Words from the first window." || !strings.Contains(got[1], "And more from the second.") {
		t.Errorf("the two texts are %q", got)
	}
	if got := v.get(t, draft).find(t, `(?s)<textarea id="body"[^>]*>\s*(.*?)</textarea>`); got != "Words from the first window." {
		t.Errorf("stored is %q", got)
	}
	two.press("Keep what you wrote")
	two.until(`document.getElementById("body") && document.getElementById("body").value.includes("And more from the second.")`)
}
