package scan

import (
	"bytes"
	"slices"
	"strings"
)

// contacts finds e-mail addresses, handles, links to a person's profile and IP addresses.
func (s *state) contacts() {
	for i := 0; i < len(s.toks); i++ {
		t := &s.toks[i]
		switch {
		case t.is(fAt):
			if last := s.email(i); last > i {
				i = last
			} else {
				s.handle(i)
			}
		case t.bits&bAtWord != 0 && i > 0:
			if last := s.spelledEmail(i); last > i {
				i = last
			}
		case t.bits&bTLD != 0 && !t.is(fGlued) && i > 0:
			s.recordLink(i)
			if last := s.profile(i); last > i {
				i = last
			}
		case t.bits&bUser != 0:
			s.userName(i)
		case t.is(fDigits):
			s.ip(i)
		}
	}
}

func localByte(c byte) bool {
	return letterByte(c) || kindOf(c) == cDigit || c == '.' || c == '_' || c == '-' || c == '+' || c == '%'
}

// tokenAt returns the index of the token that holds or follows byte p, at or before token i.
func (s *state) tokenAt(i int, p int32) int {
	for i > 0 && s.toks[i-1].end > p {
		i--
	}
	return i
}

// lastTokenBefore returns the last token that ends at or before byte p, from token i on.
func (s *state) lastTokenBefore(i int, p int32) int {
	for i+1 < len(s.toks) && s.toks[i+1].end <= p {
		i++
	}
	return i
}

// email marks the address whose domain begins at token i, and returns its last token.
func (s *state) email(i int) int {
	b := s.text.b
	at := int(s.toks[i].start) - 1
	from := at
	for from > 0 && at-from < 64 && localByte(b[from-1]) {
		from--
	}
	to := int(s.toks[i].start)
	dot := -1
	for to < len(b) && to-at < 255 && (letterByte(b[to]) || kindOf(b[to]) == cDigit || b[to] == '.' || b[to] == '-') {
		if b[to] == '.' {
			dot = to
		}
		to++
	}
	for to > at && (b[to-1] == '.' || b[to-1] == '-') {
		to--
	}
	if dot >= to {
		dot = bytes.LastIndexByte(b[at:to], '.') + at
	}
	if from == at || dot <= at+1 || to-dot < 3 {
		return -1
	}
	first, last := s.tokenAt(i, int32(from)), s.lastTokenBefore(i, int32(to))
	s.addContact(classEmail, first, last, int32(from), int32(to), strings.ToLower(string(b[from:to])))
	return last
}

func (s *state) addContact(c class, first, last int, start, end int32, address string) {
	if s.engine.org.ownsEmail(address) {
		c = classOwn
	}
	s.add(mark{class: c, first: int32(first), last: int32(last), start: start, end: end, plain: -1})
}

// dotBetween says whether tokens i and j=i+1 are joined by a full stop, or j is the word for it. It
// returns the token after the dot.
func (s *state) dotBetween(i int) (int, bool) {
	if i+1 >= len(s.toks) {
		return 0, false
	}
	if s.toks[i+1].bits&bDot != 0 && i+2 < len(s.toks) {
		return i + 2, true
	}
	gap := bytes.TrimSpace(s.text.b[s.toks[i].end:s.toks[i+1].start])
	return i + 1, len(gap) == 1 && gap[0] == '.'
}

// spelledEmail marks "j dot smith at x dot com" around the word for @ at token i.
func (s *state) spelledEmail(i int) int {
	if i+2 >= len(s.toks) || s.toks[i-1].is(fDigits) && s.toks[i-1].val >= 0 && s.toks[i-1].val < 60 {
		return -1
	}
	spelled := s.toks[i].end-s.toks[i].start > 2 // "arroba" is no common word; "at" is
	last, j := i+1, i+1
	for range 4 {
		if last > i+1 && s.toks[last].bits&bTLD != 0 && j+1 < len(s.toks) && s.toks[j+1].is(fBreak) {
			break // the end of the sentence
		}
		n, ok := s.dotBetween(j)
		if !ok {
			break
		}
		if s.toks[n-1].bits&bDot != 0 && n-1 != j {
			spelled = true
		}
		j, last = n, n
	}
	t := &s.toks[last]
	free := s.toks[i+1].bits&bFreeMail != 0
	if last == i+1 || t.bits&bTLD == 0 || !spelled && !free {
		return -1
	}
	first := i - 1
	for first > 0 && i-first < 8 {
		if s.toks[first-1].bits&bDot != 0 && first > 1 {
			first -= 2
		} else if gap := s.text.b[s.toks[first-1].end:s.toks[first].start]; len(gap) <= 1 && (len(gap) == 0 || localByte(gap[0])) {
			first--
		} else {
			break
		}
	}
	var address strings.Builder
	for k := i + 1; k <= last; k++ {
		if s.toks[k].bits&bDot == 0 {
			if address.Len() > 0 {
				address.WriteByte('.')
			}
			address.WriteString(s.word1(k))
		}
	}
	s.addContact(classEmail, first, last, s.toks[first].start, s.toks[last].end, "@"+address.String())
	return last
}

