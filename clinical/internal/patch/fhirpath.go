package patch

import (
	"strconv"

	"github.com/mitral-health/mitral/clinical/internal/fhirpath"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// evalSteps is how many FHIRPath steps all operations of a patch may take together, and minSteps what
// each of them has at least.
const (
	evalSteps = 1 << 20
	minSteps  = 4000
)

// FHIRPath applies a FHIRPath Patch: a Parameters resource.
func FHIRPath(doc, params *resource.Node) (resource.Node, error) {
	if params.Type() != "Parameters" {
		return resource.Node{}, wrong("A FHIRPath Patch is a Parameters resource.")
	}
	all := params.Get("parameter").Each()
	if len(all) > MaxOperations {
		return resource.Node{}, costly("A patch may have " + strconv.Itoa(MaxOperations) + " operations at most.")
	}
	root := doc.Clone()
	root.Name = ""
	for i := range all {
		op, err := readOperation(&all[i])
		if err == nil {
			op.steps = max(minSteps, evalSteps/len(all))
			err = op.apply(&root)
		}
		if err != nil {
			return resource.Node{}, numbered(err, i, "Parameters.parameter["+strconv.Itoa(i)+"]")
		}
	}
	return finish(doc, &root)
}

// operation is one operation of a FHIRPath Patch.
type operation struct {
	kind, path, name           string
	value                      *resource.Node // the part that holds it
	index, source, destination *int
	steps                      int
}

func readOperation(param *resource.Node) (op operation, err error) {
	if param.Get("name").Str() != "operation" {
		return op, wrong("the parameter has to be named operation.")
	}
	for _, part := range param.Get("part").Each() {
		var refused *outcome.Error
		switch name := part.Get("name").Str(); name {
		case "type":
			op.kind, refused = textOf(&part, "valueCode", "valueString")
		case "path":
			op.path, refused = textOf(&part, "valueString")
		case "name":
			op.name, refused = textOf(&part, "valueString")
		case "index":
			op.index, refused = numberOf(&part)
		case "source":
			op.source, refused = numberOf(&part)
		case "destination":
			op.destination, refused = numberOf(&part)
		case "value":
			v := part
			op.value = &v
		default:
			refused = wrong("there is no part named «" + name + "».")
		}
		if refused != nil {
			return op, refused
		}
	}
	return op, op.complete()
}

func textOf(part *resource.Node, members ...string) (string, *outcome.Error) {
	for _, m := range members {
		if s := part.Get(m).Str(); s != "" {
			return s, nil
		}
	}
	return "", wrong("the part " + part.Get("name").Str() + " needs a " + members[0] + ".")
}

func numberOf(part *resource.Node) (*int, *outcome.Error) {
	for _, m := range []string{"valueInteger", "valueUnsignedInt", "valuePositiveInt"} {
		if v := part.Get(m); v != nil && v.Kind == resource.Number {
			if i, ok := index(v.Text); ok {
				return &i, nil
			}
		}
	}
	return nil, wrong("the part " + part.Get("name").Str() + " needs a valueInteger that is not negative.")
}

// complete refuses an operation that lacks what its kind needs.
func (op *operation) complete() error {
	needs := map[string][]string{"add": {"name", "value"}, "insert": {"index", "value"}, "delete": {}, "replace": {"value"}, "move": {"source", "destination"}}
	parts, ok := needs[op.kind]
	switch {
	case op.kind == "":
		return wrong("the part type is missing.")
	case !ok:
		return wrong("there is no operation «" + op.kind + "»; there are add, insert, delete, replace and move.")
	case op.path == "":
		return wrong("the part path is missing.")
	}
	have := map[string]bool{"name": op.name != "", "value": op.value != nil, "index": op.index != nil, "source": op.source != nil, "destination": op.destination != nil}
	for _, p := range parts {
		if !have[p] {
			return wrong("«" + op.kind + "» needs the part " + p + ".")
		}
	}
	return nil
}

// find evaluates a path and says where in root its items are.
func (op *operation) find(root *resource.Node, path string) ([]fhirpath.Item, []place, error) {
	e, err := fhirpath.Compile(path)
	if err != nil {
		return nil, nil, err
	}
	items, err := e.Eval(fhirpath.Root(root), &fhirpath.Env{Steps: op.steps, Resolve: func(string) *resource.Node { return nil }})
	if err != nil {
		return nil, nil, err
	}
	places, ok := locate(root, items)
	if !ok {
		return nil, nil, unfit("«" + path + "» gives something that is no element of the resource.")
	}
	return items, places, nil
}

// one is find for a path that must give one item.
func (op *operation) one(root *resource.Node, path string) (fhirpath.Item, place, error) {
	items, places, err := op.find(root, path)
	switch {
	case err != nil:
		return fhirpath.Item{}, place{}, err
	case len(items) == 0:
		return fhirpath.Item{}, place{}, unfit("«" + path + "» finds nothing in the resource.")
	case len(items) > 1:
		return fhirpath.Item{}, place{}, unfit("«" + path + "» finds " + strconv.Itoa(len(items)) + " elements, where one is needed.")
	}
	return items[0], places[0], nil
}

func (op *operation) apply(root *resource.Node) error {
	switch op.kind {
	case "add":
		return op.add(root)
	case "insert":
		return op.insert(root)
	case "move":
		return op.move(root)
	case "replace":
		_, at, err := op.one(root, op.path)
		if err != nil {
			return err
		}
		return at.replace(op.value)
	}
	items, places, err := op.find(root, op.path)
	switch {
	case err != nil:
		return err
	case len(items) > 1:
		return unfit("«" + op.path + "» finds " + strconv.Itoa(len(items)) + " elements; one at a time can be deleted.")
	case len(items) == 1:
		return places[0].remove()
	}
	return nil // what is not there need not be deleted, as the standard has it
}

func (op *operation) add(root *resource.Node) error {
	it, at, err := op.one(root, op.path)
	if err != nil {
		return err
	}
	obj, t := at.inside(it)
	if obj == nil || t == nil {
		return unfit("nothing can be added to «" + op.path + "».")
	}
	return addTo(obj, t, op.name, op.value, -1)
}
