package people

import (
	"context"
	"errors"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/db"
)

// SubjectSystem is the system of the identifier by which a Practitioner is somebody of the staff.
const SubjectSystem = "urn:mitral:subject"

// ofProgram is the program itself, for what is about nobody who is looked after.
func ofProgram() (records.Ask, error) {
	scopes, err := access.ParseScopes("system/Practitioner.crus")
	return records.Ask{Who: access.Who{Kind: access.System, ID: "people", Name: "Mitral", Scopes: scopes}}, err
}

// Practitioner returns the reference by which records name a member of staff, "Practitioner/x". Whoever has
// none yet gets one, with the name that colleagues know.
func (p *People) Practitioner(ctx context.Context, subject, name string) (ref string, err error) {
	find := func(tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT practitioner FROM people_staff WHERE subject = $1`, subject).Scan(&ref)
	}
	if err = p.Store.Read(ctx, find); !errors.Is(err, db.ErrNoRows) {
		return "Practitioner/" + ref, err
	}
	ask, err := ofProgram()
	if err != nil {
		return "", err
	}
	o, m, s := resource.O, resource.M, resource.S
	n := o(m("resourceType", s("Practitioner")), m("active", resource.B(true)),
		m("identifier", resource.A(o(m("system", s(SubjectSystem)), m("value", s(subject))))),
		m("name", resource.A(o(m("text", s(name))))))
	err = p.Records.Do(ctx, ask, func(t *records.Tx) error {
		made, err := t.Create(ctx, &n)
		if err != nil {
			return err
		}
		ref = made.ID
		_, err = t.Beside().Exec(ctx, `INSERT INTO people_staff (subject, practitioner) VALUES ($1, $2)`, subject, made.ID)
		return err
	})
	if db.IsUnique(err) { // another request of theirs, at the same moment
		err = p.Store.Read(ctx, find)
	}
	return "Practitioner/" + ref, err
}

// Employ says which Practitioner a member of staff is, for invented data and for centres that bring their own.
func (p *People) Employ(ctx context.Context, subject, practitioner string) error {
	return p.Store.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM people_staff WHERE subject = $1 OR practitioner = $2`, subject, practitioner); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO people_staff (subject, practitioner) VALUES ($1, $2)`, subject, practitioner)
		return err
	})
}

// Staff are the references of everybody of the staff who has one, "Practitioner/x", in the caller's transaction.
func (p *People) Staff(ctx context.Context, tx db.Tx) (refs []string, err error) {
	rows, err := tx.Query(ctx, `SELECT practitioner FROM people_staff ORDER BY practitioner`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		refs = append(refs, "Practitioner/"+id)
	}
	return refs, rows.Err()
}
