package tag

type kind uint8

const (
	word kind = iota
	number
	mark    // punctuation, one character
	newline // one or more
	email
	url
	ip
	handle
)

// token is a piece of the folded text, with all that the features ask of it.
type token struct {
	start, end int32
	hash       uint32 // of the lower-case form; of the length for long numbers
	pre, suf   uint32 // of the first three and the last three letters
	suf2, suf4 uint32
	shape      uint8
	kind       kind
	glued      bool // nothing stands between it and the token before
	gaz        uint16
	class      [2]uint16 // of words that stand in the same places: English, Spanish
}

func (t *token) formal() (Entity, bool) {
	switch t.kind {
	case email:
		return Email, true
	case url:
		return URL, true
	case ip:
		return IP, true
	case handle:
		return Handle, true
	}
	return 0, false
}

func isLower(c byte) bool  { return c >= 'a' && c <= 'z' || c >= 0x80 }
func isUpper(c byte) bool  { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return isLower(c) || isUpper(c) }
func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f' }
func isLocal(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '.' || c == '_' || c == '-' || c == '%' || c == '+'
}

func fnv(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b {
		if isUpper(c) {
			c += 'a' - 'A'
		}
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

// tokenise cuts a folded text into words, numbers, marks and line ends.
func tokenise(out []token, b []byte, words *Words) []token {
	for i := 0; i < len(b); {
		c := b[i]
		t := token{start: int32(i), glued: i > 0 && !isSpace(b[i-1]) && b[i-1] != '\n'}
		switch {
		case isSpace(c):
			i++
			continue
		case c == '\n':
			for i < len(b) && (b[i] == '\n' || isSpace(b[i])) {
				i++
			}
			t.kind, t.hash, t.end = newline, '\n', t.start+1
			out = append(out, t)
			continue
		case isLetter(c) || isDigit(c):
			if i == 0 || !isLocal(b[i-1]) {
				if k, end := form(b, i); end > i {
					t.kind, t.hash, i = k, uint32(k), end
					break
				}
			}
			j := i + 1
			if isDigit(c) {
				for j < len(b) && isDigit(b[j]) {
					j++
				}
				t.number(b[i:j])
			} else {
				for j < len(b) && isLetter(b[j]) {
					j++
				}
				t.word(b[i:j], words)
			}
			i = j
		default:
			t.kind, t.hash, t.shape = mark, uint32(c), 20+c&31
			i++
			if c == '@' && i < len(b) && (isLetter(b[i]) || isDigit(b[i]) || b[i] == '_') && (i < 2 || !isLocal(b[i-2])) {
				t.end = int32(i)
				out = append(out, t)
				t = token{start: int32(i), kind: handle, hash: uint32(handle), glued: true}
				for i < len(b) && isLocal(b[i]) && b[i] != '%' && b[i] != '+' {
					i++
				}
				for b[i-1] == '.' || b[i-1] == '-' {
					i--
				}
			}
		}
		t.end = int32(i)
		out = append(out, t)
	}
	for i := range out {
		if out[i].kind == number {
			sized(out, b, i)
		}
	}
	return out
}

func (t *token) word(b []byte, words *Words) {
	t.kind, t.hash = word, fnv(b)
	n := len(b)
	t.pre, t.suf, t.suf2 = fnv(b[:min(3, n)]), fnv(b[n-min(3, n):]), fnv(b[n-min(2, n):])
	t.suf4 = fnv(b[n-min(4, n):])
	t.gaz, t.class = words.Of(t.hash), words.class(t.hash)
	ups := 0
	for _, c := range b {
		if isUpper(c) {
			ups++
		}
	}
	switch {
	case b[0] >= 0x80: // another alphabet
		t.shape = 10
	case ups == 0 && n == 1:
		t.shape = 1
	case ups == 0 && n < 4:
		t.shape = 2
	case ups == 0:
		t.shape = 3
	case n == 1:
		t.shape = 4
	case ups == n && n < 4:
		t.shape = 5
	case ups == n:
		t.shape = 6
	case isUpper(b[0]) && ups == 1:
		t.shape = 7
	case isUpper(b[0]):
		t.shape = 8
	default:
		t.shape = 9
	}
}

func (t *token) number(b []byte) {
	t.kind = number
	if t.hash = fnv(b); len(b) > 2 && !(len(b) == 4 && (b[0] == '1' && b[1] == '9' || b[0] == '2' && b[1] == '0')) {
		t.hash = uint32(len(b))
	} else if len(b) == 4 {
		t.hash = 2000
	}
	t.suf = fnv(b[:min(2, len(b))])
	t.shape = uint8(10 + min(len(b), 9))
}

var domains = [...]string{"com", "org", "net", "edu", "gov", "info", "io", "co", "es", "uk", "us", "de", "fr", "biz", "eu", "cat", "mx", "ca", "au", "it", "pt", "tv", "me", "ly", "nl", "be", "ch", "ru", "jp", "br"}

// form recognises addresses on the net at the beginning of a word.
func form(b []byte, i int) (kind, int) {
	if j := address(b, i); j > i {
		return email, j
	}
	switch {
	case follows(b, i, "http://"), follows(b, i, "https://"), follows(b, i, "www."):
		j := i
		for j < len(b) && !isSpace(b[j]) && b[j] != '\n' && b[j] != '"' && b[j] != '<' && b[j] != '>' {
			j++
		}
		for j > i && (b[j-1] == '.' || b[j-1] == ',' || b[j-1] == ')' || b[j-1] == ';' || b[j-1] == '!' || b[j-1] == '?' || b[j-1] == '\'') {
			j--
		}
		return url, j
	case isDigit(b[i]):
		if j := dotted(b, i); j > i {
			return ip, j
		}
	}
	// name.tld
	j, dot := i, -1
	for j < len(b) && j < i+64 && (isLetter(b[j]) || isDigit(b[j]) || b[j] == '-' || b[j] == '.' && j+1 < len(b) && isLetter(b[j+1])) {
		if b[j] == '.' {
			dot = j
		}
		j++
	}
	if dot > i+1 && !(isUpper(b[dot+1]) && isLower(b[dot-1])) {
		for _, d := range domains {
			if len(d) == j-dot-1 && follows(b, dot+1, d) {
				return url, j
			}
		}
	}
	return 0, i
}

func follows(b []byte, i int, s string) bool {
	if i+len(s) > len(b) {
		return false
	}
	for k := range len(s) {
		if c := b[i+k]; c != s[k] && !(isUpper(c) && c+'a'-'A' == s[k]) {
			return false
		}
	}
	return true
}

func address(b []byte, i int) int {
	j := i
	for j < len(b) && j < i+64 && isLocal(b[j]) {
		j++
	}
	if j >= len(b) || b[j] != '@' {
		return i
	}
	k, dot := j+1, false
	for k < len(b) && k < j+80 && isLocal(b[k]) && b[k] != '_' {
		dot = dot || b[k] == '.' && k+1 < len(b) && isLetter(b[k+1])
		k++
	}
	for k > j && (b[k-1] == '.' || b[k-1] == '-') {
		k--
	}
	if !dot {
		return i
	}
	return k
}

func dotted(b []byte, i int) int {
	j := i
	for part := range 4 {
		if part > 0 {
			if j >= len(b) || b[j] != '.' {
				return i
			}
			j++
		}
		from, v := j, 0
		for j < len(b) && isDigit(b[j]) && j < from+4 {
			v = v*10 + int(b[j]-'0')
			j++
		}
		if j == from || v > 255 {
			return i
		}
	}
	return j
}
