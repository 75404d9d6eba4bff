package wearables

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

func unspaced(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	return b
}

// nameLength is how long the name at the beginning is: the letters of XML, taken broadly.
func nameLength(b []byte) int {
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == ':', c >= utf8.RuneSelf:
		case i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.'):
		default:
			return i
		}
	}
	return len(b)
}

// text resolves the five entities that XML has and numbered characters; false for others, and for what
// is no UTF-8.
func text(raw []byte) (string, bool) {
	if bytes.IndexByte(raw, '&') < 0 {
		return string(raw), utf8.Valid(raw)
	}
	var out strings.Builder
	for s := string(raw); ; {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			out.WriteString(s)
			break
		}
		out.WriteString(s[:i])
		end := strings.IndexByte(s[i:], ';')
		if end < 0 || end > 12 {
			return "", false
		}
		name := s[i+1 : i+end]
		s = s[i+end+1:]
		switch name {
		case "amp":
			out.WriteByte('&')
		case "lt":
			out.WriteByte('<')
		case "gt":
			out.WriteByte('>')
		case "quot":
			out.WriteByte('"')
		case "apos":
			out.WriteByte('\'')
		default:
			digits, base := strings.TrimPrefix(name, "#"), 10
			if digits == name {
				return "", false
			}
			if hex := strings.TrimPrefix(digits, "x"); hex != digits {
				digits, base = hex, 16
			}
			n, err := strconv.ParseUint(digits, base, 32)
			if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
				return "", false
			}
			out.WriteRune(rune(n))
		}
	}
	return out.String(), utf8.ValidString(out.String())
}
