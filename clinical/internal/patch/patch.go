// Package patch changes a resource as a patch says: JSON Patch (RFC 6902) and R4's FHIRPath Patch
// (http://hl7.org/fhir/R4/fhirpatch.html). May import outcome, resource, spec and fhirpath.
//
// The document given is never changed. A patch is done whole or not at all. The type and the id of a
// resource stay as they are; whoever stores the result validates it.
package patch

import (
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// JSON applies a JSON Patch: the array of its operations. What it refuses is an *outcome.Error: 400
// for a patch that is wrong in itself, 422 for one that does not fit the document.
func JSON(doc, ops *resource.Node) (resource.Node, error) {
	return resource.Node{}, outcome.New(422, outcome.NotSupported, "", "JSON Patch is not applied yet.")
}

// FHIRPath applies a FHIRPath Patch: a Parameters resource. It refuses as JSON does.
func FHIRPath(doc, params *resource.Node) (resource.Node, error) {
	return resource.Node{}, outcome.New(422, outcome.NotSupported, "", "FHIRPath Patch is not applied yet.")
}
