package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// plain appends s as strings are compared: without case, accents and repeated spaces.
func plain(b []byte, s string) []byte {
	s = strings.TrimSpace(s)
	space := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return plainRunes(b, s[i:], space)
		}
		if c <= ' ' {
			space = true
			continue
		}
		if space {
			b, space = append(b, ' '), false
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

func plainRunes(b []byte, s string, space bool) []byte {
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsSpace(r) || r < ' ':
			space = true
			continue
		}
		if space {
			b, space = append(b, ' '), false
		}
		if to := unaccented(r); to != "" {
			b = append(b, to...)
			continue
		}
		b = utf8.AppendRune(b, unicode.ToLower(r))
	}
	return b
}

// unaccented spells letters that Unicode does not take apart.
func unaccented(r rune) string {
	switch r {
	case 'ß', 'ẞ':
		return "ss"
	case 'ø', 'Ø':
		return "o"
	case 'ł', 'Ł':
		return "l"
	case 'đ', 'Đ', 'ð', 'Ð':
		return "d"
	case 'æ', 'Æ':
		return "ae"
	case 'œ', 'Œ':
		return "oe"
	case 'þ', 'Þ':
		return "th"
	case 'ı', 'İ':
		return "i"
	}
	return ""
}

// Bytes with a meaning inside a value. clean keeps them out of text.
const (
	fieldEnd     = 0x00 // between the fields of a value: code and system
	componentEnd = 0x01 // behind each component of a composite
	implied      = 0x02 // in the place of the system of a code element: its value set's
)

// clean appends s with nothing in it that has a meaning inside a value.
func clean(b []byte, s string) []byte {
	at := len(b)
	b = append(b, s...)
	for i := at; i < len(b); i++ {
		if b[i] <= implied {
			b[i] = 0x1f
		}
	}
	return b
}

// field cuts v behind its first field.
func field(v []byte) (first, rest []byte) {
	for i, c := range v {
		if c == fieldEnd {
			return v[:i], v[i+1:]
		}
	}
	return v, nil
}
