package access

import (
	"net/http"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
)

// The contexts of a scope.
const (
	ofSystem  = "system"
	ofPatient = "patient"
	ofUser    = "user"
)

// Scope grants something to a token (http://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html).
type Scope struct {
	Context string // system, patient or user
	Type    string // resource type, or "*", by which the audit trail can be added to and not searched
	Do      string // of the letters c r u d s, in this order
	Query   string // "category=…": only what this search finds; "" is all
}

// Scopes are those of one token. Nil is "no token"; none of them grant nothing.
type Scopes []Scope

// ParseScopes reads scopes separated by blanks, in the form of SMART 2 (system/Observation.rs) or of
// SMART 1 (.read is rs, .write is cud, .* is cruds). Scopes that are about no resource, such as
// openid and launch, grant nothing here and are left out. What is refused is an *outcome.Error.
func ParseScopes(s string) (Scopes, error) {
	out := Scopes{}
	for _, word := range strings.Fields(s) {
		context, rest, is := strings.Cut(word, "/")
		if !is || context != ofSystem && context != ofPatient && context != ofUser {
			if other(word) {
				continue
			}
			return nil, refused(word)
		}
		rest, query, asks := strings.Cut(rest, "?")
		typ, do, dot := strings.Cut(rest, ".")
		switch do {
		case "read":
			do = "rs"
		case "write":
			do = "cud"
		case "*":
			do = "cruds"
		}
		if !dot || !typeName(typ) || !letters(do) || asks && !narrows(query) {
			return nil, refused(word)
		}
		out = append(out, Scope{context, typ, do, query})
	}
	return out, nil
}

func refused(word string) error {
	return outcome.New(http.StatusBadRequest, outcome.Value, "", "The scope "+word+" is not one that can be granted.")
}

// other are scopes of the launch and of OpenID Connect.
func other(word string) bool {
	switch word {
	case "openid", "fhirUser", "profile", "launch", "offline_access", "online_access":
		return true
	}
	return strings.HasPrefix(word, "launch/")
}

func typeName(s string) bool {
	if s == "*" {
		return true
	}
	for i, c := range s {
		if c >= 'A' && c <= 'Z' || i > 0 && c >= 'a' && c <= 'z' {
			continue
		}
		return false
	}
	return s != ""
}

// letters reports whether s is some of c r u d s, each once, in this order.
func letters(s string) bool {
	at := 0
	for _, c := range s {
		i := strings.IndexRune("cruds"[at:], c)
		if i < 0 {
			return false
		}
		at += i + 1
	}
	return s != ""
}

// narrows refuses queries that do something other than to find fewer.
func narrows(query string) bool {
	for _, part := range strings.Split(query, "&") {
		name, value, is := strings.Cut(part, "=")
		if !is || name == "" || value == "" || name[0] == '_' && name != "_tag" && name != "_security" && name != "_profile" || strings.ContainsAny(name, ".:") {
			return false
		}
	}
	return true
}

// String writes the scopes as ParseScopes reads them.
func (s Scopes) String() string {
	words := make([]string, len(s))
	for i, one := range s {
		words[i] = one.Context + "/" + one.Type + "." + one.Do
		if one.Query != "" {
			words[i] += "?" + one.Query
		}
	}
	return strings.Join(words, " ")
}

var letterOf = map[Interaction]string{
	Read: "r", Vread: "r", HistoryInstance: "r", Operation: "r",
	Search: "s", HistoryType: "s", HistorySystem: "s",
	Create: "c", Update: "u", Patch: "u", Delete: "d",
}

// grants reports whether the scope covers this; named asks for the type to be named, unless one
// record is asked for by its id or brought.
func (s Scope) grants(do Interaction, resourceType string, named bool) bool {
	letter := letterOf[do]
	if letter == "" || !strings.Contains(s.Do, letter) {
		return false
	}
	if s.Type == "*" {
		return !named || letter != "s"
	}
	return s.Type == resourceType && resourceType != ""
}
