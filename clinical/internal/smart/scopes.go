package smart

import (
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/platform/fault"
)

// scopes reads the scopes of a token and refuses what would grant nothing: a program acts for itself
// with system/ scopes, and for a patient with patient/ scopes and that patient named.
func scopes(scope, patient string) (access.Scopes, error) {
	all, err := access.ParseScopes(scope)
	if err != nil {
		return nil, err
	}
	counts := 0
	for _, s := range all {
		if (s.Context == "patient") != (patient != "") || s.Context == "user" {
			return nil, fault.New(fault.Invalid, "A token for a patient has patient/ scopes and names the patient; any other has system/ scopes.")
		}
		counts++
	}
	if counts == 0 {
		return nil, fault.New(fault.Invalid, "These scopes grant nothing. Try system/*.cruds, or patient/*.rs with a patient.")
	}
	return all, nil
}

// narrow returns what of the asked scopes a client was registered for, as a token writes it.
func narrow(asked, registered string) (string, error) {
	want, err := access.ParseScopes(asked)
	if err != nil {
		return "", refuse("invalid_scope", "A scope can't be read, or is not known here.")
	}
	have, err := access.ParseScopes(registered)
	if err != nil {
		return "", err
	}
	var got access.Scopes
	seen := map[access.Scope]bool{}
	for _, w := range want {
		for _, h := range have {
			if s, ok := both(w, h); ok && s.Context == "system" && !seen[s] {
				seen[s] = true
				got = append(got, s)
			}
		}
	}
	if len(got) == 0 {
		return "", refuse("invalid_scope", "This client is registered for none of these scopes.")
	}
	return got.String(), nil
}

// both is what two scopes grant alike. By * the audit trail is not searched.
func both(a, b access.Scope) (access.Scope, bool) {
	if a.Context != b.Context || a.Query != b.Query && a.Query != "" && b.Query != "" {
		return access.Scope{}, false
	}
	out := access.Scope{Context: a.Context, Type: a.Type, Query: a.Query}
	if out.Query == "" {
		out.Query = b.Query
	}
	switch {
	case a.Type == b.Type:
	case a.Type == "*":
		out.Type = b.Type
	case b.Type == "*":
	default:
		return access.Scope{}, false
	}
	unsearched := out.Type == "AuditEvent" && a.Type != b.Type
	for _, letter := range a.Do {
		if strings.ContainsRune(b.Do, letter) && !(unsearched && letter == 's') {
			out.Do += string(letter)
		}
	}
	return out, out.Do != ""
}
