package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/db/dbtest"
)

// TestTwoCopies runs two servers on one PostgreSQL: what one knows the other knows, and nothing that
// both could do is done twice.
func TestTwoCopies(t *testing.T) {
	t.Parallel()
	urls := dbtest.Roles(t)
	key := make([]byte, 32)
	rand.Read(key)
	env := []string{"MITRAL_KEY=" + base64.StdEncoding.EncodeToString(key), "MITRAL_SITE_NAME=Orlena Health Centre",
		"MITRAL_REVIEW_SAMPLE_ONE_IN=1000000", "MITRAL_SITE_TIME_ZONE=Europe/Madrid"}
	for store, url := range urls {
		env = append(env, "MITRAL_DATABASES_"+strings.ToUpper(store)+"="+url)
	}
	data := t.TempDir()
	one := serve(t, data, env...)
	two := serve(t, data, env...)

	// Who signs in at one is known at the other.
	admin := one.join(t, firstLink(t, data, append(env, "MITRAL_URL="+one.URL)...), "Piet Hollander", "piet@orlena.example")
	admin.at(two.URL).get(t, "/admin/staff").want(t, 200)
	people := map[string]*visitor{}
	for _, role := range []string{"communications", "reviewer"} {
		login := role + "@orlena.example"
		admin.post(t, "/admin/staff/invite", "login", login, "roles", role, "lang", "en").want(t, 303)
		link := admin.letter(t, login)
		people[role] = one.join(t, strings.Replace(link, two.URL, one.URL, 1), "One of "+role, "")
	}
	ama, leo := people["communications"], people["reviewer"].at(two.URL)
	voice := ama.voice(t, "Orlena Health Centre")

	// Planned: of two copies, one publishes it.
	const plans = 10
	due := nextMinute(5 * time.Second)
	zone, _ := time.LoadLocation("Europe/Madrid")
	for n := range plans {
		draft := ama.write(t, "schedule", "profile", voice, "title", "Planned "+itoa(n), "body", "The hall opens by itself.",
			"plan_day", due.In(zone).Format(time.DateOnly), "plan_time", due.In(zone).Format("15:04"), "plan_zone", "Europe/Madrid")
		if w := ama.get(t, draft).words(); !strings.Contains(w, "It goes out by itself.") {
			t.Fatalf("not planned: %s", w)
		}
	}

	// Written at one, released at two, public at both.
	ama.publish(t, voice, "Public at once", "The hall is open.")
	ama.held(t, voice, "Held here")
	leo.decide(t, leo.waiting(t, "Held here"), "approve", "").want(t, 303)
	ama.held(t, voice, "Refused there")
	leo.decide(t, leo.waiting(t, "Refused there"), "reject", "Too much.").want(t, 303)
	readers := []*visitor{newVisitor(one.URL), newVisitor(two.URL)}
	for _, r := range readers {
		eventually(t, 5*time.Second, "the released text is public at both", func() bool {
			count := published(t, r)
			return count["Public at once"] == 1 && count["Held here"] == 1 && count["Refused there"] == 0
		})
	}

	// One copy dies when the plans are due, perhaps with some of them in hand; the other goes on.
	time.AfterFunc(time.Until(due)+30*time.Millisecond, one.kill)
	eventually(t, time.Until(due)+patience, "the planned texts are public once each", func() bool {
		count := published(t, readers[1])
		all := 0
		for n := range plans {
			if count["Planned "+itoa(n)] == 1 {
				all++
			} else if count["Planned "+itoa(n)] > 1 {
				t.Fatalf("Planned %d is public %d times", n, count["Planned "+itoa(n)])
			}
		}
		return all == plans
	})
	if time.Now().Before(due) {
		t.Error("they were public before their time")
	}
	t.Logf("the last was public %v after its time", time.Since(due).Round(time.Millisecond))
	ama.at(two.URL).get(t, "/drafts").want(t, 200)
	// The dead copy comes back and does nothing again.
	three := serve(t, data, env...)
	if count := published(t, newVisitor(three.URL)); count["Planned 0"] != 1 || count["Held here"] != 1 {
		t.Errorf("after the return: %v", count)
	}
	verified(t, data, three.URL, env...)
}
