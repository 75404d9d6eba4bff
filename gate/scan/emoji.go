package scan

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// Little pictures that stand for care, and those that say that it is a secret.
var (
	careSigns   = []rune("💉🤰👶🩸🧪💊🩺🏥🦠🩹🚑🤱🧬🧫🩻🦽🦼🫁🫀🧠🦷🤢🤮💩🤧🤒🤕🐜")
	secretSigns = []rune("🤐🤫🙊")
)

// emoji marks runs of such pictures. They are no words, so the mark hangs on the word before, or the first.
func (s *state) emoji() {
	if len(s.toks) == 0 {
		return
	}
	b, k := s.text.b, 0
	for from := 0; from < len(b); {
		n := bytes.IndexByte(b[from:], symbolByte)
		if n < 0 {
			return
		}
		p := from + n
		from = p + 1
		r, _ := utf8.DecodeRuneInString(s.source[s.text.at[p]:])
		c := classNone
		switch {
		case slices.Contains(careSigns, r):
			c = classEmojiCare
		case slices.Contains(secretSigns, r):
			c = classEmojiSecret
		default:
			continue
		}
		for k+1 < len(s.toks) && int(s.toks[k+1].start) <= p {
			k++
		}
		s.add(mark{class: c, first: int32(k), last: int32(k), start: int32(p), end: int32(p + 1), plain: -1})
	}
}
