package profiles

import (
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/identity"
)

func TestCheckHandle(t *testing.T) {
	for h, good := range map[string]bool{"a": true, "marisol": true, "dr-marisol_2": true, strings.Repeat("a", 30): true,
		"": false, "Marisol": false, "-a": false, "a-": false, "a.b": false, "a/b": false, "..": false, "añ": false, "a b": false, strings.Repeat("a", 31): false} {
		if got := CheckHandle(h) == nil; got != good {
			t.Errorf("%q: %v", h, got)
		}
	}
}

func TestMaySpeak(t *testing.T) {
	marisol, tobias := identity.NewPrincipal("Marisol", identity.Clinician), identity.NewPrincipal("Tobias", identity.Clinician)
	ama, leonor := identity.NewPrincipal("Ama", identity.Communications), identity.NewPrincipal("Leonor", identity.Reviewer)
	hers := Profile{Kind: Clinician, Subject: marisol.Subject(identity.Social)}
	centre := Profile{Kind: Organisation}
	retired := hers
	retired.Retired = time.Unix(1, 0)
	for name, c := range map[string]struct {
		p    Profile
		who  *identity.Principal
		want bool
	}{
		"a clinician as herself": {hers, marisol, true}, "as somebody else": {hers, tobias, false}, "as the centre": {centre, marisol, false},
		"communications as anybody": {hers, ama, true}, "communications as the centre": {centre, ama, true},
		"a reviewer": {hers, leonor, false}, "nobody": {centre, nil, false},
		"a retired profile": {retired, marisol, false}, "a retired profile, communications": {retired, ama, false},
		"a person without a subject": {centre, &identity.Principal{Roles: []identity.Role{identity.Clinician}}, false},
	} {
		if got := c.p.MaySpeak(c.who); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWordsFallBack(t *testing.T) {
	for _, c := range []struct {
		w          Words
		lang, want string
	}{{Words{"a", "b"}, "en", "a"}, {Words{"a", "b"}, "es", "b"}, {Words{"a", ""}, "es", "a"}, {Words{"", "b"}, "en", "b"}} {
		if got := c.w.In(c.lang); got != c.want {
			t.Errorf("%+v in %s: %q", c.w, c.lang, got)
		}
	}
}
