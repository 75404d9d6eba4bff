package scan

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text as the detectors read it: compatibility-decomposed, without accents, zero-width
// and other invisible characters, with look-alike letters turned into Latin ones, every kind of dash,
// quote, space and decimal digit turned into the ASCII one, and symbols and bytes that are no UTF-8
// turned into symbolByte. Case stays. at[i] is where the character that gave b[i] starts in the
// original.
type folded struct {
	b  []byte
	at []int32
}

// symbolByte stands for whatever is neither letter, digit, space nor punctuation that matters.
const symbolByte = 0x1f

// folds is the table for U+00A0 to U+024F, made once per engine; an empty entry drops the character.
type folds [0x250 - 0xa0]string

func newFolds() *folds {
	var t folds
	for i := range t {
		t[i] = foldRune(rune(0xa0 + i))
	}
	return &t
}

func (f *folded) fold(text string, t *folds) {
	f.b, f.at = f.b[:0], f.at[:0]
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			f.b, f.at = append(f.b, c), append(f.at, int32(i))
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		var s string
		switch {
		case r == utf8.RuneError && n == 1:
			s = "\x1f"
		case r >= 0xa0 && r < 0x250:
			s = t[r-0xa0]
		default:
			s = foldRune(r)
		}
		for j := range len(s) {
			f.b, f.at = append(f.b, s[j]), append(f.at, int32(i))
		}
		i += n
	}
}

// span maps a half-open range of folded bytes to the original bytes, marks that combine with the last
// character included. The range must not be empty.
func (f *folded) span(text string, start, end int32) (int, int) {
	s, last := int(f.at[start]), int(f.at[end-1])
	_, n := utf8.DecodeRuneInString(text[last:])
	e := last + n
	for e < len(text) && text[e] >= utf8.RuneSelf {
		r, n := utf8.DecodeRuneInString(text[e:])
		if !unicode.Is(unicode.Mn, r) {
			break
		}
		e += n
	}
	return s, e
}

// foldRune folds one character beyond ASCII.
func foldRune(r rune) string {
	if s, ok := lookAlike(r); ok {
		return s
	}
	if unicode.In(r, unicode.Mn, unicode.Cf, unicode.Me) || r == 0x034f || r == 0x115f || r == 0x3164 {
		return ""
	}
	var buf [utf8.UTFMax]byte
	one := buf[:utf8.EncodeRune(buf[:], r)]
	d := norm.NFKD.Properties(one).Decomposition()
	if d == nil {
		return foldPlain(r)
	}
	var out []byte
	for len(d) > 0 {
		r, n := utf8.DecodeRune(d)
		d = d[n:]
		switch {
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		case unicode.Is(unicode.Mn, r):
		default:
			if s, ok := lookAlike(r); ok {
				out = append(out, s...)
			} else {
				out = append(out, foldPlain(r)...)
			}
		}
	}
	return string(out)
}

// foldPlain folds a character that has no decomposition.
func foldPlain(r rune) string {
	switch {
	case unicode.IsLetter(r):
		return string(unicode.ToLower(r))
	case unicode.Is(unicode.Nd, r):
		zero := r
		for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
			zero--
		}
		return string('0' + (r - zero))
	case unicode.IsSpace(r), r == 0x2800:
		if r == 0x2028 || r == 0x2029 || r == 0x85 {
			return "\n"
		}
		return " "
	case unicode.Is(unicode.Pd, r), r == 0x2212, r == 0x2043:
		return "-"
	}
	return "\x1f"
}

// lookAlike gives the Latin letters that a character is or passes for. The Cyrillic and Greek ones
// are those that most typefaces draw alike (Unicode TR 39, confusables).
func lookAlike(r rune) (string, bool) {
	switch r {
	case '‘', '’', 'ʼ', '′', '´', '‛', '＇', 'ʹ':
		return "'", true
	case '“', '”', '«', '»', '„', '″', '‟':
		return "\"", true
	case '¡':
		return "!", true
	case '¿':
		return "?", true
	case '€':
		return "$", true
	case '£', '¥':
		return "$", true
	case '·', '•', '∙', '‧', '⋅', '●':
		return "\x1f", true
	case '…':
		return "...", true
	case '⁄', '∕':
		return "/", true
	}
	from, to := "øØłŁđĐðÐıħĦаАеЕоОрРсСуУхХіІјЈѕЅВНКМТԁԛԝһӏαΑΒΕεΖΗΙιΚΜΝΟοΡρΤτΥΧνѵɡɑᴀ", "oOlLdDdDihHaAeEoOpPcCyYxXiIjJsSBHKMTdqwhlaABEeZHIiKMNOoPpTtYXvvgaa"
	if r < 0x600 || r >= 0x1d00 && r < 0x1d80 {
		if s, ok := pairOf(from, to, r); ok {
			return s, true
		}
	}
	switch r {
	case 'ß':
		return "ss", true
	case 'æ', 'Æ':
		return "ae", true
	case 'œ', 'Œ':
		return "oe", true
	case 'þ', 'Þ':
		return "th", true
	}
	return "", false
}

func pairOf(from, to string, r rune) (string, bool) {
	i := 0
	for _, f := range from {
		if f == r {
			return to[i : i+1], true
		}
		i++
	}
	return "", false
}

// Folder folds texts apart from an engine. Package learn learns from what it gives.
type Folder struct{ table *folds }

// NewFolder makes one. It is safe for any number of goroutines.
func NewFolder() *Folder { return &Folder{newFolds()} }

// Fold returns a text as the detectors read it, and for each of its bytes where the character that gave
// it starts in the original.
func (r *Folder) Fold(text string) ([]byte, []int32) {
	var f folded
	f.fold(text, r.table)
	return f.b, f.at
}
