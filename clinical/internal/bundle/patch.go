package bundle

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/patch"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// patch changes a resource that is there.
func (w *work) patch(i int) error {
	s := &w.steps[i]
	if s.Method != "PATCH" {
		return nil
	}
	id := s.ID
	if id == "" {
		found, err := w.find(w.conditions.steps[i])
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return outcome.Absent()
		case len(found) > 1:
			return several()
		}
		id = found[0].key[len(s.Type)+1:]
	}
	if err := w.claim(i, s.Type+"/"+id); err != nil {
		return err
	}
	version, err := matching(s.IfMatch)
	if err != nil {
		return err
	}
	rec, err := w.tx.Read(w.ctx, s.Type, id)
	if err != nil {
		return err
	}
	if version > 0 && int64(version) != rec.Version {
		return outcome.New(http.StatusPreconditionFailed, outcome.Conflict, "", "The resource has another version than the one that this patch is meant for.")
	}
	doc, err := resource.Parse(rec.Body)
	if err != nil {
		return err
	}
	changed, err := apply(doc, s.Resource)
	if err != nil {
		return err
	}
	w.links.Rewrite(&changed, "")
	if err := w.resolve(i, &changed); err != nil {
		return err
	}
	if found := mistakes(&changed); len(found) > 0 {
		return &outcome.Error{Status: http.StatusUnprocessableEntity, Issues: within(&s.Request, found)}
	}
	stored, err := w.tx.Patch(w.ctx, &changed, records.IfMatch(rec.Version)) // what was patched, and nothing that came meanwhile
	if e := outcome.Of(err); e != nil && e.Status == http.StatusPreconditionFailed && version <= 0 {
		return outcome.New(http.StatusConflict, outcome.Conflict, "", "Somebody else changed this resource at the same time.")
	}
	if err == nil {
		w.results[i] = written(stored)
	}
	return err
}

// apply applies what a PATCH entry brings: Parameters, or a Binary that holds a JSON Patch.
func apply(doc, with *resource.Node) (resource.Node, error) {
	const what = "A patch is a Parameters resource or a Binary of the type application/json-patch+json."
	if with.Type() == "Parameters" {
		return patch.FHIRPath(doc, with)
	}
	kind, _, _ := strings.Cut(with.Get("contentType").Str(), ";")
	if with.Type() != "Binary" || strings.TrimSpace(kind) != "application/json-patch+json" {
		return resource.Node{}, outcome.New(http.StatusBadRequest, outcome.NotSupported, "", what)
	}
	text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(with.Get("data").Str()), ""))
	if err != nil {
		return resource.Node{}, outcome.New(http.StatusBadRequest, outcome.Value, "", what)
	}
	operations, err := resource.Parse(text)
	if err != nil {
		return resource.Node{}, err
	}
	return patch.JSON(doc, operations)
}
