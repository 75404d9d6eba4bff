package tag

// Example is a text to learn from: its folded bytes and its spans. Where nothing is marked, Free says
// which entities may be there all the same, beside a number, because whoever marked the text did not look
// for them.
type Example struct {
	Text  []byte
	Spans []Span
	Free  uint32 // bit e: entity e was not looked for
}

// Learn trains a model: an averaged structured perceptron, rounds times over the examples in an order
// that depends on nothing but their number. Only the weightiest features are kept. more is
// told the mistakes after each round.
func Learn(examples []Example, words *Words, rounds int, more func(round, wrong, tokens int)) *Model {
	l := &learner{}
	l.read(examples, words)
	l.train(rounds, more)
	l.prune(keep)
	return l.model(words)
}

type cell [width]int16

// lesson is a piece of an example as it is learned from: numbers of features, and the right labels.
type lesson struct {
	rows []int32 // perToken for each token; 0 is a feature that is not learned
	want []uint8
	open []uint32 // entities that may stand here though none is marked
}

type learner struct {
	lessons     []lesson
	keys        []uint32 // of the features, by number
	w           []cell
	aw          []([width]int64) // sums of clock times change, from which the average follows
	trans, atr  transitions
	stay, astay stays
	clock       int32
	emit        []scores
	path, gold  lattice
	seed        uint64
}

// read turns examples into lessons, in pieces as Tagger reads them. What occurs only once is not learned.
func (l *learner) read(examples []Example, words *Words) {
	var toks []token
	var keys []uint32
	count := map[uint32]int32{}
	for i := range examples {
		x := &examples[i]
		for start := 0; start < len(x.Text); {
			end := portion(x.Text, start)
			toks = tokenise(toks[:0], x.Text[start:end], words)
			if len(toks) > 0 {
				keys = features(keys[:0], toks)
				one := lesson{rows: make([]int32, len(keys)), want: marked(toks, x.Spans, int32(start)), open: make([]uint32, len(toks))}
				for k, key := range keys {
					one.rows[k] = int32(key)
					count[key]++
				}
				for k := range toks {
					if toks[k].kind == number || k > 0 && toks[k-1].kind == number || k+1 < len(toks) && toks[k+1].kind == number {
						one.open[k] = x.Free
					}
				}
				l.lessons = append(l.lessons, one)
			}
			start = end
		}
	}
	l.keys = append(l.keys, 0)
	number := make(map[uint32]int32, len(count)/3)
	for i := range l.lessons {
		rows := l.lessons[i].rows
		for k, key := range rows {
			switch n := number[uint32(key)]; {
			case n > 0:
				rows[k] = n
			case count[uint32(key)] < 2:
				rows[k] = 0
			default:
				rows[k] = int32(len(l.keys))
				number[uint32(key)] = rows[k]
				l.keys = append(l.keys, uint32(key))
			}
		}
	}
}

func (l *learner) next(n int) int {
	l.seed = l.seed*6364136223846793005 + 1442695040888963407
	return int(l.seed >> 33 % uint64(n))
}

// margin is by how much the right labels have to win, so that learning does not stop at a hair's breadth.
const margin = 10

func (l *learner) train(rounds int, more func(round, wrong, tokens int)) {
	l.w, l.aw = make([]cell, len(l.keys)), make([][width]int64, len(l.keys))
	l.trans, l.atr, l.stay, l.astay, l.clock, l.seed = transitions{}, transitions{}, stays{}, stays{}, 1, 20261123
	order := make([]int, len(l.lessons))
	for i := range order {
		order[i] = i
	}
	for round := range rounds {
		for i := len(order) - 1; i > 0; i-- {
			k := l.next(i + 1)
			order[i], order[k] = order[k], order[i]
		}
		wrong, tokens := 0, 0
		for _, i := range order {
			wrong += l.learn(&l.lessons[i])
			tokens += len(l.lessons[i].want)
		}
		more(round+1, wrong, tokens)
	}
}

func (l *learner) learn(x *lesson) int {
	n := len(x.want)
	if cap(l.emit) < n {
		l.emit = make([]scores, n+n/2)
	}
	l.emit = l.emit[:n]
	for i := range l.emit {
		var e scores
		for _, f := range x.rows[i*perToken : (i+1)*perToken] {
			if f == 0 {
				continue
			}
			r := &l.w[f]
			for k := range labels {
				e[k] += int32(r[k])
			}
		}
		for k := range labels {
			if k != int(x.want[i]) {
				e[k] += margin
			}
		}
		l.emit[i] = e
	}
	got := l.path.best(l.emit, &l.trans, &l.stay, 1<<26)
	// all labels that the marks rule out are forbidden, so that the best path left is the one to learn
	for i := range l.emit {
		e := &l.emit[i]
		for k := range labels {
			allowed := k == int(x.want[i]) || x.want[i] == 0 && k > 0 && x.open[i]&(1<<((k-1)/2)) != 0
			if !allowed {
				e[k] = never / 4
			}
		}
	}
	target := l.gold.best(l.emit, &l.trans, &l.stay, 1<<26)
	bad := 0
	for i := range n {
		if got[i] != target[i] {
			bad++
			for _, f := range x.rows[i*perToken : (i+1)*perToken] {
				if f != 0 {
					l.w[f][target[i]]++
					l.aw[f][target[i]] += int64(l.clock)
					l.w[f][got[i]]--
					l.aw[f][got[i]] -= int64(l.clock)
				}
			}
		}
	}
	if bad > 0 {
		l.update(target, 1)
		l.update(got, -1)
	}
	l.clock++
	return bad
}

// marked gives each token its label.
func marked(toks []token, spans []Span, base int32) []uint8 {
	out := make([]uint8, len(toks))
	for _, s := range spans {
		if int(s.Entity) >= learned {
			continue
		}
		first := true
		for i := range toks {
			t := &toks[i]
			if base+t.start >= s.End || base+t.end <= s.Start {
				continue
			}
			if _, formal := t.formal(); formal {
				continue
			}
			out[i] = uint8(2 + 2*int(s.Entity))
			if first {
				out[i], first = uint8(1+2*int(s.Entity)), false
			}
		}
	}
	return out
}

func (l *learner) update(path []uint8, by int32) {
	before := 0
	for _, label := range path {
		now := (int(label) + 1) / 2
		if label > 0 && label%2 == 0 {
			l.stay[now-1] += by
			l.astay[now-1] += by * l.clock
		} else {
			l.trans[now][before] += by
			l.atr[now][before] += by * l.clock
		}
		before = now
	}
}
