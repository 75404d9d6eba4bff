package scan

import (
	"slices"
	"sync"

	"github.com/mitral-health/mitral/gate/sense"
)

// MaxText is how much text the engine reads. Longer text is not passed: it gets one finding that
// holds it.
const MaxText = 8 << 20

// Engine finds what its rules describe. It is immutable and safe for any number of goroutines.
type Engine struct {
	vocab    *vocab
	folds    *folds
	patterns []pattern
	steps    []step
	words    []uint32
	alts     [][][]atom
	levels   []level
	classes  int
	names    map[string]class
	rules    []rule
	org      own
	plain    []Plain
	reach    int32
	senses   senses
	pool     sync.Pool
}

// state is what one scan works with. It is reused.
type state struct {
	engine   *Engine
	source   string
	text     folded
	toks     []token
	ids      []uint32
	heads    []int32
	marks    []mark
	signs    []uint64
	byClass  [][]int32
	from     int
	known    []uint64 // the words of the text, sorted; only of a parent
	words    []sense.Unit
	names32  []uint32 // what the words' marks share
	inPlace  []int32  // what was found, in order of place
	low      string   // the text in small letters, once somebody asked
	parent32 []uint32
	scratch  sense.Scratch
	thread   bool // earlier posts stand before the text
	upper    bool // nearly everything is in capitals, which then say nothing
}

// Scan returns the findings in text, in order of their place. It is deterministic, keeps nothing and
// takes any bytes; spans always lie on the borders of characters.
func (e *Engine) Scan(text string, c Context) []Finding {
	if len(text) > MaxText || len(c.Parent) > MaxText {
		return []Finding{tooLong(len(text))}
	}
	if len(e.org.templates) > 0 && slices.Contains(e.org.templates, TemplateHash(text)) {
		return nil
	}
	s := e.state()
	defer e.pool.Put(s)
	s.read(text)
	var parent *state
	if c.Parent != "" {
		parent = e.state()
		defer e.pool.Put(parent)
		parent.read(c.Parent)
		parent.know()
		parent.topics()
	}
	found := s.judge(c, parent)
	if len(c.Before) > 0 && !holds(found) {
		found = append(found, e.overThread(text, c, parent)...)
	}
	return found
}

func (e *Engine) state() *state {
	if s, ok := e.pool.Get().(*state); ok {
		return s
	}
	return &state{engine: e, byClass: make([][]int32, e.classes)}
}

// read does everything up to the marks: fold, tokenise, plain word lists, scanners, patterns on top.
func (s *state) read(text string) {
	s.source = text
	s.text.fold(text, s.engine.folds)
	s.low = ""
	s.tokenise()
	s.heads = slices.Grow(s.heads[:0], len(s.toks))[:len(s.toks)]
	for i := range s.heads {
		s.heads[i] = -1
	}
	s.marks = s.marks[:0]
	s.sign()
	s.upper = s.shouts()
	for i := range s.engine.levels {
		s.run(&s.engine.levels[i])
		if i == 0 {
			s.scanners()
		}
	}
	s.index()
}

// know prepares the words for look-up.
func (s *state) know() {
	s.known = s.known[:0]
	for i := range s.toks {
		s.known = append(s.known, s.toks[i].hash)
	}
	slices.Sort(s.known)
}

// scanners runs the hand-written detectors, each over all tokens once.
func (s *state) scanners() {
	s.contacts()
	s.dates()
	s.ages()
	s.numbers()
	s.places()
	s.names()
	s.endings()
	s.plates()
	s.initials()
	s.emoji()
}

// shouts says whether most words are in capitals.
func (s *state) shouts() bool {
	upper, words := 0, 0
	for i := range s.toks {
		if t := &s.toks[i]; !t.is(fDigits) && t.end-t.start > 1 {
			words++
			if t.is(fUpper) {
				upper++
			}
		}
	}
	return words > 3 && upper*10 > words*7
}

func tooLong(n int) Finding {
	return Finding{Start: 0, End: n, Kind: "too-long", Severity: Hold, Rule: "too-long", Pack: "engine",
		Reason: Message{
			EN: "This text is too long to check. Split it into parts.",
			ES: "Este texto es demasiado largo para revisarlo. Divídelo en partes.",
		}}
}
