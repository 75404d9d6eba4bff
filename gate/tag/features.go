package tag

// perToken is how many features a token has.
const perToken = 51

// row is the key of a feature.
func row(id, a, b uint32) uint32 {
	h := uint64(a)*0x9e3779b97f4a7c15 ^ uint64(b)*0xc2b2ae3d27d4eb4f + uint64(id)*0x165667b19e3779f9
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return uint32(h >> 32)
}

// edge stands for what is before the first and after the last token.
var edge = token{hash: 1, shape: 63, kind: newline}

// reader is what the features remember of the tokens before.
type reader struct {
	key, sinceKey   uint32 // the word before the last colon of the line, and how long ago
	role, sinceRole uint32 // the last title
	first           uint32 // word of the line
	kind, sinceKind uint32 // the last word of a kind
}

var titles = [...]uint32{Hash("dr"), Hash("dra"), Hash("doctor"), Hash("doctora"), Hash("medico"), Hash("medica"), Hash("enfermera"),
	Hash("enfermero"), Hash("prof"), Hash("nurse"), Hash("mr"), Hash("mrs"), Hash("ms"), Hash("sr"), Hash("sra"), Hash("don"), Hash("dona"),
	Hash("paciente"), Hash("patient"), Hash("nombre"), Hash("name"), Hash("hospital"), Hash("servicio"), Hash("calle"), Hash("avenida"), Hash("firmado")}

func (r *reader) read(t *token, before *token) {
	r.sinceKey, r.sinceRole = min(r.sinceKey+1, 9), r.sinceRole+1
	if r.sinceRole > 6 {
		r.role = 0
	}
	r.sinceKind = min(r.sinceKind+1, 12)
	if k := t.known(); k > 0 && t.kind == word {
		r.kind, r.sinceKind = k, 0
	}
	switch {
	case t.kind == newline:
		*r = reader{}
	case t.kind == mark && t.hash == ':' && before.kind == word:
		r.key, r.sinceKey = before.hash, 0
	case t.kind == word:
		if r.first == 0 {
			r.first = t.hash
		}
		for _, h := range titles {
			if h == t.hash {
				r.role, r.sinceRole = h, 0
			}
		}
	}
}

// known is the kind of a word, 0 for most, or what a number may be.
func (t *token) known() uint32 {
	switch {
	case t.kind == word:
		return uint32(t.gaz >> KindShift)
	case t.kind != number:
		return 0
	case t.gaz&(ofDate|ofTime|decimal) != 0:
		return 16 + uint32(t.gaz&(ofDate|ofTime|decimal))>>4
	}
	return 24 + uint32(t.gaz&7)
}

// coarse keeps of the facts whether a word is a name, a place, ordinary.
func coarse(t *token) uint32 {
	g := uint32(t.gaz)
	c := uint32(0)
	if g&(3<<GivenShift) > 1<<GivenShift {
		c |= 1
	}
	if g&(3<<SurnameShift) > 1<<SurnameShift {
		c |= 2
	}
	if g&(3<<PlaceShift) != 0 {
		c |= 4
	}
	if g&(English|Spanish) != 0 {
		c |= 8
	}
	if t.kind != word {
		c = 16 + uint32(t.kind)
	}
	if t.shape >= 7 && t.shape < 10 {
		c |= 32
	}
	return c
}

// style says in what case a text is written, and which language its words are of.
func style(toks []token) uint32 {
	var low, up, cap, en, es int
	for i := range toks {
		t := &toks[i]
		if t.kind != word || t.end-t.start < 3 {
			continue
		}
		switch t.shape {
		case 2, 3:
			low++
		case 5, 6:
			up++
		default:
			cap++
		}
		if t.gaz&English != 0 {
			en++
		}
		if t.gaz&Spanish != 0 {
			es++
		}
	}
	s := uint32(0)
	switch {
	case cap+up == 0:
		s = 1
	case up > 2*(low+cap):
		s = 2
	case cap > 2*low:
		s = 3
	}
	if es > en {
		s |= 4
	}
	return s
}

// features appends perToken rows for each token.
func features(out []uint32, toks []token) []uint32 {
	at := func(i int) *token {
		if i < 0 || i >= len(toks) {
			return &edge
		}
		return &toks[i]
	}
	how := style(toks)
	var r reader
	lang := how >> 2 & 1
	var before, class uint32 // classes of the two words before, and of the word
	after := uint32(at(0).class[lang])
	p2, p1 := &edge, &edge
	for i := range toks {
		t := &toks[i]
		n1, n2 := at(i+1), at(i+2)
		s, sp, sn := uint32(t.shape), uint32(p1.shape), uint32(n1.shape)
		if t.glued {
			s |= 64
		}
		if n1.glued {
			sn |= 64
		}
		g, gp, gn := uint32(t.gaz), coarse(p1), coarse(n1)
		c := coarse(t)
		q2, q1 := before, class
		before, class, after = class, after, uint32(n1.class[lang])
		q, m2 := class, uint32(n2.class[lang])
		k, kp, kn := t.known(), p1.known(), n1.known()
		out = append(out,
			row(1, s, how), row(2, t.hash, 0), row(3, p1.hash, 0), row(4, n1.hash, 0), row(5, p2.hash, 0), row(6, n2.hash, 0),
			row(7, p1.hash, t.hash), row(8, t.hash, n1.hash), row(9, t.pre, s), row(10, t.suf, s), row(11, t.suf2, c),
			row(12, sp, s), row(13, s, sn), row(14, s|sp<<8, sn), row(15, g, s|how<<8), row(16, gp|c<<8, gn),
			row(17, gp, c), row(18, c, gn), row(19, coarse(p2)|gp<<8, c|gn<<8), row(20, p1.hash, s|c<<8), row(21, n1.hash, s|c<<8),
			row(22, p2.hash, p1.hash), row(23, n1.hash, n2.hash), row(24, p1.hash, n1.hash), row(25, r.key, min(r.sinceKey, 5)), row(26, r.key, s|c<<8),
			row(27, r.role, r.sinceRole|c<<8), row(28, r.first, c), row(29, c|gn<<8, coarse(n2)|uint32(n2.shape)<<8), row(30, uint32(p2.shape)|sp<<8, s|sn<<8|uint32(n2.shape)<<16),
			row(31, k, s), row(32, k|kp<<8, kn), row(33, p1.hash, k|c<<8), row(34, p2.known()|kp<<8, k|c<<8), row(35, r.kind|min(r.sinceKind, 6)<<8, c), row(36, r.kind|min(r.sinceKind, 6)<<8, k|c<<8|kn<<16),
			row(37, t.suf4, 0), row(38, p1.suf, s|c<<8), row(39, n1.suf, s|c<<8), row(40, n1.hash, k|c<<8), row(41, k|c<<8, n2.known()|kn<<8), row(42, t.hash, r.kind|min(r.sinceKind, 3)<<8),
			row(43, q, s), row(44, q1, s|c<<8), row(45, after, s|c<<8), row(46, q1|q<<16, 0), row(47, q|after<<16, 0), row(48, q2|q1<<16, c), row(49, after|m2<<16, c),
			row(50, q1|after<<16, c), row(51, q1|q<<16, after))
		r.read(t, p1)
		p2, p1 = p1, t
	}
	return out
}
