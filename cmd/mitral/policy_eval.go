package main

import (
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/mitral-health/mitral/gate/measure"
	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/scan"
)

const evalUsage = `mitral policy eval [flags] SET…

Judges the texts of labelled sets (JSON Lines) and says how often that was right, for each set on its own.
Records with "spans" of {"start","end","u"} measure what check --entities lists; records with a "verdict" measure
the verdict.

  --part N      only part N (0 to 4) of each set
  --misses N    how many of the worst misses to print (default 15)
  --org FILE    what belongs to the organisation, as for mitral check
`

func runEval(args []string, stdout, stderr io.Writer) int {
	set := flag.NewFlagSet("eval", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	part := set.Int("part", -1, "")
	misses := set.Int("misses", 15, "")
	org := set.String("org", "", "")
	if err := set.Parse(args); err != nil || set.NArg() == 0 || *part >= measure.Folds {
		if err == flag.ErrHelp {
			_, _ = io.WriteString(stdout, evalUsage)
			return 0
		}
		_, _ = io.WriteString(stderr, evalUsage)
		return 2
	}
	engine, err := checkEngine(checkFlags{org: *org})
	if *org == "" {
		engine, err = exampleEngine()
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "mitral policy eval:", err)
		return 1
	}
	for _, path := range set.Args() {
		records, err := measure.Read(path)
		if err == nil && len(records) == 0 {
			err = fmt.Errorf("%s is empty", path)
		}
		if err != nil {
			_, _ = fmt.Fprintln(stderr, "mitral policy eval:", err)
			return 1
		}
		if *part >= 0 {
			records = slices.DeleteFunc(records, func(r measure.Record) bool { return r.Fold() != *part })
		}
		_, _ = fmt.Fprintf(stdout, "\n== %s\n", filepath.Base(path))
		if slices.ContainsFunc(records, func(r measure.Record) bool { return r.Verdict != "" }) {
			verdicts(engine, records, *misses, stdout)
			continue
		}
		t := measure.NewTally(records)
		for i := range records {
			t.Add(&records[i], entityMarks(engine, records[i].Text))
		}
		t.Write(stdout, *misses)
	}
	return 0
}

func exampleEngine() (*scan.Engine, error) {
	packs, err := policy.Load(policy.Builtin())
	if err != nil {
		return nil, err
	}
	return packs.Engine(policy.Example())
}

func entityMarks(engine *scan.Engine, text string) (out []measure.Mark) {
	for _, e := range engine.Entities(tagger(), text) {
		out = append(out, measure.Mark{Start: e.Start, End: e.End, U: e.Name})
	}
	return out
}

func verdicts(engine *scan.Engine, records []measure.Record, misses int, w io.Writer) {
	v := measure.NewVerdicts()
	for i := range records {
		r := &records[i]
		found := engine.Scan(r.Text, scan.Context{Kind: r.Kind, Lang: r.Lang, Parent: r.Parent, AuthorRole: r.AuthorRole,
			Channel: r.Channel, Jurisdiction: r.Jurisdiction})
		v.Add(r, scan.Verdict(found).String())
	}
	v.Write(w, misses)
}
