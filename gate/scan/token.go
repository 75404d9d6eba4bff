package scan

import "slices"

// token is a word or a run of digits. Punctuation is no token: it is what the flags tell.
type token struct {
	start, end int32  // in the folded text
	hash       uint64 // of the lower-case form
	pos        int32  // how many words came before; the end of a sentence counts as several
	ids        int32  // where its vocabulary entries start in state.ids
	nids       int16
	flags      flags
	bits       bits // what kinds of word it is
	val        int32
}

type flags uint16

const (
	fDigits  flags = 1 << iota // a run of digits; val is its value if it has at most nine
	fCapital                   // first letter is a capital
	fUpper                     // all letters are capitals
	fBreak                     // a sentence starts here
	fComma                     // a comma, bracket, quote or dash stands before
	fGlued                     // nothing stands before: "5B" is two tokens
	fHyphen                    // joined to the one before by a hyphen
	fApos                      // starts with an apostrophe: 's, 're, 'Brien
	fAt                        // '@' stands right before
	fHash                      // '#' stands right before
	fMoney                     // a currency sign stands right before
	fApart                     // its letters stood apart
	fLeet                      // digits stand for letters in it: "k1dney"
)

func (t *token) is(f flags) bool { return t.flags&f != 0 }

const (
	cOther = iota
	cLetter
	cUpper
	cDigit
	cSpace
	cNewline
)

func kindOf(c byte) int {
	switch {
	case c >= 'a' && c <= 'z', c >= 0x80:
		return cLetter
	case c >= 'A' && c <= 'Z':
		return cUpper
	case c >= '0' && c <= '9':
		return cDigit
	case c == '\n':
		return cNewline
	case c == ' ', c == '\t', c == '\r', c == '\v', c == '\f':
		return cSpace
	}
	return cOther
}

func letterByte(c byte) bool { k := kindOf(c); return k == cLetter || k == cUpper }

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// How far apart words count as being when a sentence or a paragraph ends between them.
const (
	sentenceGap  = 3
	paragraphGap = 8
)

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func hashOf(word string) uint64 {
	h := uint64(fnvOffset)
	for i := range len(word) {
		h = (h ^ uint64(lower(word[i]))) * fnvPrime
	}
	return h
}

// tokenise cuts the folded text into tokens and looks each up in the vocabulary.
func (s *state) tokenise() {
	b := s.text.b
	s.toks, s.ids = s.toks[:0], s.ids[:0]
	var pending flags
	pos, gap := int32(0), int32(0)
	newlines := 0
	pending = fBreak
	for i := 0; i < len(b); {
		k := kindOf(b[i])
		switch k {
		case cSpace:
			i++
			pending &^= fGlued | fAt | fHash | fMoney | fHyphen
			continue
		case cNewline:
			newlines++
			i++
			pending = pending&^(fGlued|fAt|fHash|fMoney|fHyphen) | fBreak
			gap = sentenceGap
			if newlines > 1 {
				gap = paragraphGap
			}
			continue
		case cOther:
			if b[i] == '\'' && i > 0 && letterByte(b[i-1]) && i+1 < len(b) && letterByte(b[i+1]) {
				break // an apostrophe inside a word
			}
			pending, gap = s.punctuate(b, i, pending, gap)
			i++
			continue
		}
		newlines = 0
		t := token{start: int32(i), flags: pending}
		switch {
		case k == cDigit:
			if n, ok := s.engine.vocab.leetStart(b, i); ok && pending&fGlued == 0 {
				t.hash = s.engine.vocab.leetHash(b, i, n)
				t.flags |= fLeet
				t.ids = int32(len(s.ids))
				s.lookup(&t)
				i = n
			} else {
				i = s.number(&t, b, i)
			}
		default:
			if b[i] == '\'' {
				t.flags |= fApos
			}
			i = s.word(&t, b, i)
		}
		t.end = int32(i)
		pos += gap + 1
		t.pos = pos
		gap = 0
		pending = fGlued
		s.toks = append(s.toks, t)
		if !t.is(fDigits) {
			s.expand()
			pos = s.toks[len(s.toks)-1].pos
		}
	}
	s.spelled()
}

