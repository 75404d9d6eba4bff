// Package patch changes a resource as a patch says: JSON Patch (RFC 6902) and R4's FHIRPath Patch
// (http://hl7.org/fhir/R4/fhirpatch.html). May import outcome, resource, spec and fhirpath.
//
// The document given is never changed. A patch is done whole or not at all. The type and the id of a
// resource stay as they are. Arrays and objects that a patch leaves empty go, since FHIR has none.
// Otherwise the result may be wrong: whoever stores it validates it. Work and growth are bounded.
//
// What is refused is an *outcome.Error: 400 for a patch that is wrong in itself, 422 for one that does
// not fit the document.
package patch

import (
	"net/http"
	"strconv"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// MaxOperations is how many operations a patch may have.
const MaxOperations = 500

// maxGrowth is by how many bytes, roughly, a patch may let a document grow through copies.
const maxGrowth = 4 << 20

// wrong refuses a patch that no document could fit.
func wrong(text string) *outcome.Error {
	return outcome.New(http.StatusBadRequest, outcome.Invalid, "", text)
}

// unfit refuses a patch because of the document.
func unfit(text string) *outcome.Error {
	return outcome.New(http.StatusUnprocessableEntity, outcome.Processing, "", text)
}

func costly(text string) *outcome.Error {
	return outcome.New(http.StatusUnprocessableEntity, outcome.TooCostly, "", text)
}

// numbered says which operation an error is about; i counts from 0.
func numbered(err error, i int, expression string) error {
	e := outcome.Of(err)
	if e == nil {
		return err
	}
	out := &outcome.Error{Status: e.Status}
	for _, is := range e.Issues {
		is.Diagnostics, is.Expression = "Operation "+strconv.Itoa(i+1)+": "+is.Diagnostics, expression
		out.Issues = append(out.Issues, is)
	}
	return out
}

// finish takes what is empty out of the patched document and holds it to what a patch may not do.
func finish(doc, patched *resource.Node) (resource.Node, error) {
	prune(patched)
	switch {
	case patched.Kind != resource.Object || patched.Type() != doc.Type():
		return resource.Node{}, unfit("A patch may not change the type of a resource.")
	case patched.ID() != doc.ID() || (patched.Get("id") == nil) != (doc.Get("id") == nil):
		return resource.Node{}, unfit("A patch may not change the id of a resource.")
	case depth(patched, 0) > resource.MaxDepth:
		return resource.Node{}, unfit("The patched resource nests too deep.")
	}
	patched.Name = doc.Name
	return *patched, nil
}

// depth is how deep n nests, as far as that matters.
func depth(n *resource.Node, at int) int {
	deepest := at
	if at > resource.MaxDepth {
		return at
	}
	for i := range n.Kids {
		deepest = max(deepest, depth(&n.Kids[i], at+1))
	}
	return deepest
}

// prune takes empty arrays and objects away. In an array that lies beside primitives (_given) an
// empty place is null, and an array of such places only is empty.
func prune(n *resource.Node) {
	kept, places := n.Kids[:0], 0
	for i := range n.Kids {
		kid := n.Kids[i]
		prune(&kid)
		switch {
		case kid.Kind < resource.Object || len(kid.Kids) > 0:
		case n.Kind == resource.Array && len(n.Name) > 0 && n.Name[0] == '_':
			kid = resource.Node{}
		default:
			continue
		}
		if kid.Kind == resource.Null {
			places++
		}
		kept = append(kept, kid)
	}
	if n.Kind == resource.Array && len(n.Name) > 0 && n.Name[0] == '_' && places == len(kept) {
		kept = nil
	}
	clear(n.Kids[len(kept):])
	n.Kids = kept
}
