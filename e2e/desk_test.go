package e2e

import (
	"strconv"
	"strings"
	"testing"
)

// What a communications officer does, by forms alone; the journeys do the same in a browser.

// write sends the composer's form and returns the address of the draft. do is its button.
func (v *visitor) write(t testing.TB, do string, nameValue ...string) (draft string) {
	t.Helper()
	fields := append([]string{"do", do, "kind", "note", "lang", "en"}, nameValue...)
	a := v.post(t, "/compose", fields...).want(t, 303)
	return strings.TrimSuffix(a.to, "?view=preview")
}

// rewrite sends the form of a draft that exists, with the revision it has now.
func (v *visitor) rewrite(t testing.TB, draft, do string, nameValue ...string) answer {
	t.Helper()
	rev := v.get(t, draft).want(t, 200).find(t, `name="rev" value="(\d+)"`)
	return v.post(t, draft, append([]string{"do", do, "kind", "note", "lang", "en", "rev", rev}, nameValue...)...)
}

// public returns the public address of a draft that is published.
func (v *visitor) public(t testing.TB, draft string) string {
	t.Helper()
	return v.get(t, draft).want(t, 200).find(t, `href="(/p/[0-9a-f-]{36})"`)
}

// publish writes a note that the gate lets pass and returns the addresses of the draft and the post.
func (v *visitor) publish(t testing.TB, voice, title, body string) (draft, post string) {
	t.Helper()
	draft = v.write(t, "post", "profile", voice, "title", title, "body", body)
	return draft, v.public(t, draft)
}

// held writes a note that the gate holds and returns the draft's address.
func (v *visitor) held(t testing.TB, voice, title string) (draft string) {
	t.Helper()
	draft = v.write(t, "post", "profile", voice, "title", title, "body", "Our patient in room 12 is on her feet again. Well done!")
	if a := v.get(t, draft).want(t, 200); !strings.Contains(a.words(), "A reviewer has been asked") {
		t.Fatalf("%s is not held:\n%s", draft, a.words())
	}
	return draft
}

// waiting returns the address of the item with this title in the reviewer's queue.
func (v *visitor) waiting(t testing.TB, title string) string {
	t.Helper()
	next := "/review"
	for range 20 {
		a := v.get(t, next).want(t, 200)
		for _, one := range strings.Split(a.body, "<li>") {
			if strings.Contains(one, title) {
				return answer{body: one}.find(t, `href="(/review/[^"]+)"`)
			}
		}
		more := a.all(`rel="next" href="([^"]+)"`)
		if len(more) == 0 {
			break
		}
		next = more[0]
	}
	t.Fatalf("%q does not wait for a reviewer", title)
	return ""
}

// decide sends the form of an item.
func (v *visitor) decide(t testing.TB, item, act, comment string) answer {
	t.Helper()
	rev := v.get(t, item).want(t, 200).find(t, `name="revision" value="(\d+)"`)
	return v.post(t, item, "do", "decide", "act", act, "comment", comment, "revision", rev)
}

func itoa(n int) string { return strconv.Itoa(n) }
