package smart

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/access"
)

func FuzzParseKeys(f *testing.F) {
	for _, s := range []string{`{"keys":[]}`, `{"keys":[{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}]}`, `{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQ"}]}`, `[]`, `{"keys":[{"kty":"oct","k":"YQ"}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		keys, err := parseKeys(b)
		for _, k := range keys {
			if _, ok := algorithmOf(k); !ok || !k.IsPublic() {
				t.Errorf("%s gives a key that may not sign", b)
			}
		}
		if err == nil && len(keys) == 0 {
			t.Errorf("%s gives nothing and no error", b)
		}
	})
}

// What is granted is asked for and registered, whatever both are.
func FuzzNarrow(f *testing.F) {
	for _, s := range [][2]string{{"system/*.rs", "system/Patient.r"}, {"system/Observation.cruds?code=a", "system/*.rs?_tag=b"}, {"system/AuditEvent.r", "system/*.cruds"}, {"patient/*.r", "patient/*.r"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, asked, registered string) {
		got, err := narrow(asked, registered)
		if err != nil {
			return
		}
		a, _ := access.ParseScopes(asked)
		r, _ := access.ParseScopes(registered)
		g, err := access.ParseScopes(got)
		if err != nil || len(g) == 0 {
			t.Fatalf("%q: %v", got, err)
		}
		for _, one := range g {
			if !within(one, a) || !within(one, r) || one.Context != "system" {
				t.Errorf("asked %q, registered %q: granted %q", asked, registered, got)
			}
		}
	})
}

func within(s access.Scope, all access.Scopes) bool {
	for _, w := range all {
		if w.Context == s.Context && (w.Type == s.Type || w.Type == "*" && (s.Type != "AuditEvent" || !strings.Contains(s.Do, "s"))) && (w.Query == "" || w.Query == s.Query) && strings.Trim(s.Do, w.Do) == "" {
			return true
		}
	}
	return false
}
