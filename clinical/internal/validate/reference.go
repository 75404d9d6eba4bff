package validate

import (
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// held is a contained resource.
type held struct {
	node    *resource.Node
	outward bool // it refers to its container
}

// collect prepares looking up #ids.
func (r *run) collect(n *resource.Node) {
	list := n.Get("contained")
	if list == nil || list.Kind != resource.Array {
		return
	}
	r.contained = make(map[string]*held, len(list.Kids))
	for i := range list.Kids {
		c := &list.Kids[i]
		id := c.ID()
		if id != "" && r.contained[id] != nil {
			r.push("contained", i)
			r.errorAt("id", outcome.Duplicate, "Two contained resources have the id "+quoted(id)+".")
			r.pop()
		}
		r.contained[id] = &held{node: c}
	}
}

// inside looks at what a contained resource must not have (dom-2, dom-4, dom-5).
func (r *run) inside(n *resource.Node) {
	id := n.ID()
	if id == "" {
		r.errorAt("id", outcome.Required, "A contained resource must have an id.")
	}
	if h := r.contained[id]; h != nil {
		h.outward = r.toContainer
	}
	if n.Get("contained") != nil {
		r.errorAt("contained", outcome.Invariant, "A contained resource must not contain others (dom-2).")
	}
	meta := n.Get("meta")
	for _, name := range []string{"versionId", "lastUpdated"} {
		if meta.Get(name) != nil {
			r.errorAt("meta."+name, outcome.Invariant, "A contained resource must have no version of its own (dom-4).")
		}
	}
	if meta.Get("security") != nil {
		r.errorAt("meta.security", outcome.Invariant, "A contained resource must have no security label of its own (dom-5).")
	}
}

// unreferenced looks for contained resources that nothing refers to (dom-3).
func (r *run) unreferenced() {
	if len(r.contained) == 0 {
		return
	}
	said := make(map[string]bool, len(r.local))
	for _, l := range r.local {
		said[l[1:]] = true
	}
	list := r.root.Get("contained").Kids
	for i := range list {
		id := list[i].ID()
		if h := r.contained[id]; id != "" && !said[id] && !h.outward {
			r.push("contained", i)
			r.error(outcome.Invariant, "Nothing refers to the contained resource (dom-3).")
			r.pop()
		}
	}
}

// reference looks at what a Reference points at.
func (r *run) reference(n *resource.Node, ref *spec.TypeRef) {
	text := n.Get("reference").Str()
	typ := ""
	switch {
	case text == "":
	case text[0] == '#':
		typ = r.containedType(text)
	case strings.Contains(text, ":"): // an absolute address; what is there is not known
	default:
		var ok bool
		if typ, ok = relative(text); !ok {
			r.errorAt("reference", outcome.Value, "A reference must be an address, Type/id or #id.")
			return
		}
		if !r.isResource(typ) {
			r.errorAt("reference", outcome.Value, "R4 has no resource type "+quoted(typ)+".")
			return
		}
	}
	r.target("reference", typ, ref)
	said := n.Get("type").Str()
	if said == "" || !r.isResource(said) {
		return // an address of a logical model, for one
	}
	r.target("type", said, ref)
	if typ != "" && typ != said {
		r.errorAt("type", outcome.Value, "The reference is to "+typ+", not to "+said+".")
	}
}

func (r *run) isResource(name string) bool {
	p := r.plans.byName[name]
	return p != nil && p.typ.Kind == spec.Resource && !p.typ.Abstract
}

// whose are the elements by which a resource belongs to a record. Pointing elsewhere with one of them
// refuses it; with another it is a warning, as HL7's own published examples do it (Observation.performer
// is an Encounter, DeviceMetric.parent a DeviceDefinition).
var whose = words("beneficiary context encounter individual patient subject subscriber")

// target looks whether the element that the run is at may point at typ.
func (r *run) target(name, typ string, ref *spec.TypeRef) {
	if typ == "" || len(ref.Targets) == 0 || slices.Contains(ref.Targets, typ) {
		return
	}
	sev := outcome.Warning
	if whose[r.path[len(r.path)-1].name] {
		sev = outcome.Err
	}
	r.say(sev, outcome.Value, r.at()+"."+name, "This must not refer to "+typ+", only to "+strings.Join(ref.Targets, ", ")+".")
}

// containedType is the type that #id has, "" if there is none (said here, ref-1) or if it is the container's.
func (r *run) containedType(text string) string {
	r.local = append(r.local, text)
	if text == "#" {
		r.toContainer = true
		return ""
	}
	h := r.contained[text[1:]]
	if h == nil {
		r.errorAt("reference", outcome.Invariant, "There is no contained resource of this id (ref-1).")
		return ""
	}
	return h.node.Type()
}

// relative takes Type/id, Type/id/_history/version and the conditional Type?query apart.
func relative(text string) (typ string, ok bool) {
	end := strings.IndexAny(text, "/?")
	if end <= 0 {
		return "", false
	}
	typ, rest := text[:end], text[end+1:]
	if text[end] == '?' {
		return typ, rest != ""
	}
	id, version, versioned := strings.Cut(rest, "/_history/")
	return typ, validID(id) && (!versioned || validID(version))
}
