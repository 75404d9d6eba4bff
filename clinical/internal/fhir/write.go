package fhir

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/bundle"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

// create answers POST to a type; with If-None-Exist only if nothing is there that meets it.
func (c *call) create() error {
	if err := c.unused(); err != nil {
		return err
	}
	n, err := c.valid()
	if err != nil {
		return err
	}
	var unless *search.Query
	if condition := c.r.Header.Get("If-None-Exist"); condition != "" {
		params, err := parameters(strings.TrimPrefix(condition, "?"))
		if err == nil {
			unless, err = c.condition(params)
		}
		if err != nil {
			return err
		}
	}
	var rec records.Record
	err = c.Records.Do(c.ctx(), c.who, func(tx *records.Tx) (err error) {
		if unless != nil {
			old, err := one(tx, c, unless)
			if err != nil {
				return err
			}
			if old != nil {
				rec = *old
				return nil
			}
		}
		fresh := *n
		if unless != nil {
			fresh = n.Clone() // the transaction may run again
		}
		fresh.Remove("id") // the server gives it
		rec, err = tx.Create(c.ctx(), &fresh)
		rec.Created = err == nil
		return err
	})
	if err != nil {
		return err
	}
	return c.stored(rec)
}

// update answers PUT to an id, or to a type with a condition.
func (c *call) update() error {
	n, err := c.valid()
	if err != nil {
		return err
	}
	var which *search.Query
	switch {
	case c.id == "":
		if which, err = c.condition(c.params); err != nil {
			return err
		}
		if id := n.Get("id"); id != nil && !isID(id.Str()) {
			return badID("An id has 1 to 64 letters, digits, dashes and dots.")
		}
	case !isID(c.id):
		return badID("An id has 1 to 64 letters, digits, dashes and dots.")
	case n.ID() != c.id:
		return badID("The resource needs the id that the address has.")
	default:
		if err := c.unused(); err != nil {
			return err
		}
	}
	if validate.IsPart(n) {
		return outcome.New(http.StatusUnprocessableEntity, outcome.BusinessRule, c.typ+".meta.tag", "This is a part of a resource (SUBSETTED). Stored, it would take the rest away.")
	}
	match := ifMatch(c.r.Header)
	if match == records.Any && strings.TrimSpace(c.r.Header.Get("If-None-Match")) == "*" {
		match = records.Missing
	}
	var rec records.Record
	err = c.Records.Do(c.ctx(), c.who, func(tx *records.Tx) (err error) {
		now, met := *n, false
		if which != nil {
			now = n.Clone()
			old, err := one(tx, c, which)
			met = old != nil
			switch {
			case err != nil:
				return err
			case old == nil && now.ID() == "":
				if match != records.Any && match != records.Missing {
					return outcome.New(http.StatusPreconditionFailed, outcome.Conflict, "", "There is no such version.")
				}
				rec, err = tx.Create(c.ctx(), &now)
				rec.Created = err == nil
				return err
			case old != nil && now.ID() == "":
				giveID(&now, old.ID)
			case old != nil && now.ID() != old.ID:
				return badID("The condition finds a resource with another id.")
			}
		}
		only := match
		if which != nil && now.ID() != "" && !met && only == records.Any {
			only = records.Missing // what the condition does not find is not overwritten
		}
		rec, _, err = tx.Update(c.ctx(), &now, only)
		return err
	})
	if err != nil {
		return err
	}
	return c.stored(rec)
}