// punctuate says what one punctuation character at i means for the token after it.
func (s *state) punctuate(b []byte, i int, pending flags, gap int32) (flags, int32) {
	glued := pending&fGlued != 0
	pending &^= fGlued | fAt | fHash | fMoney
	switch c := b[i]; c {
	case '-':
		if glued && i+1 < len(b) && kindOf(b[i+1]) != cSpace && kindOf(b[i+1]) != cOther {
			return pending | fHyphen, gap
		}
		return pending | fComma, gap
	case '!', '?':
		return pending | fBreak, max(gap, sentenceGap)
	case '.':
		if s.endsSentence(b, i) {
			return pending | fBreak, max(gap, sentenceGap)
		}
		return pending, gap
	case '@':
		return pending | fAt, gap
	case '#':
		return pending | fHash, gap
	case '$':
		return pending | fMoney, gap
	case '_', symbolByte:
		return pending, gap
	}
	return pending | fComma, gap
}

// endsSentence says whether the full stop at i ends a sentence rather than an abbreviation, a number,
// an address or an ellipsis inside one.
func (s *state) endsSentence(b []byte, i int) bool {
	j := i + 1
	for j < len(b) && j < i+4 && (b[j] == '"' || b[j] == '\'' || b[j] == ')' || b[j] == '.') {
		j++
	}
	if j < len(b) && kindOf(b[j]) != cSpace && kindOf(b[j]) != cNewline {
		return false
	}
	for j < len(b) && j < i+4 && kindOf(b[j]) == cSpace {
		j++
	}
	if j < len(b) && kindOf(b[j]) == cLetter && b[j] < 0x80 {
		return false // goes on in lower case
	}
	if n := len(s.toks); n > 0 && int(s.toks[n-1].end) == i {
		t := &s.toks[n-1]
		if t.bits&bAbbrev != 0 || t.end-t.start == 1 && t.is(fUpper) {
			return false
		}
	}
	return true
}

func (s *state) number(t *token, b []byte, i int) int {
	h, v, from := uint64(fnvOffset), int32(0), i
	for i < len(b) && kindOf(b[i]) == cDigit {
		if i-from < 9 {
			v = v*10 + int32(b[i]-'0')
		}
		h = (h ^ uint64(b[i])) * fnvPrime
		i++
	}
	if i-from > 9 {
		v = -1
	}
	t.flags |= fDigits
	t.val, t.hash = v, h
	s.lookup(t)
	return i
}

func (s *state) word(t *token, b []byte, i int) int {
	v := s.engine.vocab
	h, from, uppers, letters := uint64(fnvOffset), i, 0, 0
	t.ids = int32(len(s.ids))
	for i < len(b) {
		c := b[i]
		k := kindOf(c)
		if k == cUpper {
			uppers++
			if letters == 0 {
				t.flags |= fCapital
			}
			c = lower(c)
		} else if k != cLetter && (i > from || c != '\'') {
			if n, ok := v.leet(b, from, i); ok {
				i, h = n, v.leetHash(b, from, n)
				t.flags |= fLeet
			}
			break
		}
		if c != '\'' {
			letters++
		}
		h = (h ^ uint64(c)) * fnvPrime
		i++
		if n := i - from; n < 32 && v.lens&(1<<n) != 0 {
			if id, ok := v.prefix[h]; ok {
				s.ids = append(s.ids, id)
			}
		}
	}
	if uppers == letters {
		t.flags |= fUpper
	}
	t.hash = h
	s.lookup(t)
	return i
}

// lookup adds the token's exact entry. Prefix entries were added on the way.
func (s *state) lookup(t *token) {
	if t.is(fDigits) {
		t.ids = int32(len(s.ids))
	}
	if e, ok := s.engine.vocab.words[t.hash]; ok {
		t.bits = e.bits
		if e.id != 0 {
			s.ids = append(s.ids, e.id)
		}
	}
	t.nids = int16(min(len(s.ids)-int(t.ids), 32))
}

func (s *state) has(t *token, id uint32) bool {
	for _, have := range s.ids[t.ids : t.ids+int32(t.nids)] {
		if have == id {
			return true
		}
	}
	return false
}

// hasOne says whether a token is one of the words.
func (s *state) hasOne(t *token, words []uint32) bool {
	for _, have := range s.ids[t.ids : t.ids+int32(t.nids)] {
		if slices.Contains(words, have) {
			return true
		}
	}
	return false
}
