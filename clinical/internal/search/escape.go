package search

import "strings"

// cutUnescaped cuts s at each sep that no backslash stands before. The pieces keep their escapes.
func cutUnescaped(s string, sep byte) []string {
	if strings.IndexByte(s, sep) < 0 {
		return []string{s}
	}
	var out []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			out, from = append(out, s[from:i]), i+1
		}
	}
	return append(out, s[from:])
}

// unescape takes the escapes \, \$ \| \\ out (http://hl7.org/fhir/R4/search.html#escaping).
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`,$|\`, s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
