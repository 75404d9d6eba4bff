package talk

import (
	"context"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
)

// responsible is who answers the patient, as far as that is known.
func (v *thread) responsible() string {
	switch {
	case v.Assigned != nil:
		return v.Assigned.Practitioner
	case v.Followed != nil:
		return v.Followed.Responsible
	}
	return ""
}

// names are what Practitioners are called.
func (k *Talk) names(ctx context.Context, t *records.Tx, refs []string) (map[string]string, error) {
	var ids []string
	for _, r := range refs {
		if id, ok := strings.CutPrefix(r, "Practitioner/"); ok && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	found, err := k.bodies(ctx, t, "Practitioner", ids)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for id, n := range found {
		out["Practitioner/"+id] = people.Called(n)
	}
	return out, nil
}

// given is the first name that people are called by.
func given(name string) string {
	words := strings.Fields(name)
	for _, w := range words {
		if !strings.HasSuffix(w, ".") && w != "Dr" && w != "Dra" {
			return w
		}
	}
	return name
}
