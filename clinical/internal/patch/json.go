package patch

import (
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// JSON applies a JSON Patch: the array of its operations. Numbers keep their digits.
func JSON(doc, ops *resource.Node) (resource.Node, error) {
	if ops == nil || ops.Kind != resource.Array {
		return resource.Node{}, wrong("A JSON Patch is an array of operations.")
	}
	if len(ops.Kids) > MaxOperations {
		return resource.Node{}, costly("A patch may have " + strconv.Itoa(MaxOperations) + " operations at most.")
	}
	e := editor{root: doc.Clone(), growth: maxGrowth}
	for i := range ops.Kids {
		if err := e.apply(&ops.Kids[i]); err != nil {
			return resource.Node{}, numbered(err, i, "")
		}
	}
	return finish(doc, &e.root)
}

// editor is a document that a JSON Patch is being applied to.
type editor struct {
	root   resource.Node
	growth int // bytes that copies may still add
}

// apply does one operation. It returns nil, or why not.
func (e *editor) apply(op *resource.Node) error {
	if op.Kind != resource.Object {
		return wrong("an operation has to be an object.")
	}
	name := op.Get("op").Str()
	path, err := pointerOf(op, "path")
	if err != nil {
		return err
	}
	switch name {
	case "add", "replace", "test":
		value := op.Get("value")
		if value == nil {
			return wrong("«" + name + "» needs a value.")
		}
		switch name {
		case "add":
			return e.add(path, value.Clone())
		case "replace":
			return e.replace(path, value.Clone())
		}
		return e.test(path, value)
	case "remove":
		_, err := e.remove(path)
		return err
	case "move", "copy":
		from, err := pointerOf(op, "from")
		if err != nil {
			return err
		}
		if name == "copy" {
			return e.copy(from, path)
		}
		return e.move(from, path)
	case "":
		return wrong("the member op is missing.")
	}
	return wrong("there is no operation «" + name + "»; there are add, remove, replace, move, copy and test.")
}

func (e *editor) add(p pointer, v resource.Node) error {
	if len(p) == 0 {
		v.Name = ""
		e.root = v
		return nil
	}
	parent, err := p[:len(p)-1].find(&e.root)
	if err != nil {
		return err
	}
	last := p[len(p)-1]
	switch parent.Kind {
	case resource.Object:
		parent.Set(last, v)
		return nil
	case resource.Array:
		at := len(parent.Kids)
		if last != "-" {
			var ok bool
			if at, ok = index(last); !ok || at > len(parent.Kids) {
				return unfit("there is no place " + p.String() + " in an array of " + strconv.Itoa(len(parent.Kids)) + ".")
			}
		}
		insertAt(parent, at, v)
		return nil
	}
	return unfit("there is no object or array at " + p[:len(p)-1].String() + ".")
}

// insertAt puts v into the array at place i.
func insertAt(array *resource.Node, i int, v resource.Node) {
	v.Name = ""
	array.Kids = append(array.Kids, resource.Node{})
	copy(array.Kids[i+1:], array.Kids[i:])
	array.Kids[i] = v
}

// removeAt takes place i out of the array.
func removeAt(array *resource.Node, i int) {
	array.Kids = append(array.Kids[:i], array.Kids[i+1:]...)
}

func (e *editor) remove(p pointer) (resource.Node, error) {
	if len(p) == 0 {
		return resource.Node{}, unfit("the whole resource can't be removed by a patch.")
	}
	target, err := p.find(&e.root)
	if err != nil {
		return resource.Node{}, err
	}
	v := *target
	parent, err := p[:len(p)-1].find(&e.root)
	if err != nil {
		return resource.Node{}, err
	}
	if parent.Kind == resource.Object {
		parent.Remove(p[len(p)-1])
	} else if i, ok := index(p[len(p)-1]); ok {
		removeAt(parent, i)
	}
	return v, nil
}

func (e *editor) replace(p pointer, v resource.Node) error {
	target, err := p.find(&e.root)
	if err != nil {
		return err
	}
	v.Name = target.Name
	*target = v
	return nil
}

func (e *editor) test(p pointer, want *resource.Node) error {
	target, err := p.find(&e.root)
	if err != nil {
		return err
	}
	if !equal(target, want) {
		return unfit("the value at " + p.String() + " is not the one that the test expects.")
	}
	return nil
}

func (e *editor) move(from, to pointer) error {
	if to.below(from) {
		if len(from) == len(to) {
			_, err := from.find(&e.root)
			return err
		}
		return wrong("nothing can be moved into itself.")
	}
	v, err := e.remove(from)
	if err != nil {
		return err
	}
	return e.add(to, v)
}

func (e *editor) copy(from, to pointer) error {
	v, err := from.find(&e.root)
	if err != nil {
		return err
	}
	if e.growth -= weight(v, e.growth); e.growth < 0 {
		return costly("the patch lets the resource grow too much.")
	}
	return e.add(to, v.Clone())
}

// weight is about how many bytes n takes; it stops counting when that is over limit.
func weight(n *resource.Node, limit int) int {
	w := 16 + len(n.Name) + len(n.Text)
	for i := range n.Kids {
		if w > limit {
			break
		}
		w += weight(&n.Kids[i], limit-w)
	}
	return w
}

// pointer is a JSON Pointer (RFC 6901), its parts unescaped.
type pointer []string

func pointerOf(op *resource.Node, member string) (pointer, *outcome.Error) {
	n := op.Get(member)
	if n == nil || n.Kind != resource.String {
		return nil, wrong("the member " + member + " is missing, or no string.")
	}
	if n.Text == "" {
		return nil, nil
	}
	if n.Text[0] != '/' || strings.Count(n.Text, "/") > 4*resource.MaxDepth {
		return nil, wrong("«" + n.Text + "» is no JSON Pointer.")
	}
	parts := strings.Split(n.Text[1:], "/")
	for i, part := range parts {
		rest := strings.ReplaceAll(strings.ReplaceAll(part, "~0", ""), "~1", "")
		if strings.Contains(rest, "~") {
			return nil, wrong("«" + n.Text + "» is no JSON Pointer: ~ has to be written ~0.")
		}
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
	}
	return parts, nil
}

// String writes p as a message has it.
func (p pointer) String() string {
	var b strings.Builder
	b.WriteString("«")
	for _, part := range p {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(part, "~", "~0"), "/", "~1"))
	}
	return b.String() + "»"
}

// find returns what p points at.
func (p pointer) find(n *resource.Node) (*resource.Node, error) {
	for i, part := range p {
		var next *resource.Node
		if n.Kind == resource.Array {
			if at, ok := index(part); ok {
				next = n.At(at)
			}
		} else {
			next = n.Get(part)
		}
		if next == nil {
			return nil, unfit("there is nothing at " + p[:i+1].String() + ".")
		}
		n = next
	}
	return n, nil
}

// below says whether p is from or inside of it.
func (p pointer) below(from pointer) bool {
	if len(p) < len(from) {
		return false
	}
	for i := range from {
		if p[i] != from[i] {
			return false
		}
	}
	return true
}

// index reads a place in an array: digits without a leading zero.
func index(part string) (int, bool) {
	if part == "" || len(part) > 9 || len(part) > 1 && part[0] == '0' || strings.Trim(part, "0123456789") != "" {
		return 0, false
	}
	i, err := strconv.Atoi(part)
	return i, err == nil
}