// remove answers DELETE to an id, or to a type with a condition.
func (c *call) remove() error {
	var which *search.Query
	if c.id == "" {
		var err error
		if which, err = c.condition(c.params); err != nil {
			return err
		}
	} else if err := c.unused(); err != nil {
		return err
	}
	var rec records.Record
	err := c.Records.Do(c.ctx(), c.who, func(tx *records.Tx) (err error) {
		id := c.id
		if which != nil {
			old, err := one(tx, c, which)
			if err != nil {
				return err
			}
			if old == nil {
				rec = records.Record{}
				return nil
			}
			id = old.ID
		}
		rec, err = tx.Delete(c.ctx(), c.typ, id, ifMatch(c.r.Header))
		return err
	})
	if err != nil {
		return err
	}
	if rec.Version > 0 {
		c.w.Header().Set("ETag", etag(rec.Version))
	}
	if c.prefer.give == "OperationOutcome" {
		return send(c.w, http.StatusOK, outcome.JSON(nil), c.form.pretty)
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// stored answers a write.
func (c *call) stored(rec records.Record) error {
	h, status := c.w.Header(), http.StatusOK
	versionHeaders(h, rec)
	h.Set("Content-Location", c.Base+"/"+place(rec))
	if rec.Created {
		status = http.StatusCreated
	}
	if c.r.Method == http.MethodPost || rec.Created {
		h.Set("Location", c.Base+"/"+place(rec))
	}
	switch c.prefer.give {
	case "minimal":
		c.w.WriteHeader(status)
		return nil
	case "OperationOutcome":
		return send(c.w, status, outcome.JSON(nil), c.form.pretty)
	}
	body, err := c.form.cut(rec.Body)
	if err != nil {
		return err
	}
	return send(c.w, status, body, c.form.pretty)
}

// valid reads the body as a valid resource of the address's type.
func (c *call) valid() (*resource.Node, error) {
	n, err := c.node()
	if err != nil {
		return nil, err
	}
	if n.Type() != c.typ {
		return nil, outcome.New(http.StatusBadRequest, outcome.Invalid, "resourceType", "The resource is of another type than the address.")
	}
	if bundle.Conditional(n) != nil {
		return nil, outcome.New(http.StatusBadRequest, outcome.NotSupported, "", "A reference names its target by a search. Send the resource in a transaction, which resolves that.")
	}
	return n, mistakes(n, http.StatusBadRequest)
}

// mistakes refuses a resource that is not valid; warnings are let pass.
func mistakes(n *resource.Node, status int) error {
	var wrong []outcome.Issue
	for _, is := range validate.Resource(n) {
		if is.Severity == outcome.Err || is.Severity == outcome.Fatal {
			wrong = append(wrong, is)
		}
	}
	if wrong == nil {
		return nil
	}
	return &outcome.Error{Status: status, Issues: wrong}
}

// condition reads the search that a write hangs on. An unknown parameter would make it hang on less
// than was meant, so it is read strictly, and one that finds everything is refused.
func (c *call) condition(params url.Values) (*search.Query, error) {
	q, err := search.Parse(c.typ, params, search.Asked{Strict: true, Base: c.Base, Now: c.Clock.Now()})
	if err != nil {
		return nil, err
	}
	if len(q.Where) == 0 {
		return nil, outcome.New(http.StatusPreconditionFailed, outcome.TooCostly, "", "Name an id in the address, or a condition that some resources do not meet.")
	}
	return q, nil
}

// one returns the record that meets q, nil if none does; that several do is refused.
func one(tx *records.Tx, c *call, q *search.Query) (*records.Record, error) {
	if err := tx.Guard(c.ctx(), []*search.Query{q}); err != nil {
		return nil, err
	}
	got, err := tx.Match(c.ctx(), q)
	switch {
	case err != nil:
		return nil, err
	case len(got) > 1:
		return nil, outcome.New(http.StatusPreconditionFailed, outcome.MultipleMatch, "", "More than one resource meets the condition.")
	case len(got) == 0:
		return nil, nil
	}
	return &got[0], nil
}

func badID(text string) error {
	return outcome.New(http.StatusBadRequest, outcome.Value, "id", text)
}

// isID reports a logical id of FHIR.
func isID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// giveID puts the id behind resourceType.
func giveID(n *resource.Node, id string) {
	kids := make([]resource.Node, 0, len(n.Kids)+1)
	for _, k := range n.Kids {
		if k.Name == "id" {
			continue
		}
		kids = append(kids, k)
		if k.Name == "resourceType" {
			kids = append(kids, resource.M("id", resource.S(id)))
		}
	}
	n.Kids = kids
}
