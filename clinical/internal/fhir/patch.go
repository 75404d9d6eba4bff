package fhir

import (
	"net/http"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/patch"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
)

// patch answers PATCH to an id, or to a type with a condition.
func (c *call) patch() error {
	kind, err := checkType(c.r.Header, typePatch, typeFHIR, typeJSON)
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	change, err := resource.Parse(b)
	if err != nil {
		return err
	}
	apply := patch.JSON
	if kind != typePatch {
		if apply = patch.FHIRPath; change.Type() != "Parameters" {
			return outcome.New(http.StatusBadRequest, outcome.Invalid, "", "A patch is a Parameters resource, or a JSON Patch sent as "+typePatch+".")
		}
	}
	var which *search.Query
	if c.id == "" {
		if which, err = c.condition(c.params); err != nil {
			return err
		}
	} else if err := c.unused(); err != nil {
		return err
	}
	var rec records.Record
	err = c.Records.Do(c.ctx(), c.who, func(tx *records.Tx) (err error) {
		id := c.id
		if which != nil {
			old, err := one(tx, c, which)
			if err != nil {
				return err
			}
			if old == nil {
				return outcome.Absent()
			}
			id = old.ID
		}
		rec, err = c.change(tx, id, func(doc *resource.Node) (resource.Node, error) { return apply(doc, change) })
		return err
	})
	if err != nil {
		return err
	}
	return c.stored(rec)
}

// change stores what f makes of a record. That it was changed meanwhile by somebody else is a conflict,
// because f has not seen that.
func (c *call) change(tx *records.Tx, id string, f func(*resource.Node) (resource.Node, error)) (records.Record, error) {
	old, err := tx.Read(c.ctx(), c.typ, id)
	if err != nil {
		return old, err
	}
	match := ifMatch(c.r.Header)
	if match != records.Any && match != records.Existing && match != records.IfMatch(old.Version) {
		return old, outcome.New(http.StatusPreconditionFailed, outcome.Conflict, "", "The resource has another version now: "+etag(old.Version)+".")
	}
	doc, err := resource.Parse(old.Body)
	if err != nil {
		return old, err
	}
	changed, err := f(doc)
	if err != nil {
		return old, err
	}
	if err := mistakes(&changed, http.StatusUnprocessableEntity); err != nil {
		return old, err
	}
	rec, err := tx.Patch(c.ctx(), &changed, records.IfMatch(old.Version))
	if e := outcome.Of(err); e != nil && e.Status == http.StatusPreconditionFailed && (match == records.Any || match == records.Existing) {
		err = outcome.New(http.StatusConflict, outcome.Conflict, "", "Somebody else changed this resource at the same time. Look at it again.")
	}
	return rec, err
}
