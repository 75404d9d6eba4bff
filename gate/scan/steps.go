package scan

import "slices"

// level is the patterns that can be tried once the marks of the levels below are there.
type level struct {
	byWord   [][]start         // vocabulary id → patterns that begin with it
	byClass  map[class][]start // class → patterns that begin with a mark of it
	byNumber []start
}

// start is a pattern under what it begins with. All that is looked at of most patterns stands here or in the first of
// its steps.
type start struct {
	then     ahead
	from, to int32 // its steps; without the first if being here fulfils that
	pattern  int32
	known    int32 // how many tokens are fulfilled by being here, 0 or 1
}

// step is an element of a pattern as it is matched: the engine has all of them side by side.
type step struct {
	sign     uint64 // a token whose sign shares nothing with it can't begin the step; 0 says nothing
	from, to int32  // its words in Engine.words, if each alternative is one plain word
	alts     int32  // its alternatives in Engine.alts, if not
	gap      uint8
	optional bool
}

// lay puts the elements of a pattern behind those of the others, and returns where the first one lies.
func (e *Engine) lay(elements []element) (from int32) {
	from = int32(len(e.steps))
	for i := range elements {
		el := &elements[i]
		st := step{sign: signOf(el), gap: uint8(el.gap), optional: el.optional, alts: -1, from: int32(len(e.words))}
		if plainWords(el) {
			for _, alt := range el.alts {
				e.words = append(e.words, alt[0].id)
			}
		} else {
			st.alts = int32(len(e.alts))
			e.alts = append(e.alts, el.alts)
		}
		st.to = int32(len(e.words))
		e.steps = append(e.steps, st)
	}
	return from
}

// plainWords says whether each alternative is one word, in whatever case.
func plainWords(e *element) bool {
	return !slices.ContainsFunc(e.alts, func(alt []atom) bool { return len(alt) != 1 || alt[0].kind != atomWord })
}

// file puts a pattern, whose steps lie at from, under what it can begin with.
func (l *level) file(p *pattern, i, from int32) {
	begins := start{pattern: i, from: from, to: from + int32(len(p.elements))}
	byWord := begins
	byWord.then = aheadOf(p.elements)
	if plainWords(&p.elements[0]) {
		byWord.from, byWord.known = from+1, 1
	}
	for _, alt := range p.elements[0].alts {
		switch a := alt[0]; a.kind {
		case atomClass:
			if c := class(a.id); !slices.Contains(l.byClass[c], begins) {
				l.byClass[c] = append(l.byClass[c], begins)
			}
		case atomAny: // no pattern begins so: the notation refuses it
		case atomNumber:
			l.byNumber = append(l.byNumber, begins)
		default:
			if !slices.Contains(l.byWord[a.id], byWord) {
				l.byWord[a.id] = append(l.byWord[a.id], byWord)
			}
		}
	}
}
