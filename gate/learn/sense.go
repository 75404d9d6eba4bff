package learn

import (
	"cmp"
	"math"
	"slices"

	"github.com/mitral-health/mitral/gate/measure"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/gate/sense"
)

// Heads are the questions that the text model learns to answer, and the classes of the labelled texts
// that each is about. The first is about all leaks.
var heads = []struct {
	name    string
	classes []string
}{
	{"leak", nil},
	{"care", []string{"care", "deny"}},
	{"pay", []string{"pay"}},
	{"blame", []string{"blame"}},
	{"who", []string{"pseud", "name", "ident", "evade"}},
	{"sum", []string{"quasi"}},
	{"special", []string{"special"}},
	{"minor", []string{"minor"}},
	{"success", []string{"success"}},
	{"advice", []string{"advice"}},
	{"risk", []string{"urgent"}},
	{"promise", []string{"promise"}},
}

// Text is a labelled text to learn from.
type Text struct {
	Record measure.Record
	scan.Studied
	Weight float64 // beside others
}

// TextsOf reads sets with verdicts. Of the set that is halved, only the half to tune by.
func TextsOf(e *scan.Engine, classes *sense.Model, weight float64, keep func(id string) bool, files ...string) ([]Text, error) {
	var out []Text
	for _, f := range files {
		rs, err := measure.Read(f)
		if err != nil {
			return nil, err
		}
		for _, r := range rs {
			if keep != nil && !keep(r.ID) {
				continue
			}
			seen := e.Study(classes, r.Text, scan.Context{Kind: r.Kind, Lang: r.Lang, Jurisdiction: r.Jurisdiction, Parent: r.Parent, AuthorRole: r.AuthorRole})
			out = append(out, Text{r, seen, weight})
		}
	}
	return out, nil
}

// point is a text as numbers.
type point struct {
	idx  []int32
	val  []float64
	y    [sense.Heads]float64 // 1, -1, or 0 where nothing is known
	cost float64
	sq   float64
}

// Sense learns a text model. rows is how many weights it may keep. The same texts give the same model.
func Sense(texts []Text, words []sense.Word, rows int, s Settings) (sense.Parts, error) {
	index := map[uint32]int32{}
	var keys []uint32
	count := map[uint32]int{}
	bag := func(t *Text, marks bool) map[uint32]float64 {
		units := t.Units
		if !marks {
			units = slices.Clone(units)
			for i := range units {
				units[i].Marks = nil
			}
		}
		b := map[uint32]float64{}
		sense.Features(units, t.In, func(_ int, key uint32) { b[key]++ })
		sense.Ground(t.In, func(key uint32) { b[key]++ })
		return b
	}
	for i := range texts {
		for k := range bag(&texts[i], true) {
			count[k]++
		}
	}
	var points []point
	add := func(t *Text, marks bool, cost float64) {
		b := bag(t, marks)
		p := point{cost: cost}
		norm := sense.Norm(len(t.Units))
		for _, k := range inOrder(b) {
			if count[k] < 3 { // what one text or two have is that author's way of writing
				continue
			}
			i, ok := index[k]
			if !ok {
				i = int32(len(keys))
				index[k] = i
				keys = append(keys, k)
			}
			v := float64(b[k]*rare(len(texts), count[k])) / norm
			p.idx, p.val = append(p.idx, i), append(p.val, v)
			p.sq += float64(v * v)
		}
		p.sq++ // the bias
		label(t, &p)
		points = append(points, p)
	}
	for i := range texts {
		for _, t := range windows(&texts[i]) {
			add(&t, true, t.Weight)
			if s.Bare > 0 {
				add(&t, false, t.Weight*s.Bare)
			}
		}
	}
	parts := sense.Parts{Words: words}
	weights := make([][]float64, cmp.Or(s.Heads, len(heads)))
	for h := range heads[:cmp.Or(s.Heads, len(heads))] {
		parts.Names = append(parts.Names, heads[h].name)
		var bias float64
		weights[h], bias = separate(points, h, len(keys), s)
		parts.Bias[h] = bias
		for i, k := range keys {
			weights[h][i] *= rare(len(texts), count[k])
		}
	}
	return prune(parts, keys, weights, rows), nil
}