// word1 returns token i in lower case, letters for the digits that disguise it.
func (s *state) word1(i int) string {
	if s.toks[i].flags&fLeet != 0 {
		return s.undisguised(i)
	}
	if s.low == "" {
		var b strings.Builder
		b.Grow(len(s.text.b))
		for _, c := range s.text.b {
			b.WriteByte(lower(c))
		}
		s.low = b.String()
	}
	return s.low[s.toks[i].start:s.toks[i].end]
}

func (s *state) undisguised(i int) string {
	w := slices.Clone(s.text.b[s.toks[i].start:s.toks[i].end])
	for k, c := range w {
		if l := leetLetter(c); l != 0 {
			w[k] = l
		}
	}
	return strings.ToLower(string(w))
}

// handle marks @name at token i, with the server of a federated one.
func (s *state) handle(i int) {
	b := s.text.b
	start, to := s.toks[i].start-1, int(s.toks[i].start)
	if start > 0 && localByte(b[start-1]) {
		return
	}
	for to < len(b) && to-int(start) < 128 && (localByte(b[to]) || b[to] == '@') {
		to++
	}
	for to > 0 && (b[to-1] == '.' || b[to-1] == '-' || b[to-1] == '@') {
		to--
	}
	name := strings.ToLower(string(b[s.toks[i].start:max(to, int(s.toks[i].start))]))
	c := classHandle
	if s.engine.org.ownsHandle(name) {
		c = classOwn
	}
	last := s.lastTokenBefore(i, int32(to))
	s.add(mark{class: c, first: int32(i), last: int32(last), start: start, end: max(int32(to), s.toks[i].end), plain: -1})
}

var networks = []string{"facebook.com", "fb.com", "instagram.com", "twitter.com", "x.com", "tiktok.com", "linkedin.com", "threads.net",
	"t.me", "wa.me", "bsky.app", "vk.com", "snapchat.com"}

// profile marks a link to a page on a social network whose top-level domain is token i.
func (s *state) profile(i int) int {
	if dot, ok := s.dotBetween(i - 1); !ok || dot != i {
		return -1
	}
	if site := s.word1(i-1) + "." + s.word1(i); !slices.Contains(networks, site) {
		return -1
	}
	b := s.text.b
	to := int(s.toks[i].end)
	if to >= len(b) || b[to] != '/' {
		return -1
	}
	for to < len(b) && to-int(s.toks[i].end) < 512 && kindOf(b[to]) != cSpace && kindOf(b[to]) != cNewline && b[to] != ')' && b[to] != '"' && b[to] != ',' && b[to] != symbolByte {
		to++
	}
	for b[to-1] == '.' || b[to-1] == '/' || b[to-1] == '?' || b[to-1] == '!' {
		to--
	}
	path := strings.Trim(string(b[s.toks[i].end:to]), "/@")
	if path == "" || strings.HasPrefix(path, "hashtag") || strings.HasPrefix(path, "groups") {
		return -1
	}
	from := int(s.toks[i-1].start)
	for from > 0 && kindOf(b[from-1]) != cSpace && kindOf(b[from-1]) != cNewline && b[from-1] != '(' && b[from-1] != '"' && b[from-1] != symbolByte && int(s.toks[i].start)-from < 40 {
		from--
	}
	c := classProfileURL
	if name, _, _ := strings.Cut(strings.TrimPrefix(path, "in/"), "/"); s.engine.org.ownsHandle(name) {
		c = classOwn
	}
	first, last := s.tokenAt(i, int32(from)), s.lastTokenBefore(i, int32(to))
	s.add(mark{class: c, first: int32(first), last: int32(last), start: int32(from), end: int32(to), plain: -1})
	return last
}

// ip marks four numbers below 256 that are joined by full stops and are not a date or a version.
func (s *state) ip(i int) {
	if i+3 >= len(s.toks) {
		return
	}
	for k := range 4 {
		t := &s.toks[i+k]
		if !t.is(fDigits) || t.val < 0 || t.val > 255 || k > 0 && (t.start-s.toks[i+k-1].end != 1 || s.text.b[t.start-1] != '.') {
			return
		}
	}
	if s.toks[i].val == 0 || s.toks[i].val < 10 && s.toks[i+1].val < 10 && s.toks[i+2].val < 10 {
		return
	}
	s.markTokens(classIP, i, i+3)
}
