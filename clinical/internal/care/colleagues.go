package care

import (
	"cmp"
	"context"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// colleague is somebody of the staff to choose.
type colleague struct{ Ref, Name string }

// colleagues are the staff, by name.
func (c *Care) colleagues(ctx context.Context, t *records.Tx) ([]colleague, error) {
	refs, err := c.People.Staff(ctx, t.Beside())
	if err != nil {
		return nil, err
	}
	named, err := c.staffNames(ctx, t, refs...)
	if err != nil {
		return nil, err
	}
	var out []colleague
	for _, ref := range refs {
		if named[ref] != "" {
			out = append(out, colleague{ref, named[ref]})
		}
	}
	slices.SortFunc(out, func(a, b colleague) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// knows says that ref is one of them: what a form sends is not believed.
func knows(all []colleague, ref string) bool {
	return slices.ContainsFunc(all, func(c colleague) bool { return c.Ref == ref })
}

// choices are the colleagues as a list that opens. none is the word for nobody, "" if somebody must be chosen.
func choices(all []colleague, none, without string) []ui.Option {
	var out []ui.Option
	if none != "" {
		out = append(out, ui.Option{Label: none})
	}
	for _, c := range all {
		if c.Ref != without {
			out = append(out, ui.Option{Value: c.Ref, Label: c.Name})
		}
	}
	return out
}

// nameOf is what somebody is called: a colleague, the program.
func nameOf(ctx context.Context, names map[string]string, ref string) string {
	switch {
	case ref == alerts.System:
		return text.T(ctx, "The program")
	case names[ref] != "":
		return names[ref]
	}
	return text.T(ctx, "Somebody of the team")
}
