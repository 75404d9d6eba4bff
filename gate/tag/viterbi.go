package tag

// Labels: 0 is nothing, 1+2e begins entity e, 2+2e goes on with it.
const labels = 1 + 2*learned

// width is labels rounded up to eight.
const width = 40

type scores [width]int32

// transitions are the weights of one entity, or none (0), after another.
type transitions [learned + 1][learned + 1]int32

type stays [learned]int32

const never = -1 << 29

// lean is how much less "nothing" weighs at a word than it has learned to: what is missed costs more than what is found
// too much. It was chosen on parts 1 to 4 of the sets, each kept away from learning in turn.
const lean = 80

// lattice keeps the memory of a search.
type lattice struct {
	back []([width]uint8)
	out  []uint8
	live [learned + 1]state
	next [learned]state
}

// best returns the best labels. Labels that score worse than the best by more than beam, at a token or
// up to it, are left out of the search; a beam without end makes it exact.
func (l *lattice) best(emit []scores, trans *transitions, stay *stays, beam int32) []uint8 {
	n := len(emit)
	if cap(l.back) < n {
		l.back = make([][width]uint8, n+n/2)
		l.out = make([]uint8, n+n/2)
	}
	back, out := l.back[:n], l.out[:n]
	live := l.live[:1] // what may come before: entities that are still in the race, and nothing
	live[0] = state{}
	for i := range emit {
		e, b := &emit[i], &back[i]
		most := e[0]
		for _, x := range e[1:labels] {
			most = max(most, x)
		}
		floor, lead := most-beam, int32(never)
		nothing, from := into(live, &trans[0])
		b[0] = from
		if nothing += e[0]; e[0] >= floor {
			lead = nothing
		}
		next := l.next[:0]
		for k := range learned {
			if e[1+2*k] < floor && e[2+2*k] < floor {
				continue
			}
			begin, from := into(live, &trans[k+1])
			b[1+2*k] = from
			begin += e[1+2*k]
			inside := int32(never)
			for _, s := range live {
				if s.entity == k+1 {
					inside, b[2+2*k] = s.score+stay[k]+e[2+2*k], s.label
				}
			}
			s := state{entity: k + 1, score: begin, label: uint8(1 + 2*k)}
			if inside > begin {
				s.score, s.label = inside, uint8(2+2*k)
			}
			lead = max(lead, s.score)
			next = append(next, s)
		}
		live = live[:1]
		live[0] = state{score: nothing}
		for _, s := range next {
			if s.score >= lead-beam {
				live = append(live, s)
			}
		}
	}
	best := live[0]
	for _, s := range live[1:] {
		if s.score > best.score {
			best = s
		}
	}
	at := best.label
	for i := n - 1; i >= 0; i-- {
		out[i] = at
		at = back[i][at]
	}
	return out
}

// state is an entity at a token, or none (0), with its better label: begun here or gone on with.
type state struct {
	entity int
	score  int32
	label  uint8
}

// into finds the best way to what row's transitions lead to.
func into(live []state, row *[learned + 1]int32) (int32, uint8) {
	best, at := live[0].score+row[0], uint8(0)
	for _, s := range live[1:] {
		if x := s.score + row[s.entity]; x > best {
			best, at = x, s.label
		}
	}
	return best, at
}
