package learn

import (
	"fmt"
	"io"

	"github.com/mitral-health/mitral/gate/tag"
)

// Run trains on the folder's sets, without the part for scoring, and returns the model. With choose, the
// part for choosing is left out as well.
func Run(dir string, rounds int, choose bool, say io.Writer) (*tag.Model, error) {
	records, err := Sets(dir)
	if err != nil {
		return nil, err
	}
	words, n, err := Words(dir)
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(say, "%d words\n", n)
	var examples []tag.Example
	for i := range records {
		if f := records[i].Fold(); f == 0 || choose && f == 1 {
			continue
		}
		examples = append(examples, vary(&records[i], i)...)
	}
	prose, err := prose(dir)
	if err != nil {
		return nil, err
	}
	examples = append(examples, prose...)
	_, _ = fmt.Fprintf(say, "%d examples\n", len(examples))
	return tag.Learn(examples, words, rounds, func(round, wrong, tokens int) {
		_, _ = fmt.Fprintf(say, "round %d: %d of %d wrong\n", round, wrong, tokens)
	})
}
