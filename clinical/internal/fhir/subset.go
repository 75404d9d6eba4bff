package fhir

import (
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

// cut returns the part of a resource that _summary and _elements ask for, tagged as a part; the
// resource itself if they ask for all.
func (f form) cut(body []byte) ([]byte, error) {
	if body == nil || (f.summary == "" || f.summary == "count") && len(f.elements) == 0 {
		return body, nil
	}
	n, err := resource.Parse(body)
	if err != nil {
		return nil, err
	}
	t := spec.R4().Type(n.Type())
	if t == nil {
		return body, nil
	}
	kept := n.Kids[:0]
	for _, k := range n.Kids {
		if f.keeps(t, k.Name) {
			kept = append(kept, k)
		}
	}
	n.Kids = kept
	if f.summary == "true" {
		summarise(n, t)
	}
	subsetted(n)
	return n.Bytes(), nil
}

// keeps says whether a top-level member stays. What is mandatory always does, so that the part is a
// valid resource, and what changes the meaning of the rest.
func (f form) keeps(t *spec.Type, name string) bool {
	bare := name
	if bare != "" && bare[0] == '_' {
		bare = bare[1:]
	}
	switch bare {
	case "resourceType", "id", "meta":
		return true
	}
	e, _ := t.Element(bare)
	if e == nil {
		return false
	}
	must := e.Min > 0 || e.Modifier
	if len(f.elements) > 0 && !must && !slices.Contains(f.elements, e.Name) && !slices.Contains(f.elements, bare) {
		return false
	}
	switch f.summary {
	case "true":
		return e.Summary || must
	case "text":
		return bare == "text" || must
	case "data":
		return bare != "text"
	}
	return true
}

// summarise takes what is no summary out of a resource's parts, level by level. Data types stay whole.
func summarise(n *resource.Node, t *spec.Type) {
	for i := range n.Kids {
		k := &n.Kids[i]
		_, of := t.Element(k.Name)
		if of == nil || of.Kind != spec.Backbone {
			continue
		}
		parts := []resource.Node{*k}
		if k.Kind == resource.Array {
			parts = k.Kids
		}
		for j := range parts {
			kept := parts[j].Kids[:0]
			for _, m := range parts[j].Kids {
				bare := m.Name
				if bare != "" && bare[0] == '_' {
					bare = bare[1:]
				}
				if e, _ := of.Element(bare); e != nil && (e.Summary || e.Min > 0 || e.Modifier) {
					kept = append(kept, m)
				}
			}
			parts[j].Kids = kept
			summarise(&parts[j], of)
		}
		if k.Kind != resource.Array {
			*k = parts[0]
		}
	}
}

// subsetted marks n as a part, so that nobody stores it as the whole.
func subsetted(n *resource.Node) {
	tag := resource.O(resource.M("system", resource.S(validate.PartSystem)), resource.M("code", resource.S("SUBSETTED")))
	meta := resource.O()
	if m := n.Get("meta"); m != nil {
		meta = m.Clone()
	}
	tags := resource.A()
	if old := meta.Get("tag"); old != nil {
		tags = resource.A(old.Clone().Kids...)
	}
	if validate.IsPart(n) {
		return
	}
	tags.Kids = append(tags.Kids, tag)
	meta.Set("tag", tags)
	n.Set("meta", meta)
}
