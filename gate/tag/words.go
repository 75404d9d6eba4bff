package tag

// What is known of a word, in thirteen bits: how common it is as a given name, as a surname and as part
// of the name of a place (three classes each), whether it is an ordinary word, and what kind of word.
const (
	GivenShift   = 0
	SurnameShift = 2
	PlaceShift   = 4
	English      = 1 << 6
	Spanish      = 1 << 7
	Medical      = 1 << 8
	KindShift    = 9 // of Kinds, from 1; 0 is none
	factBits     = 13
)

// Kinds are kinds of words that say what stands next to them.
var Kinds = [...]string{"", "country", "demonym", "kin", "job", "month", "weekday", "sex", "unit", "number", "street", "facility", "body", "firm", "title", "eponym"}

// Words is a table from the hash of a word to what is known of it. It holds no words: a slot is nineteen
// bits of hash beside the facts, so one unknown word in sixty thousand is taken for another.
type Words struct {
	slots   []uint32
	common  []uint32    // hashes of common words
	classes [][2]uint16 // of each: the English and the Spanish one
}

// commonSize is the number of slots for words with a class, a power of two.
const commonSize = 1 << 16

// WordsSize is the number of slots, a power of two.
const WordsSize = 1 << 19

// NewWords returns an empty table.
func NewWords() *Words {
	return &Words{slots: make([]uint32, WordsSize), common: make([]uint32, commonSize), classes: make([][2]uint16, commonSize)}
}

// class returns the classes of the word with that hash; 0 if it is not common.
func (w *Words) class(h uint32) [2]uint16 {
	for i := h * 0x9e3779b1 >> 16; w.common[i] != 0; i = (i + 1) & (commonSize - 1) {
		if w.common[i] == h {
			return w.classes[i]
		}
	}
	return [2]uint16{}
}

// SetClass keeps the class of a common word, English (0) or Spanish (1). It reports false when the table is
// too full to stay quick.
func (w *Words) SetClass(h uint32, lang int, class uint16) bool {
	i := h * 0x9e3779b1 >> 16
	for range 4096 {
		if w.common[i] == 0 || w.common[i] == h {
			w.common[i], w.classes[i][lang] = h, class
			return true
		}
		i = (i + 1) & (commonSize - 1)
	}
	return false
}

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
