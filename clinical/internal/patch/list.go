package patch

import (
	"regexp"
	"strconv"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// list finds the list that a path names. Its items must be all of one list, so that an index means
// one thing. found is false if there are none.
func (op *operation) list(root *resource.Node) (at place, n int, found bool, err error) {
	_, places, err := op.find(root, op.path)
	if err != nil || len(places) == 0 {
		return place{}, 0, false, err
	}
	at = places[0]
	if at.object == nil || at.index < 0 {
		return at, 0, false, unfit("«" + op.path + "» is no list.")
	}
	n = length(at.object, at.name)
	for i, p := range places {
		if p.object != at.object || p.name != at.name || p.index != i || len(places) != n {
			return at, 0, false, unfit("«" + op.path + "» has to give one whole list.")
		}
	}
	return at, n, true, nil
}

// member splits a path into what has the list, and the list's name.
var member = regexp.MustCompile(`^(.*)\.([A-Za-z]+)$`)

func (op *operation) insert(root *resource.Node) error {
	at, n, found, err := op.list(root)
	if err != nil {
		return err
	}
	if *op.index > n {
		return unfit("there is no place " + strconv.Itoa(*op.index) + " in a list of " + strconv.Itoa(n) + ".")
	}
	if found {
		if at.typ == nil {
			return unfit("«" + op.path + "» is in nothing that R4 defines.")
		}
		return addTo(at.object, at.typ, at.name, op.value, *op.index)
	}
	split := member.FindStringSubmatch(op.path) // the first item of a list that is not there yet
	if split == nil {
		return unfit("«" + op.path + "» finds nothing in the resource.")
	}
	it, parent, err := op.one(root, split[1])
	if err != nil {
		return err
	}
	obj, t := parent.inside(it)
	if obj == nil || t == nil {
		return unfit("nothing can be inserted into «" + op.path + "».")
	}
	if e := t.ByName(split[2]); e != nil && e.Max == 1 {
		return unfit("«" + op.path + "» is no list.")
	}
	return addTo(obj, t, split[2], op.value, -1)
}

func (op *operation) move(root *resource.Node) error {
	at, n, found, err := op.list(root)
	switch {
	case err != nil:
		return err
	case !found:
		return unfit("«" + op.path + "» finds nothing in the resource.")
	case *op.source >= n || *op.destination >= n:
		return unfit("a list of " + strconv.Itoa(n) + " has no place " + strconv.Itoa(max(*op.source, *op.destination)) + ".")
	}
	for _, name := range []string{at.name, "_" + at.name} {
		array := at.object.Get(name)
		if array == nil {
			continue
		}
		pad(at.object, name, &resource.Node{Kids: make([]resource.Node, n)})
		v := array.Kids[*op.source]
		removeAt(array, *op.source)
		insertAt(array, *op.destination, v)
	}
	return nil
}
