package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/mitral-health/mitral/gate/learn"
	"github.com/mitral-health/mitral/gate/measure"
	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/gate/tag"
)

// reporter prints a line for each aim.
type reporter struct {
	engine       *scan.Engine
	missed, seen int
}

// least and most print a figure that has to be so large, or may be so large.
func (r *reporter) least(set, what string, figure, aim float64) {
	r.line(set, what, fmt.Sprintf("%.3f", figure), fmt.Sprintf("≥ %.3f", aim), figure >= aim)
}

func (r *reporter) most(set, what string, figure, aim float64, format string) {
	r.line(set, what, fmt.Sprintf(format, figure), "≤ "+fmt.Sprintf(format, aim), figure <= aim)
}

func (r *reporter) line(set, what, figure, aim string, reached bool) {
	word := "reached"
	if r.seen++; !reached {
		word = "NOT reached"
		r.missed++
	}
	fmt.Printf("%-30s %-44s %10s  %10s  %s\n", set, what, figure, aim, word)
}

// aims prints the aims of the gate on the development sets: aim, figure, reached or not.
func aims(args []string) error {
	set := flag.NewFlagSet("report", flag.ExitOnError)
	part := set.Int("part", -1, "judge only this part of the labelled sets, 0 to 4, instead of each in turn")
	hands := set.Bool("hands", false, "judge each author's texts by what was learned from the others', too (minutes)")
	speed := set.Bool("speed", true, "measure the time, too")
	_ = set.Parse(args)
	data := os.Getenv("MITRAL_DATA")
	if data == "" {
		return fmt.Errorf("set MITRAL_DATA to the folder that holds phi/, the labelled sets")
	}
	parts := []int{0, 1, 2, 3, 4}
	switch {
	case *part < -1 || *part >= measure.Folds:
		return fmt.Errorf("there is no part %d of the labelled sets: 0 to %d", *part, measure.Folds-1)
	case *part >= 0:
		parts = []int{*part}
	}
	r := &reporter{}
	packs, err := policy.Load(policy.Builtin())
	if err != nil {
		return err
	}
	if r.engine, err = packs.Engine(policy.Example()); err != nil {
		return err
	}
	if err := r.entities(filepath.Join(data, "phi"), parts); err != nil {
		return err
	}
	if err := r.verdicts("gate/policy/testdata/gate.jsonl"); err != nil {
		return err
	}
	r.checksums()
	if *speed {
		if err := r.speed(); err != nil {
			return err
		}
	}
	fmt.Printf("%d of %d aims reached\n", r.seen-r.missed, r.seen)
	if *hands {
		return texts([]string{"-hands"})
	}
	return nil
}

// entities judges what check --entities lists: each part of each set by what was learned from the other parts.
func (r *reporter) entities(dir string, parts []int) error {
	files, err := filepath.Glob(filepath.Join(dir, "dev", "*.jsonl"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("there are no labelled sets in %s", filepath.Join(dir, "dev"))
	}
	if err != nil {
		return err
	}
	models, err := learnWithout(dir, parts)
	if err != nil {
		return err
	}
	slices.Sort(files)
	for _, file := range files {
		records, err := measure.Read(file)
		if err != nil {
			return err
		}
		t := measure.NewTally(records)
		for i := range records {
			rec := &records[i]
			m := models[rec.Fold()]
			if m == nil {
				continue
			}
			var found []measure.Mark
			for _, e := range r.engine.Entities(m, rec.Text) {
				found = append(found, measure.Mark{Start: e.Start, End: e.End, U: e.Name})
			}
			t.Add(rec, found)
		}
		if t.Texts > 0 {
			r.set(strings.TrimSuffix(filepath.Base(file), ".jsonl"), t)
		}
	}
	return nil
}

// learnWithout learns once for each part, from the other parts.
func learnWithout(dir string, parts []int) (models [measure.Folds]*tag.Model, err error) {
	var work sync.WaitGroup
	var failed [measure.Folds]error
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, part := range parts {
		work.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			models[part], failed[part] = learn.Run(dir, rounds, []int{part}, io.Discard)
		})
	}
	work.Wait()
	return models, errors.Join(failed[:]...)
}

// set prints the aims for the family that a set is of.
func (r *reporter) set(name string, t *measure.Tally) {
	row := func(key string) measure.Count {
		if c := t.Rows[key]; c != nil {
			return *c
		}
		return measure.Count{}
	}
	touched := func(c measure.Count) float64 { return measure.Ratio(c.Touched, c.Gold) }
	all := row("all")
	switch {
	case strings.HasPrefix(name, "asqphi"):
		r.least(name, fmt.Sprintf("recall, any overlap, of %d", all.Gold), touched(all), 0.99)
		r.most(name, fmt.Sprintf("%% of %d clean questions flagged", t.Clean), 100*measure.Ratio(t.Flagged, max(t.Clean, 1)), 10, "%.1f")
	case strings.HasPrefix(name, "meddocan"):
		r.least(name, fmt.Sprintf("strict F1, of %d", all.Gold), measure.F(measure.Ratio(all.Strict, all.Found), measure.Ratio(all.Strict, all.Gold), 1), 0.955)
		body := row("lines body")
		r.least(name, fmt.Sprintf("recall on body lines, any overlap, of %d", body.Gold), touched(body), 0.95)
	case strings.HasPrefix(name, "presidio"):
		r.least(name, fmt.Sprintf("F2, any overlap, of %d", all.Gold), measure.F(measure.Ratio(all.Useful, all.Found), touched(all), 2), 0.90)
	case strings.HasPrefix(name, "uner"):
		names := row("entity NAME")
		r.least(name, fmt.Sprintf("names: recall, any overlap, of %d", names.Gold), touched(names), 0.85)
	default:
		names := row("entity NAME")
		r.least(name, fmt.Sprintf("names in tweets: recall, any overlap, of %d", names.Gold), touched(names), 0.65)
	}
}
