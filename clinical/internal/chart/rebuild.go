package chart

import (
	"context"
	"errors"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/db"
)

// pageSize is how many records are read at once.
const pageSize = "500"

// Build makes what is kept beside the records of a store that was there before it, once, patient by patient; before the
// store serves.
func Build(ctx context.Context, store *db.DB, s *records.Store, of ...func(ctx context.Context, s *records.Store, patient string) error) error {
	built := false
	err := store.Read(ctx, func(tx db.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, `SELECT id FROM chart_built WHERE id = 1`).Scan(&id)
		if built = err == nil; errors.Is(err, db.ErrNoRows) {
			err = nil
		}
		return err
	})
	if err != nil || built {
		return err
	}
	ask, err := program()
	if err != nil {
		return err
	}
	for cursor := ""; ; {
		var ids []string
		err := s.Look(ctx, ask, func(t *records.Tx) error {
			ids = nil
			page, err := t.Find(ctx, "Patient", "_count", pageSize, "_cursor", cursor)
			for i := range page.Records {
				ids = append(ids, page.Records[i].ID)
			}
			cursor = page.Next
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range ids {
			for _, rebuild := range of {
				if err := rebuild(ctx, s, id); err != nil {
					return err
				}
			}
		}
		if cursor == "" {
			break
		}
	}
	return store.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO chart_built (id) VALUES (1) ON CONFLICT DO NOTHING`)
		return err
	})
}

// Rebuild makes a patient's rows anew from the Observations.
func Rebuild(ctx context.Context, s *records.Store, patient string) error {
	ask, err := program()
	if err != nil {
		return err
	}
	return s.Do(ctx, ask, func(t *records.Tx) error {
		if _, err := t.Beside().Exec(ctx, `DELETE FROM chart_weeks WHERE patient = $1`, patient); err != nil {
			return err
		}
		t.Wrote()
		todo := changes{}
		for cursor := ""; ; {
			page, err := t.Find(ctx, "Observation", "patient", "Patient/"+patient, "_sort", "-date", "_count", pageSize, "_cursor", cursor)
			if err != nil {
				return err
			}
			for i := range page.Records {
				n, err := resource.Parse(page.Records[i].Body)
				if err != nil {
					return err
				}
				if of, m, p, ok := pointOf(n, []string{patient}, page.Records[i].Updated); ok && of == patient {
					c := todo.of(patient, m, p)
					c.in = append(c.in, p)
				}
			}
			if cursor = page.Next; cursor == "" {
				return todo.write(ctx, t)
			}
		}
	})
}

func program() (records.Ask, error) {
	scopes, err := access.ParseScopes("system/Patient.s system/Observation.s")
	return records.Ask{Who: access.Who{Kind: access.System, ID: "chart", Name: "Mitral", Scopes: scopes}}, err
}
