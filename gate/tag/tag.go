// Package tag finds what identifies a person in a text by what it learned from labelled ones: names,
// places, addresses, dates, ages, numbers. It is an averaged structured perceptron over hashed features
// with a table of name and place words; weights and table are embedded. It is pure: no file, network or
// clock; the same text gets the same spans. It imports nothing of Mitral. Package learn makes the weights.
package tag

// Entity is what a span is.
type Entity uint8

// The entities, named as in labelled sets. Those from Email on are told by their form alone.
const (
	Name Entity = iota
	StaffName
	Location
	Country
	Address
	Zip
	Facility
	Organisation
	Date
	Age
	ID
	StaffID
	Sex
	Relative
	Phone
	Profession
	Group // nationality, religion, party
	Title
	Code // a number with a form of its own: card, IBAN, SSN
	Email
	URL
	IP
	Handle
	Entities
)

// learned is how many entities the perceptron tells apart; rest are told by form.
const learned = int(Email)

var names = [Entities]string{"NAME", "STAFF_NAME", "LOCATION", "COUNTRY", "ADDRESS", "ZIP", "FACILITY", "ORG", "DATE", "AGE", "ID",
	"STAFF_ID", "SEX", "RELATIVE", "PHONE", "PROFESSION", "NRP", "TITLE", "CODE", "EMAIL", "URL", "IP", "HANDLE"}

// String returns the entity's name in labelled sets.
func (e Entity) String() string {
	if e >= Entities {
		return "OTHER"
	}
	return names[e]
}

// Parse returns the entity of that name.
func Parse(name string) (Entity, bool) {
	for i, n := range names {
		if n == name {
			return Entity(i), true
		}
	}
	return 0, false
}

// Span is a place in the folded text, half open, in bytes.
type Span struct {
	Start, End int32
	Entity     Entity
}

// Tagger tags one text at a time with a Model; it keeps its memory between texts.
type Tagger struct {
	model *Model
	toks  []token
	rows  []uint32
	emit  []scores
	path  lattice
	spans []Span
}

// Tagger returns a new one. Not safe for two goroutines at once.
func (m *Model) Tagger() *Tagger { return &Tagger{model: m} }

// Tag returns the spans in a folded text, in order. They are valid until the next call.
func (t *Tagger) Tag(text []byte) []Span {
	t.spans = t.spans[:0]
	for start := 0; start < len(text); {
		end := portion(text, start)
		t.portion(text[start:end], int32(start))
		start = end
	}
	return t.spans
}

// portionSize bounds the memory that a long text takes.
const portionSize = 16 << 10

// portion returns where the portion that begins at start ends: at a line's end if one is near, else at
// a space.
func portion(text []byte, start int) int {
	if len(text)-start <= portionSize {
		return len(text)
	}
	end := start + portionSize
	for _, want := range []byte{'\n', ' '} {
		for i := end; i > end-portionSize/2; i-- {
			if text[i-1] == want {
				return i
			}
		}
	}
	return end
}

func (t *Tagger) portion(text []byte, base int32) {
	t.toks = tokenise(t.toks[:0], text, t.model.words)
	if len(t.toks) == 0 {
		return
	}
	t.rows = features(t.rows[:0], t.toks)
	t.model.score(t)
	for i := range t.emit {
		if t.toks[i].kind == word {
			t.emit[i][0] -= lean
		}
	}
	labels := t.path.best(t.emit, &t.model.trans, &t.model.stay, t.model.beam)
	mend(t.toks, labels)
	t.spans = spans(t.spans, t.toks, labels, base)
}

// spans turns labels into spans, and adds those that are told by their form.
func spans(out []Span, toks []token, labels []uint8, base int32) []Span {
	for i := 0; i < len(toks); i++ {
		if e, ok := toks[i].formal(); ok {
			out = append(out, Span{base + toks[i].start, base + toks[i].end, e})
			continue
		}
		l := labels[i]
		if l == 0 {
			continue
		}
		k := i
		for k+1 < len(toks) && labels[k+1] == (l-1)/2*2+2 {
			if _, formal := toks[k+1].formal(); formal {
				break
			}
			k++
		}
		if from, to := trim(toks, i, k); from <= to {
			out = append(out, Span{base + toks[from].start, base + toks[to].end, Entity((l - 1) / 2)})
		}
		i = k
	}
	return out
}