// windows cuts a long text that may go out as reading will cut it: none of its pieces may be held. Of a long
// leak nobody knows which piece it is.
func windows(t *Text) (out []Text) {
	if v := t.Record.Verdict; v != "allow" && v != "note" {
		return []Text{*t}
	}
	for from := 0; from < len(t.Units); {
		to, next := sense.Window(t.Units, from)
		p := *t
		p.Units = t.Units[from:to]
		out = append(out, p)
		from = next
	}
	return out
}

// Settings of the learner.
type Settings struct {
	Cost   float64 // of an error beside that of a large weight
	Leak   float64 // how much dearer a missed leak is
	Bare   float64 // weight of each text's copy without what the lists know
	Rounds int
	Heads  int // how many questions to learn; 0 is all
}

// rare is how much a feature that so many of the texts have counts: the rarer, the more. Logarithms are
// rounded, so that every machine gets the same.
func rare(texts, have int) float64 {
	return math.Round(1024*math.Log(float64(texts)/float64(have))) / 1024 / 24
}

func inOrder(m map[uint32]float64) []uint32 {
	out := make([]uint32, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func label(t *Text, p *point) {
	v := t.Record.Verdict
	leak := v == "hold" || v == "block" || v == "urgent"
	for h := range heads {
		switch {
		case h == 0 && leak:
			p.y[h] = 1
		case h == 0 || !leak && v != "warn":
			p.y[h] = -1
		case t.Record.Class == "":
		case slices.Contains(heads[h].classes, t.Record.Class):
			p.y[h] = 1
		default:
			p.y[h] = -1
		}
	}
}

// separate finds the weights of one head: a support vector machine with squared loss, by dual
// coordinate descent. Products are rounded before they are added, so every machine gets the same.
func separate(points []point, h, n int, s Settings) ([]float64, float64) {
	w, bias := make([]float64, n), 0.0
	alpha := make([]float64, len(points))
	order := make([]int, len(points))
	for i := range order {
		order[i] = i
	}
	seed := uint64(88172645463325252)
	positives, negatives := 0.0, 0.0
	for i := range points {
		if points[i].y[h] > 0 {
			positives += points[i].cost
		} else if points[i].y[h] < 0 {
			negatives += points[i].cost
		}
	}
	up := s.Leak
	if h > 0 {
		up = min(4, math.Sqrt(negatives/max(positives, 1)))
	}
	for range s.Rounds {
		for i := len(order) - 1; i > 0; i-- {
			seed ^= seed << 13
			seed ^= seed >> 7
			seed ^= seed << 17
			k := int(seed % uint64(i+1))
			order[i], order[k] = order[k], order[i]
		}
		for _, i := range order {
			p := &points[i]
			y := p.y[h]
			if y == 0 {
				continue
			}
			c := s.Cost * p.cost
			if y > 0 {
				c *= up
			}
			sum := bias
			for k, x := range p.idx {
				sum += float64(w[x] * p.val[k])
			}
			diag := 0.5 / c
			g := float64(y*sum) - 1 + float64(alpha[i]*diag)
			next := max(0, alpha[i]-g/(p.sq+diag))
			if d := float64((next - alpha[i]) * y); d != 0 {
				alpha[i] = next
				bias += d
				for k, x := range p.idx {
					w[x] += float64(d * p.val[k])
				}
			}
		}
	}
	return w, bias
}

// prune keeps the heaviest weights, in eight bits.
func prune(parts sense.Parts, keys []uint32, weights [][]float64, rows int) sense.Parts {
	top := make([]float64, len(weights))
	for h, w := range weights {
		for _, x := range w {
			top[h] = max(top[h], math.Abs(x))
		}
		parts.Scale[h] = max(top[h], 1e-6) / 127
	}
	heavy := make([]float64, len(keys))
	order := make([]int, len(keys))
	for i := range keys {
		order[i] = i
		heavy[i] = 3 * math.Abs(weights[0][i])
		for h := 1; h < len(weights); h++ {
			heavy[i] += 0.2 * math.Abs(weights[h][i])
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		if heavy[a] != heavy[b] {
			if heavy[a] > heavy[b] {
				return -1
			}
			return 1
		}
		return int(int64(keys[a]) - int64(keys[b]))
	})
	for _, i := range order[:min(rows, len(order))] {
		r := sense.Row{Key: keys[i]}
		zero := true
		for h := range weights {
			q := math.Round(weights[h][i] / parts.Scale[h])
			r.Weights[h] = int8(q)
			zero = zero && q == 0
		}
		if !zero {
			parts.Rows = append(parts.Rows, r)
		}
	}
	return parts
}
