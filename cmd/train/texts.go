package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/mitral-health/mitral/gate/learn"
	"github.com/mitral-health/mitral/gate/measure"
	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/gate/sense"
)

const model = "gate/sense/model.bin"

func texts(args []string) error {
	set := flag.NewFlagSet("texts", flag.ExitOnError)
	cross := set.Bool("cross", false, "judge each fifth of the texts by what was learned from the others")
	hands := set.Bool("hands", false, "judge each author's texts by what was learned from the others'")
	out := set.String("o", model, "where the model goes")
	classes := set.String("classes", "", "folder with the word classes (*_lexeme_cluster.json.gz); without it those of the present model are kept")
	also := set.String("also", "", "more texts, for trying out")
	rows := set.Int("rows", 131000, "how many weights to keep")
	misses := set.Int("misses", 0, "how many errors to print")
	s := learn.Settings{}
	set.Float64Var(&s.Cost, "cost", 2, "of an error")
	set.Float64Var(&s.Leak, "leak", 1.5, "how much dearer a missed leak is")
	set.Float64Var(&s.Bare, "bare", 0.3, "weight of texts without what the lists know")
	set.IntVar(&s.Rounds, "n", 30, "rounds")
	_ = set.Parse(args)
	var words []sense.Word
	var err error
	if *classes != "" {
		words, err = learn.WordClasses(*classes, 16000)
	} else {
		var b []byte
		var p sense.Parts
		if b, err = os.ReadFile(model); err == nil {
			p, err = sense.Unpack(b)
			words = p.Words
		}
	}
	if err != nil {
		return err
	}
	known, err := sense.Make(sense.Parts{Words: words})
	if err != nil {
		return err
	}
	packs, err := policy.Load(policy.Builtin())
	if err != nil {
		return err
	}
	engine, err := packs.Rules(policy.Example())
	if err != nil {
		return err
	}
	all, err := read(engine, known, packs, *also)
	if err != nil {
		return err
	}
	fmt.Printf("%d texts\n", len(all))

	if *hands {
		return judgeHands(all, words, *rows, s, *misses)
	}
	if *cross {
		return judge(engine, all, words, *rows, s, *misses)
	}
	p, err := learn.Sense(all, words, *rows, s)
	if err != nil {
		return err
	}
	b, err := sense.Write(p)
	if err != nil {
		return err
	}
	fmt.Printf("%d weights, %d bytes\n", len(p.Rows), len(b))
	return os.WriteFile(*out, b, 0o644)
}

// tune says which half of the halved set may be learned from. The report half never is.
func tune(id string) bool { return sha256.Sum256([]byte(id))[0]&1 == 0 }

// tests are the texts that the packs test themselves by.
func tests(e *scan.Engine, known *sense.Model, packs *policy.Set) (out []learn.Text) {
	for i := range packs.Packs {
		for k, t := range packs.Packs[i].Tests {
			r := measure.Record{ID: fmt.Sprintf("pack-%s-%d", packs.Packs[i].ID, k), Text: t.Text, Kind: t.Context.Kind, Lang: t.Context.Lang, Verdict: t.Verdict.String(),
				Parent: t.Context.Parent, AuthorRole: t.Context.AuthorRole, Jurisdiction: t.Context.Jurisdiction}
			out = append(out, learn.Text{Record: r, Studied: e.Study(known, t.Text, t.Context), Weight: 2})
		}
	}
	return out
}

