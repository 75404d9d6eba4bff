package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/mitral-health/mitral/gate/learn"
	"github.com/mitral-health/mitral/gate/sense"
)

// judged is a text and what a model says of it that learned nothing from its author.
type judged struct {
	text  *learn.Text
	hand  string
	score float64
}

func handOf(id string) string { return strings.TrimRight(number.ReplaceAllString(id, ""), "-") }

// held says whether the gate would hold it where rules that read need so much, and rules that can be doubted
// give way below the other.
func (j *judged) held(need, doubt float64) bool {
	return j.text.Sure || j.text.Held && j.score >= doubt || !j.text.Silent && j.score >= need
}

// judgeHands judges each author's texts by what was learned from all others. It is the nearest that can be
// had to texts by somebody new.
func judgeHands(all []learn.Text, words []sense.Word, rows int, s learn.Settings, misses int) error {
	leaks := map[string]bool{}
	for i := range all {
		if r := &all[i].Record; (strings.HasPrefix(r.ID, "train-") || strings.HasPrefix(r.ID, "lead")) && stops(r.Verdict) {
			leaks[handOf(r.ID)] = true
		}
	}
	s.Heads = 1
	byHand := map[string][]judged{}
	var lock sync.Mutex
	var failed error
	var work sync.WaitGroup
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	for hand := range leaks {
		work.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			list, err := judgeHand(all, hand, words, rows, s)
			lock.Lock()
			defer lock.Unlock()
			byHand[hand], failed = list, cmp.Or(failed, err)
		})
	}
	work.Wait()
	if failed != nil {
		return failed
	}
	reportHands(byHand)
	if misses > 0 {
		var list []judged
		for _, hand := range inOrder(byHand) {
			list = append(list, byHand[hand]...)
		}
		showWrong(list, misses)
	}
	return nil
}

// judgeHand judges the texts of one author.
func judgeHand(all []learn.Text, hand string, words []sense.Word, rows int, s learn.Settings) (list []judged, err error) {
	p, err := learn.Sense(slices.DeleteFunc(slices.Clone(all), func(t learn.Text) bool { return handOf(t.Record.ID) == hand }), words, rows, s)
	if err != nil {
		return nil, err
	}
	m, err := sense.Make(p)
	if err != nil {
		return nil, err
	}
	var scratch sense.Scratch
	for i := range all {
		if t := &all[i]; handOf(t.Record.ID) == hand {
			best, _ := m.Best(t.Units, t.In, &scratch)
			list = append(list, judged{t, hand, best.Score[0]})
		}
	}
	return list, nil
}

func inOrder(byHand map[string][]judged) (hands []string) {
	for hand := range byHand {
		hands = append(hands, hand)
	}
	slices.Sort(hands)
	return hands
}

// rates is how much of the leaks, and of the rest, is held, in hundredths.
func rates(list []judged, need, doubt float64) (leak, clean float64) {
	var all, held [2]float64
	for i := range list {
		k := 0
		if list[i].text.Record.Verdict == "warn" { // neither a leak nor clean
			continue
		}
		if stops(list[i].text.Record.Verdict) {
			k = 1
		}
		all[k]++
		if list[i].held(need, doubt) {
			held[k]++
		}
	}
	return 100 * held[1] / max(all[1], 1), 100 * held[0] / max(all[0], 1)
}

// reportHands prints a line for each pair of thresholds; every author counts the same in "each".
func reportHands(byHand map[string][]judged) {
	hands := inOrder(byHand)
	fmt.Printf("leaks held and clean held, of each author's texts by what was learned from the others\n%-12s %11s", "need doubt", "each")
	for _, hand := range hands {
		fmt.Printf(" %11s", hand)
	}
	fmt.Println()
	for _, at := range [][2]float64{{9, -9}, {9, 9}, {0.3, 0}, {0.25, 0}, {0.2, 0}, {0.2, -0.2}, {0.15, 0}, {0.15, -0.1}, {0.15, -0.2}, {0.1, 0}, {0.1, -0.1}, {0.07, -0.1}, {0.05, -0.1}, {0, -0.1}, {-0.1, -0.2}, {-0.2, -0.2}, {-0.3, -0.3}} {
		var leak, clean float64
		row := ""
		for _, hand := range hands {
			l, c := rates(byHand[hand], at[0], at[1])
			leak, clean = leak+l/float64(len(hands)), clean+c/float64(len(hands))
			row += fmt.Sprintf("  %5.1f %4.1f", l, c)
		}
		name := fmt.Sprintf("%5.2f %5.2f", at[0], at[1])
		if at[0] == 9 {
			name = "rules alone"
			if at[1] == 9 {
				name = "sure rules"
			}
		}
		fmt.Printf("%-12s  %5.1f %4.1f%s\n", name, leak, clean, row)
	}
}

// showWrong prints the worst misses and the worst false alarms.
func showWrong(list []judged, n int) {
	slices.SortStableFunc(list, func(a, b judged) int {
		if a.score < b.score {
			return -1
		} else if a.score > b.score {
			return 1
		}
		return 0
	})
	show := func(j judged) {
		r := &j.text.Record
		fmt.Printf("%s %5.2f sure=%v held=%v silent=%v %s %s %s: %s <<%s>>\n", r.Verdict, j.score, j.text.Sure, j.text.Held, j.text.Silent, r.ID, r.Kind, r.Class, r.Text, r.Parent)
	}
	leaks, clean := 0, 0
	for _, j := range list {
		if stops(j.text.Record.Verdict) && !j.text.Sure && leaks < n {
			leaks++
			show(j)
		}
	}
	slices.Reverse(list)
	for _, j := range list {
		if v := j.text.Record.Verdict; !stops(v) && v != "warn" && clean < n {
			clean++
			show(j)
		}
	}
}
