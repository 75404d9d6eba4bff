package resource

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string from its opening quote. Without an escape it is a part of the input.
func (p *parser) text() (string, bool) {
	p.at++
	start := p.at
	for p.at < len(p.in) {
		switch c := p.in[p.at]; {
		case c == '"':
			p.at++
			return p.in[start : p.at-1], true
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return "", p.broken()
		default:
			p.at++
		}
	}
	return "", p.broken()
}

// escaped goes on at the first backslash.
func (p *parser) escaped(start int) (string, bool) {
	var b strings.Builder
	plain := start
	for p.at < len(p.in) {
		switch c := p.in[p.at]; {
		case c == '"':
			b.WriteString(p.in[plain:p.at])
			p.at++
			return b.String(), true
		case c == '\\':
			b.WriteString(p.in[plain:p.at])
			if !p.escape(&b) {
				return "", p.broken()
			}
			plain = p.at
		case c < ' ':
			return "", p.broken()
		default:
			p.at++
		}
	}
	return "", p.broken()
}

// short holds what the two-letter escapes stand for.
const short = `"\/bfnrt`

// escape reads one escape; half of a surrogate pair is refused.
func (p *parser) escape(b *strings.Builder) bool {
	p.at++
	if p.at >= len(p.in) {
		return false
	}
	c := p.in[p.at]
	if i := strings.IndexByte(short, c); i >= 0 {
		b.WriteByte("\"\\/\b\f\n\r\t"[i])
		p.at++
		return true
	}
	if c != 'u' {
		return false
	}
	r, ok := p.hex()
	if ok && utf16.IsSurrogate(r) {
		if !strings.HasPrefix(p.in[p.at:], `\u`) {
			return false
		}
		p.at++
		var low rune
		low, ok = p.hex()
		r = utf16.DecodeRune(r, low)
		ok = ok && r != utf8.RuneError
	}
	if ok {
		b.WriteRune(r)
	}
	return ok
}

// hex reads the u and four digits.
func (p *parser) hex() (rune, bool) {
	if len(p.in)-p.at < 5 {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.in[p.at+1 : p.at+5]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	p.at += 5
	return r, true
}

func (p *parser) number() bool {
	if p.is('-') {
		p.at++
	}
	switch {
	case p.is('0'):
		p.at++
	case !p.digits():
		return p.broken()
	}
	if p.is('.') {
		p.at++
		if !p.digits() {
			return p.broken()
		}
	}
	if p.is('e') || p.is('E') {
		p.at++
		if p.is('+') || p.is('-') {
			p.at++
		}
		if !p.digits() {
			return p.broken()
		}
	}
	return true
}

func (p *parser) is(c byte) bool { return p.at < len(p.in) && p.in[p.at] == c }

// digits skips digits, one at least.
func (p *parser) digits() bool {
	start := p.at
	for p.at < len(p.in) && p.in[p.at] >= '0' && p.in[p.at] <= '9' {
		p.at++
	}
	return p.at > start
}
