package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

const password = "violet ladder quiet harbour"

// code is what an authenticator app shows for this secret now. A code works once, so whoever needs
// another waits for the next.
func code(t testing.TB, secret string) string {
	t.Helper()
	c, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// firstLink asks the command line for the first administrator's link.
func firstLink(t testing.TB, data string, env ...string) string {
	t.Helper()
	out, errs, status := run(t, "", env, "admin", "first-link", "--data", data)
	if status != 0 {
		t.Fatalf("admin first-link: %d\n%s%s", status, out, errs)
	}
	for _, line := range strings.Split(out, "\n") {
		if strings.HasPrefix(line, "http") {
			return strings.TrimSpace(line)
		}
	}
	t.Fatalf("admin first-link gave no link:\n%s", out)
	return ""
}

// letters returns the text of the newest letter to somebody, from the page where a server without
// mail keeps them.
func (v *visitor) letter(t testing.TB, to string) string {
	t.Helper()
	text := ""
	eventually(t, patience, "a letter to "+to, func() bool {
		a := v.get(t, "/mail").want(t, 200)
		for _, href := range a.all(`href="(/mail/[^"]+)"`) {
			if one := v.get(t, href).want(t, 200); strings.Contains(one.words(), to) {
				text = one.find(t, `(https?://[^<"\s]+/invite/[^<"\s]+)`)
				return true
			}
		}
		return false
	})
	return text
}

// join follows an invitation: name, password, authenticator app, policy. login "" is in the invitation.
func (p *program) join(t testing.TB, link, name, login string) *visitor {
	t.Helper()
	v := newVisitor(p.URL)
	path := strings.TrimPrefix(link, p.URL)
	v.get(t, path).want(t, 200)
	fields := []string{"name", name, "password", password}
	if login != "" {
		fields = append(fields, "login", login)
	}
	if a := v.post(t, path, fields...).want(t, 303); !strings.HasPrefix(a.to, "/sign-in/set-up") {
		t.Fatalf("after the password comes %q", a.to)
	}
	secret := v.get(t, "/sign-in/set-up").want(t, 200).find(t, `<p class="key"[^>]*>([^<]+)</p>`)
	v.post(t, "/sign-in/set-up", "code", code(t, secret)).want(t, 303)
	version := v.get(t, "/policy").want(t, 200).find(t, `name="version" value="(\d+)"`)
	v.post(t, "/policy", "version", version, "accept", "yes").want(t, 303)
	return v
}
