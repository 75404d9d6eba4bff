package sense

import (
	"encoding/binary"
	"math"
)

// Unit is one word of a text, as the model sees it.
type Unit struct {
	Word, Stem, End uint32   // hashes: the word, its beginning, its end; a number's are those of its form
	Class           uint16   // of words that stand in the same places
	Marks           []uint32 // hashes of the names of the lists that know what starts here
	Break           bool     // a sentence starts here
	Echoes          uint32   // which of the marks the text that is answered has, too, one bit each
}

// Context is what is known besides the words, as hashes.
type Context struct {
	Kind, Role, Lang uint32
	Parent           []uint32 // the lists that know something in the text that is answered
}

// Hash is what words, names of lists and contexts are known under.
func Hash(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

func join(id, a, b uint32) uint32 {
	h := uint64(a)*0x9e3779b97f4a7c15 ^ uint64(b)*0xc2b2ae3d27d4eb4f + uint64(id)*0x165667b19e3779f9
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return uint32(h>>32) | 1
}

const (
	keepMarks = 7  // how many earlier marks are seen together with one
	farMark   = 16 // how many words back
)

type seenMark struct {
	name uint32
	at   int
}

// Features calls each for every feature of the words, with the word that it belongs to.
func Features(units []Unit, c Context, each func(at int, key uint32)) {
	var seen [keepMarks]seenMark
	n := 0
	answers := len(c.Parent) > 0
	edge := Unit{Word: 1, Stem: 1, Class: 1}
	p1, p2, p3 := &edge, &edge, &edge
	for i := range units {
		u := &units[i]
		if u.Break {
			p1, p2, p3 = &edge, &edge, &edge
		}
		k, c1, c2 := uint32(u.Class), uint32(p1.Class), uint32(p2.Class)
		each(i, join(1, u.Word, 0))
		each(i, join(2, u.Stem, 0))
		each(i, join(3, k, c.Lang))
		each(i, join(4, u.Word, c.Kind))
		each(i, join(5, k, c.Kind))
		each(i, join(6, p1.Word, u.Word))
		each(i, join(7, c1<<16|k, 0))
		each(i, join(8, p1.Word, k))
		each(i, join(9, c1, u.Word))
		each(i, join(10, p2.Word, u.Word))
		each(i, join(11, c2<<16|c1, k))
		each(i, join(12, join(12, p2.Word, p1.Word), u.Word))
		each(i, join(13, p1.Stem, u.Stem))
		each(i, join(14, u.End, c.Lang))
		each(i, join(15, c2<<16|k, 0))
		each(i, join(16, uint32(p3.Class)<<16|k, 0))
		each(i, join(17, u.Stem, c.Kind))
		each(i, join(18, p2.Stem, u.Stem))
		for j, m := range u.Marks {
			if answers {
				each(i, join(38, m, 1+u.Echoes>>j&1))
			}
			each(i, join(32, m, 0))
			each(i, join(33, m, c.Kind))
			each(i, join(34, m, c.Role))
			each(i, join(35, m, p1.Word))
			each(i, join(36, m, c1))
			for _, s := range seen[:min(n, keepMarks)] {
				if i-s.at <= farMark && s.at != i {
					each(i, join(37, s.name, m))
				}
			}
		}
		for _, m := range u.Marks {
			seen[n%keepMarks] = seenMark{m, i}
			n++
		}
		if n > 2*keepMarks {
			n -= keepMarks
		}
		p3, p2, p1 = p2, p1, u
	}
}

// Ground calls each for every feature that a text has once, whatever its words.
func Ground(c Context, each func(key uint32)) {
	for _, m := range c.Parent {
		each(join(67, m, 0))
		each(join(68, m, c.Kind))
	}
	each(join(64, c.Kind, 0))
	each(join(65, c.Kind, c.Role))
	each(join(66, c.Kind, c.Lang))
}

// Reading is what a model found in a text.
type Reading struct {
	Score      [Heads]float64
	First, End int // the words that speak most for it
}

// Scratch is what reading works with. It can be reused.
type Scratch struct {
	sums [][Heads]int32 // for each word
	hits [512]hit
}

// Windows are cut so that a leak in a long text weighs what it weighs in a short one.
const (
	whole  = 56 // a text of up to so many words is read as one
	window = 36
	step   = 16
)

// Window says which words are read together, beginning at from, and where the next such piece begins.
func Window(units []Unit, from int) (to, next int) {
	if from == 0 && len(units) <= whole {
		return len(units), len(units)
	}
	to = min(from+window, len(units))
	for k := to; k < min(from+whole, len(units)); k++ {
		if units[k].Break {
			to = k
			break
		}
	}
	if len(units)-to < step/2 {
		return len(units), len(units)
	}
	next = from + step
	for next < to && next < from+window && !units[next].Break {
		next++
	}
	return to, next
}

// Norm is what the features of n words are divided by.
func Norm(n int) float64 { return math.Sqrt(float64(n + 6)) }

const evenBytes = 0x00ff00ff00ff00ff

// Best returns the reading of the piece of the text that scores highest for the first head.
func (m *Model) Best(units []Unit, c Context, s *Scratch) (best Reading, ok bool) {
	if cap(s.sums) < len(units) {
		s.sums = make([][Heads]int32, len(units)+len(units)/2)
	}
	s.sums = s.sums[:len(units)]
	clear(s.sums)
	m.weigh(units, c, s)
	var ground [Heads]int32
	Ground(c, func(key uint32) {
		if r := m.row(key); r != nil {
			for h := range Heads {
				ground[h] += int32(r[h]) - 128
			}
		}
	})
	for from := 0; from < len(units); {
		to, next := Window(units, from)
		sum := ground
		for i := from; i < to; i++ {
			for h := range Heads {
				sum[h] += s.sums[i][h]
			}
		}
		var r Reading
		norm := Norm(to - from)
		for h := range m.names {
			r.Score[h] = m.bias[h] + float64(float64(sum[h])*m.scale[h])/norm
		}
		if !ok || r.Score[0] > best.Score[0] {
			r.First, r.End = from, to
			best, ok = r, true
		}
		from = next
	}
	return best, ok
}

// hit is a feature of the word at, that seems to have weights.
type hit struct {
	key uint32
	at  int32
}

// weigh adds up the weights of each word's features. Which of them have weights is asked first, for many at a time,
// without a branch that could be foreseen wrongly; then the weights are fetched, many waits for memory at once.
func (m *Model) weigh(units []Unit, c Context, s *Scratch) {
	n := 0
	Features(units, c, func(at int, key uint32) {
		s.hits[n] = hit{key, int32(at)}
		n += m.maybe(key)
		if n == len(s.hits) {
			m.add(s.hits[:n], s.sums)
			n = 0
		}
	})
	m.add(s.hits[:n], s.sums)
}

// add adds the weights of hits, which are in order of their words, all heads at once in lanes of sixteen bits.
func (m *Model) add(hits []hit, sums [][Heads]int32) {
	at, n := int32(0), int32(0)
	var lanes [4]uint64 // of heads 0, 2, 4, 6; 1, 3, 5, 7; 8, 10; 9, 11
	flush := func() {
		for h := range Heads {
			sums[at][h] += int32(lanes[h/8*2+h%2]>>(h%8/2*16)&0xffff) - 128*n
		}
		lanes, n = [4]uint64{}, 0
	}
	for _, h := range hits {
		r := m.row(h.key)
		if r == nil {
			continue
		}
		if h.at != at || n > 200 {
			flush()
			at = h.at
		}
		n++
		first, last := binary.LittleEndian.Uint64(r[:8]), uint64(binary.LittleEndian.Uint32(r[8:]))
		lanes[0] += first & evenBytes
		lanes[1] += first >> 8 & evenBytes
		lanes[2] += last & evenBytes
		lanes[3] += last >> 8 & evenBytes
	}
	if n > 0 {
		flush()
	}
}

// Heaviest narrows a reading to the words that speak most for head h: the stretch whose weights add up
// to most.
func (s *Scratch) Heaviest(r Reading, h int) (first, end int) {
	first, end = r.First, r.First+1
	var best, run int32
	from := r.First
	for i := r.First; i < r.End; i++ {
		if run <= 0 {
			run, from = 0, i
		}
		run += s.sums[i][h]
		if run > best {
			best, first, end = run, from, i+1
		}
	}
	return first, end
}
