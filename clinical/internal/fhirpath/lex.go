package fhirpath

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
)

type tokenKind uint8

const (
	tEnd tokenKind = iota
	tName
	tDelimited // `name`
	tString
	tNumber
	tDate // @…, with the date or time without the @ as text
	tVariable
	tSymbol // operators, brackets, and $this $index $total
)

type token struct {
	kind tokenKind
	text string
	pos  int
}

// refuseAt refuses an expression because of what stands at pos.
func refuseAt(text string, pos int, why string) error {
	near := text[pos:]
	if len(near) > 20 {
		near = near[:20]
		for !utf8.ValidString(near) && len(near) > 0 {
			near = near[:len(near)-1]
		}
	}
	where := "at the end of it"
	if near != "" {
		where = "at «" + near + "»"
	}
	return outcome.New(400, outcome.Invalid, "", "This is not a FHIRPath expression: "+why+" "+where+".")
}

// lex splits text into tokens, the last one being tEnd.
func lex(text string) ([]token, error) {
	if !utf8.ValidString(text) {
		return nil, outcome.New(400, outcome.Invalid, "", "This FHIRPath expression is not UTF-8.")
	}
	tokens := make([]token, 0, len(text)/4+2)
	for i := 0; ; {
		i = blank(text, i)
		if i >= len(text) {
			return append(tokens, token{tEnd, "", len(text)}), nil
		}
		t, next := lexOne(text, i)
		if next == i {
			return nil, refuseAt(text, i, "there is something unexpected")
		}
		t.pos = i
		tokens, i = append(tokens, t), next
	}
}

// blank skips white space and comments.
func blank(text string, i int) int {
	for i < len(text) {
		switch rest := text[i:]; {
		case strings.IndexByte(" \t\r\n", text[i]) >= 0:
			i++
		case strings.HasPrefix(rest, "//"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				return len(text)
			}
			i += end
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest, "*/")
			if end < 0 {
				return i
			}
			i += end + 2
		default:
			return i
		}
	}
	return i
}

// lexOne reads the token at i; it returns i itself if there is none.
func lexOne(text string, i int) (token, int) {
	switch c := text[i]; {
	case letter(c):
		end := run(text, i, func(c byte) bool { return letter(c) || digit(c) })
		return token{kind: tName, text: text[i:end]}, end
	case digit(c):
		end := run(text, i, digit)
		if end+1 < len(text) && text[end] == '.' && digit(text[end+1]) {
			end = run(text, end+1, digit)
		}
		return token{kind: tNumber, text: text[i:end]}, end
	case c == '\'' || c == '`':
		s, end := quoted(text, i)
		return token{kind: map[byte]tokenKind{'\'': tString, '`': tDelimited}[c], text: s}, end
	case c == '@':
		end := run(text, i+1, func(c byte) bool { return digit(c) || strings.IndexByte("T:-+Z.", c) >= 0 })
		for end > i+1 && (text[end-1] == '.' || text[end-1] == '-' || text[end-1] == '+') { // @2015.toString(), @2015-1
			end--
		}
		if end == i+1 {
			return token{}, i
		}
		if dot := strings.IndexByte(text[i:end], '.'); dot >= 0 && !strings.Contains(text[i:i+dot], ":") {
			end = i + dot // a fraction belongs to seconds only
		}
		return token{kind: tDate, text: text[i+1 : end]}, end
	case c == '%':
		if i+1 < len(text) && (text[i+1] == '`' || text[i+1] == '\'') {
			s, end := quoted(text, i+1)
			if end == i+1 {
				end = i
			}
			return token{kind: tVariable, text: s}, end
		}
		end := run(text, i+1, func(c byte) bool { return letter(c) || digit(c) || c == '-' })
		if end == i+1 {
			return token{}, i
		}
		return token{kind: tVariable, text: text[i+1 : end]}, end
	}
	for _, s := range []string{"$this", "$index", "$total", "<=", ">=", "!=", "!~"} {
		if strings.HasPrefix(text[i:], s) {
			return token{kind: tSymbol, text: s}, i + len(s)
		}
	}
	if strings.IndexByte(".,()[]{}+-*/&|<>=~", text[i]) >= 0 {
		return token{kind: tSymbol, text: text[i : i+1]}, i + 1
	}
	return token{}, i
}

func letter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// run returns where the run of bytes that fit ends.
func run(text string, i int, fits func(byte) bool) int {
	for i < len(text) && fits(text[i]) {
		i++
	}
	return i
}

// quoted reads what stands between two of the quotes at i, with its escapes. An escape that FHIRPath
// doesn't have stands for the character itself, as R4's invariants expect.
func quoted(text string, i int) (string, int) {
	q := text[i]
	var b strings.Builder
	for at := i + 1; at < len(text); {
		c := text[at]
		switch {
		case c == q:
			return b.String(), at + 1
		case c != '\\':
			b.WriteByte(c)
			at++
			continue
		case at+1 >= len(text):
			return "", i
		}
		at += 2
		switch e := text[at-1]; e {
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'f':
			b.WriteByte('\f')
		case 'u':
			if at+4 > len(text) {
				return "", i
			}
			v, err := strconv.ParseUint(text[at:at+4], 16, 16)
			if err != nil {
				return "", i
			}
			b.WriteRune(rune(v))
			at += 4
		default:
			b.WriteByte(e)
		}
	}
	return "", i
}
