package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAdministrator begins with an empty server and ends with a restored one.
func TestAdministrator(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	env := []string{"MITRAL_SITE_NAME=Orlena Health Centre", "MITRAL_SITE_TIME_ZONE=Europe/Madrid", "MITRAL_REVIEW_SAMPLE_ONE_IN=1000000"}
	p := serve(t, data, env...)

	// Readers find an empty house that says so.
	reader := newTab(t, p.URL, look{})
	for name, path := range map[string]string{"empty-home": "/", "empty-people": "/people", "empty-topics": "/topics",
		"empty-about": "/about", "empty-accessibility": "/accessibility"} {
		reader.open(path)
		reader.inspect(name+"-en", false)
	}

	// The first link makes the first account; it works once.
	link := firstLink(t, data)
	piet := newTab(t, p.URL, look{})
	piet.open(strings.TrimPrefix(link, p.URL))
	piet.says("Welcome to Mitral")
	piet.look("first", "invitation")
	piet.fill("#name", "Piet Hollander")
	piet.fill("#login", "piet@orlena.example")
	piet.fill("#password", "password1234")
	piet.press("Make my account")
	piet.until(`document.querySelector(".errsum")`) // too easily guessed
	piet.fill("#name", "Piet Hollander")
	piet.fill("#login", "piet@orlena.example")
	piet.typeIn("#password", password)
	piet.press("Make my account")
	piet.secondFactor("first")
	piet.acceptPolicy("first")
	piet.recoveryCodes("first")
	newVisitor(p.URL).get(t, strings.TrimPrefix(link, p.URL)).want(t, 404)

	// Nobody has invited anybody; the administrator does.
	piet.open("/admin/staff")
	piet.says("It is just you so far")
	piet.look("alone", "staff")
	piet.press("Invite somebody")
	piet.on("/admin/staff/invite")
	piet.fill("#login", "ama@orlena.example")
	piet.press("Communications")
	piet.press("Send the invitation")
	piet.on("/admin/staff")
	piet.says("ama@orlena.example")
	admin := newVisitor(p.URL)
	admin.takeFrom(piet)
	invited := admin.letter(t, "ama@orlena.example")

	// The invited person has a browser of her own and a second factor; without the policy no word is public.
	ama := newTab(t, p.URL, look{})
	ama.open(strings.TrimPrefix(invited, p.URL))
	ama.says("Your part here: Communications.")
	ama.fill("#name", "Ama Oseland")
	ama.typeIn("#password", password)
	ama.press("Make my account")
	amaSecret := ama.secondFactor("")
	writer := newVisitor(p.URL)
	writer.takeFrom(ama)
	if a := writer.post(t, "/compose", "do", "post", "kind", "note", "lang", "en", "body", "Too early."); a.status == 200 || strings.HasPrefix(a.to, "/compose") {
		t.Errorf("without the policy: %d to %q", a.status, a.to)
	}
	ama.acceptPolicy("")
	ama.recoveryCodes("")
	voice := writer.voice(t, "Orlena Health Centre")
	_, post := writer.publish(t, voice, "The first post", "Welcome to our new pages.")

	// A new version of the policy asks again, and until then nothing can be posted.
	piet.open("/admin/policy")
	piet.fill("#summary_en", "One more rule.")
	piet.fill("#summary_es", "Una regla más.")
	piet.fill("#text_en", eval[string](piet, `document.getElementById("text_en").value`)+"\n\nBe kind.")
	piet.fill("#text_es", eval[string](piet, `document.getElementById("text_es").value`)+"\n\nSé amable.")
	piet.press("Publish to all staff")
	piet.acceptPolicy("") // administrators are asked like everybody
	piet.on("/admin/policy")
	piet.says("The new version is published.")
	if a := writer.post(t, "/compose", "do", "post", "kind", "note", "lang", "en", "profile", voice, "body", "The old policy."); a.status == 200 || strings.HasPrefix(a.to, "/compose/") {
		t.Errorf("with the old policy: %d to %q", a.status, a.to)
	}
	newVisitor(p.URL).get(t, "/news").want(t, 200)
	ama.open("/compose")
	ama.until(`/policy/i.test(document.body.innerText)`)
	ama.open("/policy")
	ama.says("The policy has changed")
	ama.says("One more rule.")
	ama.acceptPolicy("changed")
	writer.publish(t, voice, "The second post", "And one more thing.")

	// Profiles and topics.
	piet.resize(1280)
	topics := admin.post(t, "/admin/topics", "name_en", "Food", "name_es", "Comida", "about_en", "", "about_es", "", "slug", "")
	topics.want(t, 303)
	for name, path := range map[string]string{"profiles": "/admin/profiles", "profile-new": "/admin/profiles/new", "profile-edit": "/admin/profiles/" + strings.TrimPrefix(newVisitor(p.URL).get(t, "/people").find(t, `href="(/u/[^"]+)"`), "/u/"),
		"admin-topics": "/admin/topics", "admin-topic": "/admin/topics/food"} {
		for _, lang := range []string{"en", "es"} {
			piet.speak(lang)
			piet.open(path)
			piet.inspect(name+"-"+lang, false)
		}
	}
	piet.speak("en")

	// Roles hold at once; sessions can be ended from elsewhere.
	member := admin.get(t, "/admin/staff").want(t, 200)
	row := ""
	for _, one := range strings.Split(member.body, "<tr>") {
		if strings.Contains(one, "ama@orlena.example") {
			row = answer{body: one}.find(t, `href="(/admin/staff/[0-9a-f-]{36})"`)
		}
	}
	piet.resize(1280)
	piet.open(row)
	piet.press("Reviewer")
	piet.press("Save the roles")
	piet.says("The roles are changed.")
	writer.get(t, "/review").want(t, 200)
	piet.press("Sign out everywhere")
	piet.says("Signed out on every device.")
	if a := writer.get(t, "/drafts").want(t, 303); !strings.HasPrefix(a.to, "/sign-in") {
		t.Errorf("an ended session leads to %q", a.to)
	}

	// She comes back with password and code; the code works once.
	ama.open("/sign-in?next=/drafts")
	ama.typeIn("#login", "ama@orlena.example")
	ama.typeIn("#password", password+"\r")
	ama.on("/sign-in/code")
	ama.look("staff", "code")
	ama.enterCode(amaSecret)
	ama.on("/drafts")

	// The ledger holds.
	piet.open("/ledger")
	piet.press("Verify the chain")
	piet.says("The chain holds")

	// A backup while the server runs, restored elsewhere: the same pages, the same accounts, whole chains.
	file := filepath.Join(t.TempDir(), "backup.mitral")
	if out, errs, code := run(t, "", env, "backup", "--data", data, file); code != 0 {
		t.Fatalf("backup: %d\n%s%s", code, out, errs)
	}
	writer.takeFrom(ama)
	writer.publish(t, voice, "After the backup", "This is not in it.")
	if err := p.stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	elsewhere := filepath.Join(t.TempDir(), "restored")
	if out, errs, code := run(t, "", env, "restore", "--data", elsewhere, file); code != 0 {
		t.Fatalf("restore: %d\n%s%s", code, out, errs)
	}
	key, err := os.ReadFile(filepath.Join(data, "key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(elsewhere, "key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	again := serve(t, elsewhere, env...)
	count := published(t, newVisitor(again.URL))
	if count["The first post"] != 1 || count["The second post"] != 1 || count["After the backup"] != 0 {
		t.Errorf("restored news: %v", count)
	}
	newVisitor(again.URL).get(t, post).want(t, 200)
	back := admin.at(again.URL)
	back.get(t, "/admin/staff").want(t, 200)
	verified(t, elsewhere, again.URL, env...)
	if _, errs, code := run(t, "", env, "restore", "--data", elsewhere, file); code != 1 || !strings.Contains(errs, "empty") {
		t.Errorf("restore into a full folder: %d %s", code, errs)
	}
}

// secondFactor sets up an authenticator app, as everybody must before they get any further, and
// returns its secret.
func (b *tab) secondFactor(name string) (secret string) {
	b.t.Helper()
	b.on("/sign-in/set-up")
	b.look(name, "second-factor")
	secret = b.text("p.key")
	b.typeIn("#code", code(b.t, secret))
	b.press("Set up the app")
	b.on("/policy")
	return secret
}

// recoveryCodes shows the codes and goes on.
func (b *tab) recoveryCodes(name string) {
	b.t.Helper()
	b.on("/account/codes")
	b.press("Show my codes")
	b.until(`document.querySelectorAll(".codes li").length === 10`)
	b.look(name, "recovery-codes")
	b.press("I have them, go on")
	b.until(`location.pathname !== "/account/codes"`)
}

// acceptPolicy accepts the policy on the page that shows it.
func (b *tab) acceptPolicy(name string) {
	b.t.Helper()
	b.on("/policy")
	b.look(name, "policy")
	b.press("I have read this policy and accept it.")
	b.press("Accept and go on")
	b.until(`location.pathname !== "/policy"`)
}

// look inspects the page as a part of a journey; who "" does not.
func (b *tab) look(who, page string) {
	b.t.Helper()
	if who != "" {
		b.inspect(page+"-"+who+"-en", false)
		b.resize(1280)
	}
}

// enterCode types the app's code. Each works once, so a second sign-in within half a minute waits for
// the next.
func (b *tab) enterCode(secret string) {
	b.t.Helper()
	for end := time.Now().Add(70 * time.Second); time.Now().Before(end); time.Sleep(time.Second) {
		if b.path() != "/sign-in/code" {
			return // the page before was still there when it was looked at
		}
		now := code(b.t, secret)
		b.fill("#code", "")
		b.typeIn("#code", now+"\r")
		b.until(`document.readyState === "complete" && (location.pathname !== "/sign-in/code" || document.querySelector(".errsum"))`)
		if b.path() != "/sign-in/code" {
			return
		}
		eventually(b.t, 40*time.Second, "the app shows another code", func() bool { return code(b.t, secret) != now })
	}
	b.t.Fatal("no code was taken")
}
