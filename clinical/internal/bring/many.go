package bring

import (
	"context"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// many stores readings that were judged, in one transaction, and returns how many are new.
func (b *Bring) many(ctx context.Context, who records.Ask, all []vitals.Entry) (stored int, err error) {
	err = b.Records.Do(ctx, who, func(t *records.Tx) error {
		stored = 0
		here, err := b.have(ctx, t, all)
		if err != nil {
			return err
		}
		var writes []records.Write
		for _, e := range all {
			if here[e.Key] {
				continue
			}
			here[e.Key] = true
			n, _, err := vitals.Observe(e)
			if err != nil {
				return err
			}
			writes = append(writes, records.Write{Do: access.Create, Node: &n})
		}
		if len(writes) == 0 {
			return nil
		}
		_, err = t.WriteMany(ctx, writes)
		stored = len(writes)
		return err
	})
	return stored, err
}

// asked is how many keys one search asks for: a parameter has at most 2,000 bytes, and a key 64.
const asked = 20

// have says which of these readings the patient's record has.
func (b *Bring) have(ctx context.Context, t *records.Tx, all []vitals.Entry) (map[string]bool, error) {
	here := map[string]bool{}
	for part := range slices.Chunk(all, asked) {
		keys := make([]string, len(part))
		for i := range part {
			keys[i] = vitals.KeySystem + "|" + part[i].Key
		}
		page, err := t.Find(ctx, "Observation", "patient", "Patient/"+part[0].Patient, "identifier", strings.Join(keys, ","), "_count", "100")
		if err != nil {
			return nil, err
		}
		for i := range page.Records {
			n, err := resource.Parse(page.Records[i].Body)
			if err != nil {
				return nil, err
			}
			for _, id := range n.Get("identifier").Each() {
				if id.Get("system").Str() == vitals.KeySystem {
					here[id.Get("value").Str()] = true
				}
			}
		}
	}
	return here, nil
}
