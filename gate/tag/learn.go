package tag

import "errors"

// Example is a text to learn from: its folded bytes and its spans. Where nothing is marked, Free says
// which entities may be there all the same, beside a number, because whoever marked the text did not look
// for them.
type Example struct {
	Text  []byte
	Spans []Span
	Free  uint32 // bit e: entity e was not looked for
}

// Learn trains a model: an averaged structured perceptron, rounds times over the examples in an order
// that depends on nothing but their number. more is told the mistakes after each round.
func Learn(examples []Example, words *Words, rounds int, more func(round, wrong, tokens int)) (*Model, error) {
	l := &learner{words: words, w: make([]cell, 1<<rowBits), aw: make([]cell, 1<<rowBits), clock: 1}
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	seed := uint64(20261123)
	for round := range rounds {
		for i := len(order) - 1; i > 0; i-- {
			seed = seed*6364136223846793005 + 1442695040888963407
			k := int(seed >> 33 % uint64(i+1))
			order[i], order[k] = order[k], order[i]
		}
		wrong, tokens := 0, 0
		for _, i := range order {
			bad, n, err := l.learn(&examples[i])
			if err != nil {
				return nil, err
			}
			wrong, tokens = wrong+bad, tokens+n
		}
		more(round+1, wrong, tokens)
	}
	return l.model(), nil
}

type cell [width]int32

type learner struct {
	words       *Words
	w           []cell
	aw          []cell // sums of clock times change, from which the average follows
	trans, atr  transitions
	stay, astay stays
	clock       int32
	toks        []token
	rows        []uint32
	emit        []scores
	path        lattice
	gold        lattice
}

// pieces of a text that are learnt from at once: as Tagger reads them.
func (l *learner) learn(x *Example) (wrong, tokens int, err error) {
	for start := 0; start < len(x.Text); {
		end := portion(x.Text, start)
		bad, err := l.piece(x, start, end)
		if err != nil {
			return 0, 0, err
		}
		wrong, tokens = wrong+bad, tokens+len(l.toks)
		start = end
	}
	return wrong, tokens, nil
}

func (l *learner) piece(x *Example, start, end int) (int, error) {
	l.toks = tokenise(l.toks[:0], x.Text[start:end], l.words)
	n := len(l.toks)
	if n == 0 {
		return 0, nil
	}
	l.rows = features(l.rows[:0], l.toks)
	if cap(l.emit) < n {
		l.emit = make([]scores, n+n/2)
	}
	l.emit = l.emit[:n]
	for i := range l.emit {
		var e scores
		for _, f := range l.rows[i*perToken : (i+1)*perToken] {
			r := &l.w[f]
			for k := range labels {
				e[k] += r[k]
			}
		}
		l.emit[i] = e
	}
	want := marked(l.toks, x.Spans, int32(start))
	got := l.path.best(l.emit, &l.trans, &l.stay, 1<<26)
	l.margin(x, want)
	target := l.gold.best(l.emit, &l.trans, &l.stay, 1<<26)
	bad := 0
	for i := range n {
		if got[i] != target[i] {
			bad++
		}
	}
	if bad > 0 {
		l.update(target, 1)
		l.update(got, -1)
	}
	if l.clock++; l.clock > 1<<21 {
		return 0, errors.New("tag: too many examples to average over")
	}
	return bad, nil
}

// margin forbids all labels that the marks rule out, so that the best path left is the one to learn.
func (l *learner) margin(x *Example, want []uint8) {
	for i := range l.emit {
		e := &l.emit[i]
		free := x.Free
		if l.toks[i].kind != number && (i == 0 || l.toks[i-1].kind != number) && (i+1 == len(l.toks) || l.toks[i+1].kind != number) {
			free = 0
		}
		for k := range labels {
			allowed := k == int(want[i]) || want[i] == 0 && k > 0 && free&(1<<((k-1)/2)) != 0
			if !allowed {
				e[k] = never / 4
			}
		}
	}
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
	for i, label := range path {
		for _, f := range l.rows[i*perToken : (i+1)*perToken] {
			l.w[f][label] += by
			l.aw[f][label] += by * l.clock
		}
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

// model averages and rounds to eight bits. The scale loses a few of the largest weights.
func (l *learner) model() *Model {
	m := &Model{rows: make([][width / 8]uint64, len(l.w)), words: l.words}
	avg := func(w, a int32) float64 { return float64(w) - float64(a)/float64(l.clock) }
	const top = 1000
	var count [top + 1]int
	used := 0
	for i := range l.w {
		for k := range labels {
			if v := avg(l.w[i][k], l.aw[i][k]); v != 0 {
				used++
				count[min(top, int(max(v, -v)))]++
			}
		}
	}
	limit, seen := 1, 0
	for i, n := range count {
		if seen += n; seen > used-used/2000 {
			limit = i + 1
			break
		}
	}
	scale := 127 / float64(limit)
	round := func(v float64) int32 {
		v *= scale
		if v < 0 {
			return -int32(-v + 0.5)
		}
		return int32(v + 0.5)
	}
	for i := range l.w {
		for k := range width {
			b := uint64(128)
			if k < labels {
				b = uint64(128 + max(-127, min(127, round(avg(l.w[i][k], l.aw[i][k])))))
			}
			m.rows[i][k/8] |= b << (8 * (k % 8))
		}
	}
	for i := range l.trans {
		for k := range l.trans[i] {
			m.trans[i][k] = round(avg(l.trans[i][k], l.atr[i][k]))
		}
	}
	for i := range l.stay {
		m.stay[i] = round(avg(l.stay[i], l.astay[i]))
	}
	m.limit()
	return m
}
