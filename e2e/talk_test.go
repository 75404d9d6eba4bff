package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

const danger = "Better today, but I have had a tight chest since last night"

// snapshot is a photo as a phone might take one.
func snapshot(t *testing.T) []byte {
	m := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			m.Set(x, y, color.RGBA{uint8(180 + x/16), uint8(120 + y/8), uint8(110 + x/32), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// top is where a picture of the whole page is taken from: a thread opens at its end.
func top(b *tab) { b.until(`(scrollTo(0, 0), scrollY === 0)`) }

// messagesSights are the patient's pages of messages.
func messagesSights(t *testing.T, p *program) []sight {
	v := p.as(t, "patient")
	v.upload(t, "/my/messages", "ankle.jpg", snapshot(t), "text", "My ankles are a little swollen since the new tablet. Is that normal?", "key", "0123456789abcdef").want(t, 303)
	v.upload(t, "/my/messages", "letter.pdf", []byte("%PDF-1.4\ntrailer << >>\n%%EOF\n"), "text", "And this is the letter of the hospital.", "key", "0123456789abcdef").want(t, 303)
	return []sight{
		{name: "talk-own", path: "/my/messages", dark: true, then: top},
		{name: "talk-sent", path: "/my/messages?sent=1"},
		{name: "talk-danger", path: "/my/messages", dark: true, then: func(b *tab) {
			b.fill("#text", danger)
			b.until(`document.querySelector("#danger .notice.urgent") && document.querySelector("#mirror mark")`)
			top(b)
		}},
		{name: "talk-files", path: "/my/messages", then: func(b *tab) {
			b.fill("#text", "")
			b.until(`(document.querySelector("#write details").open = true)`)
		}},
		{name: "talk-asked", path: "/my/messages", then: func(b *tab) {
			b.fill("#text", danger)
			b.until(`(document.querySelector("#write").submit(), true)`) // as without a script
			b.until(`document.querySelector("#danger .notice.urgent") && !document.querySelector("#go button")`)
			b.until(`(localStorage.clear(), true)`)
		}},
		{name: "talk-wrong", path: "/my/messages", then: func(b *tab) {
			b.fill("#text", " ")
			b.submit("#write")
			b.until(`document.querySelector(".errsum")`)
		}},
	}
}

// inboxSights are the team's.
func inboxSights(t *testing.T, p *program) []sight {
	v := p.as(t, "clinician")
	v.post(t, "/care/resident-01/messages/note", "note", "Sounds tired on the phone. Tobias visits on Thursday.", "key", "0123456789abcdef").want(t, 303)
	return []sight{
		{name: "talk-inbox", path: "/care/messages", dark: true},
		{name: "talk-inbox-mine", path: "/care/messages?of=me"},
		{name: "talk-team", path: "/care/resident-01/messages", dark: true, then: top},
		{name: "talk-team-empty", path: "/care/resident-09/messages"},
		{name: "talk-team-wrong", path: "/care/resident-01/messages", then: func(b *tab) {
			b.fill("#note", " ")
			b.submit(".note-form")
			b.until(`document.querySelector(".note-form .err")`)
		}},
	}
}

// TestMessagesAreLive: what one side says appears on the other's open page, and what is being written there stays; words of
// danger say at once what to do, and signing out leaves none of them on the device.
func TestMessagesAreLive(t *testing.T) {
	t.Parallel()
	browser(t)
	p := ownDemo(t, t.TempDir())
	b := newTab(t, p.URL, look{as: p.as(t, "patient")})
	b.speak("en")
	b.open("/my/messages")
	b.fill("#text", "I was going to")
	doctor := p.as(t, "clinician")
	doctor.post(t, "/care/resident-01/messages", "text", "Please rest until Friday.", "key", "0123456789abcdef").want(t, 303)
	b.says("Please rest until Friday.")
	b.until(`document.querySelector("#text").value === "I was going to"`)
	b.fill("#text", danger)
	b.until(`document.querySelector("#danger a[href='tel:112']") && document.querySelector("#go").hidden`)
	b.fill("#text", "Thank you, better today")
	b.until(`!document.querySelector("#danger .notice") && !document.querySelector("#go").hidden`)
	b.fill("#text", danger)
	b.until(`document.querySelector("#danger .notice")`)
	b.click("#danger button[name=sure]")
	b.until(`document.querySelector("#said .notice") && document.querySelector("#text").value === ""`)
	doctor.get(t, "/care/messages").find(t, `Urgent(?s:.*)(tight chest)`)

	b.fill("#text", "Half a sentence")
	b.open("/my/messages")
	b.until(`document.querySelector("#text").value === "Half a sentence"`)
	b.open("/account")
	b.submit("form[action='/sign-out']")
	b.on("/sign-in")
	b.until(`Object.keys(localStorage).every((key) => !key.startsWith("mitral-draft"))`)
}
