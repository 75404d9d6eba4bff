package tag

// What is known of a word, in twelve bits: how common it is as a given name, as a surname and as part
// of the name of a place (three classes each), and whether it is an ordinary word.
const (
	GivenShift   = 0
	SurnameShift = 2
	PlaceShift   = 4
	English      = 1 << 6
	Spanish      = 1 << 7
	Medical      = 1 << 8
	CountryWord  = 1 << 9
	factBits     = 12
)

// Words is a table from the hash of a word to what is known of it. It holds no words: a slot is twenty
// bits of hash beside the facts, so one unknown word in a hundred thousand is taken for another.
type Words struct {
	slots []uint32
}

// WordsSize is the number of slots, a power of two.
const WordsSize = 1 << 19

// NewWords returns an empty table.
func NewWords() *Words { return &Words{slots: make([]uint32, WordsSize)} }

// Hash is what a word in lower case is kept under.
func Hash(w string) uint32 { return fnv([]byte(w)) }

func place(h uint32) (slot, print uint32) {
	m := h * 0x9e3779b1
	return m >> (32 - 19), h >> factBits << factBits
}

// Of returns the facts of the word with that hash, 0 if it is unknown.
func (w *Words) Of(h uint32) uint16 {
	i, p := place(h)
	for {
		s := w.slots[i]
		if s == 0 {
			return 0
		}
		if s>>factBits<<factBits == p {
			return uint16(s & (1<<factBits - 1))
		}
		i = (i + 1) & (WordsSize - 1)
	}
}

// Set keeps the facts of a word. It reports false when the table is too full to stay quick.
func (w *Words) Set(h uint32, facts uint16) bool {
	i, p := place(h)
	for n := 0; n < 4096; n++ {
		s := w.slots[i]
		if s == 0 || s>>factBits<<factBits == p {
			w.slots[i] = p | uint32(facts)
			return true
		}
		i = (i + 1) & (WordsSize - 1)
	}
	return false
}
