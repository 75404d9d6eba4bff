package e2e

import (
	"strings"
	"testing"
	"time"
)

// TestReviewer decides on held texts in a real browser.
func TestReviewer(t *testing.T) {
	p := demo(t)
	ama := p.as(t, "communications")
	voice := ama.voice(t, "Orlena Health Centre")
	refused := ama.held(t, voice, "Reviewed: refuse me")
	approved := ama.held(t, voice, "Reviewed: release me")
	ama.held(t, voice, "Reviewed: pass me on")
	b := newTab(t, p.URL, look{as: p.as(t, "reviewer")})

	// The queue: what waits, until when; the item: what the gate found, marked in the text.
	open := func(title string) {
		t.Helper()
		b.open("/review")
		b.says("wait for you")
		b.until(`[...document.querySelectorAll(".q a")].some((a) => a.textContent.includes("` + title + `") && /Due (in|by|on)/.test(a.textContent))`)
		eval[bool](b, `[...document.querySelectorAll(".q a")].find((a) => a.textContent.includes("`+title+`")).click(), true`)
		b.on("/review/*")
		b.until(`document.querySelector("#it").textContent.includes("` + title + `")`)
	}
	open("Reviewed: refuse me")
	b.until(`document.querySelector(".rv-text mark").textContent.includes("room 12")`)
	b.says("A room beside a person tells where somebody lies.")
	b.press("I take this one")
	b.says("You are on it until")

	// A refusal needs a reason; the author reads it.
	b.click(`input[name=act][value=reject]`)
	b.press("Refuse this text")
	b.until(`document.querySelector(".errsum")`)
	b.typeIn("#comment", "The neighbours would know her.")
	b.press("Refuse this text")
	b.on("/review")
	author := newTab(t, p.URL, look{as: ama})
	eventually(t, patience, "the author's list says so", func() bool {
		return strings.Contains(ama.get(t, "/drafts").words(), "The neighbours would know her.")
	})
	author.open("/drafts")
	author.click(`.drafts a[href="` + refused + `"]`)
	author.on(refused)
	author.says("A reviewer refused this text")

	// A release is public at once.
	open("Reviewed: release me")
	b.click(`input[name=act][value=approve]`)
	b.press("Release to the public")
	b.on("/review")
	released := time.Now()
	eventually(t, patience, "the released text is public", func() bool {
		return strings.Contains(newVisitor(p.URL).get(t, "/news?lang=en").body, "Reviewed: release me")
	})
	if took := time.Since(released); took > 3*time.Second {
		t.Errorf("it took %v from the release until it was public", took)
	}
	newVisitor(p.URL).get(t, ama.public(t, approved)).want(t, 200)

	// What is passed to the privacy officer is theirs alone.
	open("Reviewed: pass me on")
	item := b.path()
	b.click(`input[name=act][value=escalate]`)
	b.typeIn("#comment", "I am not sure.")
	b.click(`[data-decide]`)
	b.on("/review")
	b.open(item)
	b.says("Only the privacy officer can decide this text now.")
	esteban := p.as(t, "privacy_officer")
	if rev := esteban.get(t, item).want(t, 200); !strings.Contains(rev.words(), "I am not sure.") {
		t.Errorf("the privacy officer does not see why:\n%s", rev.words())
	}
	esteban.decide(t, item, "reject", "Nor am I.").want(t, 303)

	// A clinician's post is theirs: the queue counts it, but they are no reviewer at all.
	p.as(t, "clinician").get(t, "/review").want(t, 403)
	p.as(t, "clinician").post(t, item, "act", "approve", "revision", "1").want(t, 403)
}

// TestNobodyDecidesOnTheirOwn gives one person both roles.
func TestNobodyDecidesOnTheirOwn(t *testing.T) {
	p := demo(t)
	admin, clinician := p.as(t, "administrator"), p.as(t, "clinician")
	marisol := ""
	for _, row := range strings.Split(admin.get(t, "/admin/staff").want(t, 200).body, "<tr>") {
		if strings.Contains(row, "Marisol") {
			marisol = answer{body: row}.find(t, `href="(/admin/staff/[^"]+)"`)
		}
	}
	admin.post(t, marisol, "do", "roles", "roles", "clinician", "roles", "reviewer").want(t, 303)
	defer admin.post(t, marisol, "do", "roles", "roles", "clinician")

	voice := clinician.voice(t, "Dr Marisol Quenby")
	clinician.held(t, voice, "Reviewed: my own words")
	if w := clinician.get(t, "/review").want(t, 200).words(); !strings.Contains(w, "Nobody reviews their own words.") || strings.Contains(w, "Reviewed: my own words") {
		t.Errorf("her own queue: %s", w)
	}
	item := p.as(t, "reviewer").waiting(t, "Reviewed: my own words")
	a := clinician.get(t, item)
	if a.status == 200 && !strings.Contains(a.words(), "Nobody reviews their own words.") {
		t.Errorf("her own item:\n%s", a.words())
	}
	if a := clinician.post(t, item, "do", "decide", "act", "approve", "revision", "1"); a.status < 400 {
		t.Errorf("she released her own words: %d to %s", a.status, a.to)
	}
	p.as(t, "reviewer").decide(t, item, "reject", "A test.").want(t, 303)
}

// TestSample publishes until one text is drawn as a sample and takes it down. It may take many, so others don't see them.
func TestSample(t *testing.T) {
	p := ownDemo(t, t.TempDir())
	ama, leonor := p.as(t, "communications"), p.as(t, "reviewer")
	voice := ama.voice(t, "Orlena Health Centre")
	var post string
	for n := 1; post == ""; n++ {
		if n > 200 {
			t.Fatal("of 200 texts none was drawn, and 10 were expected")
		}
		title := "Sample number " + itoa(n)
		_, one := ama.publish(t, voice, title, "The hall has a new chair. Come and sit.")
		if strings.Contains(leonor.get(t, "/review").body, title) {
			item := leonor.waiting(t, title)
			if w := leonor.get(t, item).want(t, 200).words(); !strings.Contains(w, "Sample, 1 in 20") {
				t.Errorf("the sample is not called one: %s", w)
			}
			leonor.decide(t, item, "recall", "The chair is broken.").want(t, 303)
			post = one
		}
	}
	eventually(t, 5*time.Second, "the sample is taken down", func() bool {
		return newVisitor(p.URL).get(t, post).status == 410
	})
}
