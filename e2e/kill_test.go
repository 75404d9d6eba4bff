package e2e

import (
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestKill kills the program again and again while somebody publishes, plans, has texts reviewed and
// saves drafts, and looks at the end whether anything was lost or came out twice.
func TestKill(t *testing.T) {
	t.Parallel()
	kills := often(6, 20)
	dice := rand.New(rand.NewPCG(1, 2)) // the order of what is done; the moment of a kill also depends on the machine
	k := &killed{t: t, dice: dice, data: t.TempDir(), dueAt: nextMinute(8 * time.Second)}
	k.start()
	k.voice = k.ama.voice(t, "Orlena Health Centre")
	for n := 0; n < kills || long && time.Now().Before(k.dueAt.Add(3*time.Second)); n++ {
		if n > 0 {
			k.start()
		}
		k.finish() // what the last kill left unanswered
		after := time.Duration(dice.IntN(350)) * time.Millisecond
		died := make(chan struct{})
		time.AfterFunc(after, func() { k.p.kill(); close(died) })
		for alive := true; alive; {
			alive = k.act()
		}
		<-died
		k.kills++
	}
	time.Sleep(time.Until(k.dueAt.Add(-time.Second))) // the last start is just before what was planned is due
	k.start()
	k.finish()
	time.Sleep(time.Until(k.dueAt.Add(time.Second)))
	k.check()
	t.Logf("%d kills, %d texts public, %d held, %d drafts, %d answers lost", k.kills, len(k.public), len(k.held), len(k.drafts), k.lost)
}

// nextMinute is the first full minute that is at least this far away.
func nextMinute(away time.Duration) time.Time {
	return time.Now().Add(away).Truncate(time.Minute).Add(time.Minute)
}

type killed struct {
	t          *testing.T
	dice       *rand.Rand
	data       string
	p          *program
	ama, leo   *visitor
	voice      string
	dueAt      time.Time
	n, kills   int
	lost       int
	public     []string          // titles that must be public once
	held       []string          // titles that must wait once and not be public
	drafts     map[string]string // address → words
	unanswered []attempt
}

// attempt is a text whose author does not know whether it went out: they look and try again.
type attempt struct {
	draft, title, do string
	more             []string
}

func (k *killed) start() {
	k.t.Helper()
	k.p = ownDemo(k.t, k.data)
	if k.ama == nil {
		k.ama, k.leo, k.drafts = k.p.as(k.t, "communications"), k.p.as(k.t, "reviewer"), map[string]string{}
		return
	}
	k.ama, k.leo = k.ama.at(k.p.URL), k.leo.at(k.p.URL)
}

// form posts and reports whether there was an answer.
func (k *killed) form(v *visitor, path string, nameValue ...string) (answer, bool) {
	a, err := v.try("POST", path, "application/x-www-form-urlencoded", strings.NewReader(pairs(nameValue...).Encode()))
	if err != nil {
		k.lost++
		return a, false
	}
	if a.status == http.StatusTooManyRequests {
		return a, true
	}
	if a.status != 303 {
		k.t.Errorf("POST %s: %d\n%s", path, a.status, a.words())
	}
	return a, true
}

// act does one thing; false says that the program is dead.
func (k *killed) act() bool {
	k.n++
	title := fmt.Sprintf("Kill %d", k.n)
	body := "Notice number " + itoa(k.n) + ". The hall is open today."
	save := []string{"do", "save", "kind", "note", "lang", "en", "profile", k.voice, "title", title, "body", body}
	a, ok := k.form(k.ama, "/compose", save...)
	if !ok || a.status != 303 {
		return ok
	}
	draft := a.to
	k.drafts[draft] = body
	send := func(do string, more ...string) bool {
		fields := append([]string{"do", do, "rev", "1", "kind", "note", "lang", "en", "profile", k.voice, "title", title, "body", body}, more...)
		delete(k.drafts, draft)
		a, ok := k.form(k.ama, draft, fields...)
		if !ok || a.status != 303 {
			k.unanswered = append(k.unanswered, attempt{draft, title, do, more})
			return ok
		}
		k.public = append(k.public, title)
		return true
	}
	zone, _ := time.LoadLocation("Europe/Madrid")
	due := k.dueAt.In(zone)
	switch n := k.dice.IntN(10); {
	case n < 4:
		return send("post")
	case n < 6 && time.Until(k.dueAt) > 2*time.Second:
		return send("schedule", "plan_day", due.Format(time.DateOnly), "plan_time", due.Format("15:04"), "plan_zone", "Europe/Madrid")
	case n < 8:
		return k.review(title)
	}
	return true // a draft that stays one
}

// review sends a text that the gate holds, and sometimes releases it.
func (k *killed) review(title string) bool {
	title += " held"
	a, ok := k.form(k.ama, "/compose", "do", "post", "kind", "note", "lang", "en", "profile", k.voice, "title", title,
		"body", "Our patient in room 12 is on her feet again.")
	if !ok || a.status != 303 {
		return ok // without an answer nobody knows the draft; it must only not be public
	}
	k.held = append(k.held, title)
	if k.dice.IntN(2) == 0 {
		return true
	}
	list, err := k.leo.try("GET", "/review", "", nil)
	if err != nil {
		return false
	}
	for _, one := range strings.Split(list.body, "<li>") {
		if !strings.Contains(one, title) {
			continue
		}
		item := answer{body: one}.find(k.t, `href="(/review/[^"]+)"`)
		page, err := k.leo.try("GET", item, "", nil)
		if err != nil {
			return false
		}
		k.held = k.held[:len(k.held)-1]
		if _, ok := k.form(k.leo, item, "do", "decide", "act", "approve", "revision", page.find(k.t, `name="revision" value="(\d+)"`)); ok {
			k.public = append(k.public, title)
			return true
		}
		return false // the decision may have been taken or not: both are right
	}
	return true
}

// finish looks at what had no answer and sends it again where it is still a draft.
func (k *killed) finish() {
	k.t.Helper()
	for _, u := range k.unanswered {
		page := k.ama.get(k.t, u.draft).want(k.t, 200)
		if strings.Contains(page.body, `id="composer"`) {
			if u.do == "schedule" && time.Until(k.dueAt) < 2*time.Second {
				k.drafts[u.draft] = "" // too late to plan it for then
				continue
			}
			body := page.find(k.t, `(?s)<textarea id="body"[^>]*>\s*(.*?)</textarea>`)
			fields := append([]string{"profile", k.voice, "title", u.title, "body", body}, u.more...)
			k.ama.rewrite(k.t, u.draft, u.do, fields...).want(k.t, 303)
		}
		k.public = append(k.public, u.title)
	}
	k.unanswered = nil
}

var cardTitle = regexp.MustCompile(`<h3[^>]*><a class="plainlink" href="(/p/[^"]+)">([^<]+)</a>`)

// published counts the posts of every title, over all pages of the news.
func published(t *testing.T, v *visitor) map[string]int {
	t.Helper()
	count := map[string]int{}
	for next := "/news"; next != ""; {
		a := v.get(t, next).want(t, 200)
		for _, m := range cardTitle.FindAllStringSubmatch(a.body, -1) {
			count[html.UnescapeString(m[2])]++
		}
		next = ""
		if more := a.all(`rel="next" href="([^"]+)"`); len(more) > 0 {
			next = more[0]
		}
	}
	return count
}

func (k *killed) check() {
	t := k.t
	t.Helper()
	reader := newVisitor(k.p.URL)
	var count map[string]int
	missing := func() (out []string) {
		count = published(t, reader)
		for _, title := range k.public {
			if count[title] == 0 {
				out = append(out, title)
			}
		}
		return out
	}
	for end := time.Now().Add(patience); len(missing()) > 0 && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
	}
	if lost := missing(); len(lost) > 0 {
		t.Errorf("lost: %v", lost)
	}
	for title, n := range count {
		if n > 1 && strings.HasPrefix(title, "Kill") {
			t.Errorf("%s is public %d times", title, n)
		}
	}
	queue := k.queue()
	for _, title := range k.held {
		if count[title] > 0 {
			t.Errorf("%s is public although nobody released it", title)
		}
		if queue[title] != 1 {
			t.Errorf("%s waits %d times for a reviewer", title, queue[title])
		}
	}
	looked := 0
	for draft, words := range k.drafts { // in no order: some of them
		if looked++; looked > 60 {
			break
		}
		if a := k.ama.get(t, draft); a.status != 200 || !strings.Contains(a.body, words) {
			t.Errorf("the draft %s: %d, has not %q", draft, a.status, words)
		}
	}
	verified(t, k.data, k.p.URL)
}

var queueTitle = regexp.MustCompile(`(?s)<b>([^<]+)</b>`)

// queue counts what waits for the reviewer, by title.
func (k *killed) queue() map[string]int {
	count := map[string]int{}
	for next := "/review"; next != ""; {
		a := k.leo.get(k.t, next).want(k.t, 200)
		for _, m := range queueTitle.FindAllStringSubmatch(a.body, -1) {
			count[html.UnescapeString(m[1])]++
		}
		next = ""
		if more := a.all(`rel="next" href="([^"]+)"`); len(more) > 0 {
			next = more[0]
		}
	}
	return count
}

// verified checks the chains of ledger and trail from the command line, beside the running program.
func verified(t *testing.T, data, url string, env ...string) {
	t.Helper()
	out, errs, code := run(t, "", append(env, "MITRAL_URL="+url), "admin", "verify", "--data", data)
	if code != 0 || strings.Count(out, "whole") != 3 {
		t.Errorf("admin verify: %d\n%s%s", code, out, errs)
	}
}
