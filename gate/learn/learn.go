package learn

import (
	"fmt"
	"io"
	"slices"

	"github.com/mitral-health/mitral/gate/tag"
)

// Run trains on the folder's sets, without some of their parts, and returns the model.
func Run(dir string, rounds int, without []int, say io.Writer) (*tag.Model, error) {
	records, err := Sets(dir)
	if err != nil {
		return nil, err
	}
	words, n, err := Words(dir)
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(say, "%d words\n", n)
	f, err := newFiller(dir)
	if err != nil {
		return nil, err
	}
	var examples []tag.Example
	for i := range records {
		if slices.Contains(without, records[i].Fold()) {
			continue
		}
		examples = append(examples, vary(&records[i], i)...)
		if records[i].Src != "meddocan" {
			if r, ok := f.swapped(&records[i]); ok {
				examples = append(examples, vary(&r, i+3)...)
			}
		}
	}
	examples = append(examples, f.prose()...)
	_, _ = fmt.Fprintf(say, "%d examples\n", len(examples))
	return tag.Learn(examples, words, rounds, func(round, wrong, tokens int) {
		_, _ = fmt.Fprintf(say, "round %d: %d of %d wrong\n", round, wrong, tokens)
	}), nil
}