func read(e *scan.Engine, known *sense.Model, packs *policy.Set, also string) ([]learn.Text, error) {
	dir := "gate/policy/testdata"
	all, err := learn.TextsOf(e, known, 1, nil, filepath.Join(dir, "train.jsonl"))
	if err != nil {
		return nil, err
	}
	halved, err := learn.TextsOf(e, known, 1, tune, filepath.Join(dir, "gate.jsonl"))
	if err != nil {
		return nil, err
	}
	dev, err := learn.TextsOf(e, known, 1, nil, filepath.Join(dir, "dev.jsonl"))
	if err != nil {
		return nil, err
	}
	all = slices.Concat(all, halved, dev, tests(e, known, packs))
	if also != "" {
		more, err := learn.TextsOf(e, known, 1, nil, also)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

var number = regexp.MustCompile(`\d+$`)

// fold puts neighbours, which may be alike, into the same fifth.
func fold(id string) int {
	n, _ := strconv.Atoi(number.FindString(id))
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%s %d", number.ReplaceAllString(id, ""), n/8)
	return int(h.Sum32() % 5)
}

type outcome struct {
	text  *learn.Text
	rules scan.Severity
	score float64
	head  string
}

func judge(e *scan.Engine, all []learn.Text, words []sense.Word, rows int, s learn.Settings, misses int) error {
	bySource := map[string][]outcome{}
	var sources []string
	for f := range 5 {
		part := slices.DeleteFunc(slices.Clone(all), func(t learn.Text) bool { return fold(t.Record.ID) == f })
		p, err := learn.Sense(part, words, rows, s)
		if err != nil {
			return err
		}
		m, err := sense.Make(p)
		if err != nil {
			return err
		}
		var scratch sense.Scratch
		for i := range all {
			t := &all[i]
			if fold(t.Record.ID) != f {
				continue
			}
			r := &t.Record
			found := e.Scan(r.Text, scan.Context{Kind: r.Kind, Lang: r.Lang, Jurisdiction: r.Jurisdiction, Parent: r.Parent, AuthorRole: r.AuthorRole})
			o := outcome{text: t, rules: scan.Verdict(found)}
			if best, ok := m.Best(t.Units, t.In, &scratch); ok {
				o.score = best.Score[0]
				h := 1
				for k := range m.Names() {
					if k > 0 && best.Score[k] > best.Score[h] {
						h = k
					}
				}
				o.head = m.Names()[h]
			}
			src := number.ReplaceAllString(r.ID, "") + " " + r.Lang
			if bySource[src] == nil {
				sources = append(sources, src)
			}
			bySource[src] = append(bySource[src], o)
		}
	}
	slices.Sort(sources)
	for _, src := range append(sources, "all") {
		list := bySource[src]
		if src == "all" {
			for _, name := range sources {
				list = append(list, bySource[name]...)
			}
		}
		report(src, list)
		if src == "all" && misses > 0 {
			mistakes(list, misses)
		}
	}
	return nil
}

func stops(v string) bool { return v == "hold" || v == "block" || v == "urgent" }

func report(name string, list []outcome) {
	leaks, clean := 0, 0
	var rulesHeld, rulesFalse int
	for _, o := range list {
		if stops(o.text.Record.Verdict) {
			leaks++
			if o.rules >= scan.Hold {
				rulesHeld++
			}
		} else {
			clean++
			if o.rules >= scan.Hold {
				rulesFalse++
			}
		}
	}
	pc := func(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }
	fmt.Printf("%-12s %4d leaks %4d clean | rules %5.1f %4.1f", name, leaks, clean, pc(rulesHeld, leaks), pc(rulesFalse, clean))
	for _, t := range []float64{-0.1, 0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4} {
		held, falsely := 0, 0
		for _, o := range list {
			if o.score < t && o.rules < scan.Hold {
				continue
			}
			if stops(o.text.Record.Verdict) {
				held++
			} else {
				falsely++
			}
		}
		fmt.Printf(" | %.2f: %.1f %.1f", t, pc(held, leaks), pc(falsely, clean))
	}
	fmt.Println()
}

// mistakes prints what rules and model get wrong together.
func mistakes(list []outcome, n int) {
	slices.SortStableFunc(list, func(a, b outcome) int {
		if a.score < b.score {
			return -1
		} else if a.score > b.score {
			return 1
		}
		return 0
	})
	missed := 0
	for _, o := range list {
		if r := o.text.Record; stops(r.Verdict) && o.rules < scan.Hold && missed < n {
			missed++
			fmt.Printf("  missed %5.2f %s %s %s %s (%s): %s\n", o.score, r.ID, r.Kind, r.AuthorRole, r.Class, o.head, r.Text)
		}
	}
	slices.Reverse(list)
	falsely := 0
	for _, o := range list {
		if r := o.text.Record; !stops(r.Verdict) && (o.score > -0.3 || o.rules >= scan.Hold) && falsely < n {
			falsely++
			fmt.Printf("  held %5.2f rules %s %s %s %s (%s): %s\n", o.score, o.rules, r.ID, r.Kind, r.Class, o.head, r.Text)
		}
	}
}
