// Package learn makes the tagger's weights from labelled sets and word lists, and says which texts were
// kept away from it. It runs when somebody trains, never in the program. It reads the folder that it is
// given and imports the gate's tag, scan and measure.
package learn

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/gate/measure"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/gate/tag"
)

var folder = scan.NewFolder()

// Sets reads all sets of a folder, in order of their names.
func Sets(dir string) ([]measure.Record, error) {
	files, err := filepath.Glob(filepath.Join(dir, "dev", "*.jsonl"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("there are no labelled sets in " + filepath.Join(dir, "dev") + ": set MITRAL_DATA to the folder that holds phi/")
	}
	slices.Sort(files)
	var all []measure.Record
	for _, f := range files {
		rs, err := measure.Read(f)
		if err != nil {
			return nil, err
		}
		all = append(all, rs...)
	}
	return all, nil
}

// free says which entities a set does not label, so that nothing marked means nothing there.
func free(src string) uint32 {
	bit := func(es ...tag.Entity) (m uint32) {
		for _, e := range es {
			m |= 1 << e
		}
		return m
	}
	switch {
	case strings.HasPrefix(src, "btc"), strings.HasPrefix(src, "wnut"), strings.HasPrefix(src, "uner"):
		return bit(tag.Date, tag.Age, tag.Phone, tag.Code)
	case strings.HasSuffix(src, "generated_large"):
		return bit(tag.Age)
	}
	return 0
}

// entity is what the tagger calls a label of the sets.
func entity(u string) (tag.Entity, bool) {
	switch u {
	case "SSN", "CARD", "IBAN":
		return tag.Code, true
	}
	return tag.Parse(u)
}

// example folds a record.
func example(r *measure.Record) tag.Example {
	b, at := folder.Fold(r.Text)
	x := tag.Example{Text: b, Free: free(r.Src)}
	where := func(off int) int32 {
		i, _ := slices.BinarySearch(at, int32(off))
		return int32(i)
	}
	for _, m := range r.Spans {
		if e, ok := entity(m.U); ok {
			x.Spans = append(x.Spans, tag.Span{Start: where(m.Start), End: where(m.End), Entity: e})
		}
	}
	return x
}
