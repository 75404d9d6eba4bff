package validate

import (
	"html"
	"strings"
)

// decode replaces the character references of a text; false if an ampersand begins none.
func decode(s string) (string, bool) {
	if strings.IndexByte(s, '&') < 0 {
		return s, true
	}
	for rest := s; ; {
		i := strings.IndexByte(rest, '&')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
		end := strings.IndexByte(rest[:min(len(rest), 12)], ';')
		if end < 1 || !named(rest[:end]) {
			return "", false
		}
	}
	return html.UnescapeString(s), true
}

// named says whether &name; is a character reference: XML's, HTML's or a number.
func named(name string) bool {
	if entities[name] {
		return true
	}
	ref := "&" + name + ";"
	return html.UnescapeString(ref) != ref
}

// harmless says whether an address neither runs anything nor carries a document in itself.
func harmless(address string) bool {
	a := strings.ToLower(strings.Map(visible, address))
	colon := strings.IndexByte(a, ':')
	if colon < 0 || strings.ContainsAny(a[:colon], "/?#") {
		return true // relative, or within the page
	}
	switch a[:colon] {
	case "http", "https", "ftp", "mailto", "tel", "urn", "cid":
		return true
	}
	return picture(a)
}

// picture says whether an address carries an image that can't run anything.
func picture(a string) bool {
	return strings.HasPrefix(a, "data:image/") && !strings.HasPrefix(a, "data:image/svg")
}

// plainStyle says whether a style attribute stays within itself: it loads and runs nothing.
func plainStyle(style string) bool {
	s := strings.ToLower(strings.Map(visible, style))
	for rest := s; ; {
		_, after, found := strings.Cut(rest, "url(")
		if !found {
			break
		}
		if !picture(strings.TrimLeft(after, `"'`)) {
			return false
		}
		rest = after
	}
	for _, bad := range []string{"expression(", "javascript:", "@import", "behavior:", "behaviour:", "-moz-binding", "image(", "image-set(", "\\", "/*"} {
		if strings.Contains(s, bad) {
			return false
		}
	}
	return true
}

// visible drops what browsers skip within addresses and styles.
func visible(r rune) rune {
	if r <= ' ' || r == 0x7f {
		return -1
	}
	return r
}
