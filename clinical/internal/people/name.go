package people

import (
	"context"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// Called is the first name in the record of a person (Patient, Practitioner, RelatedPerson), "" without one.
func Called(n *resource.Node) string {
	name := n.Get("name").At(0)
	if s := name.Get("text").Str(); s != "" {
		return s
	}
	var parts []string
	for _, g := range name.Get("given").Each() {
		parts = append(parts, g.Str())
	}
	return strings.TrimSpace(strings.Join(append(parts, name.Get("family").Str()), " "))
}

// Name reads what a patient is called, as who asks.
func Name(ctx context.Context, t *records.Tx, patient string) (string, error) {
	r, err := t.Read(ctx, "Patient", patient)
	if err != nil {
		return "", err
	}
	n, err := resource.Parse(r.Body)
	return Called(n), err
}
