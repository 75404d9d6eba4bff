package search

import (
	"bytes"

	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// referenceWant reads "id", "Type/id" and an address, with a type by modifier ("subject:Patient") or "".
func referenceWant(v view, targets []string, s, typ, base string) (want, string) {
	s = unescape(s)
	if s == "" {
		return want{}, "is empty"
	}
	none := want{exact: [][]byte{}}
	target, here := localRef(s, base)
	if !here && isID(target) {
		w := want{exact: [][]byte{}}
		if !v.onlyReferences() {
			w.exact = append(w.exact, refValue(target, ""))
		}
		for _, t := range among(targets, v.only, typ) {
			w.exact = append(w.exact, refValue(t+"/"+target, ""))
		}
		return w, ""
	}
	if here {
		ref, _ := refOf(target)
		if typ != "" && typ != ref.Type || v.only != "" && v.only != ref.Type {
			return none, ""
		}
		if v.onlyReferences() {
			return want{exact: [][]byte{refValue(target, "")}}, ""
		}
	}
	for _, t := range []string{typ, v.only} {
		if t != "" && !here && !pointsAt(target, t) {
			return none, ""
		}
	}
	version := ""
	if parts := cutUnescaped(s, '|'); len(parts) == 2 && !v.onlyReferences() {
		target, version = parts[0], parts[1]
		target, _ = localRef(target, base)
		return want{exact: [][]byte{refValue(target, version)}}, ""
	}
	if v.onlyReferences() {
		return want{exact: [][]byte{refValue(target, "")}}, ""
	}
	p := refValue(target, "")
	return wantPrefix(p, func(have []byte) bool { return bytes.HasPrefix(have, p) }), ""
}

func refValue(target, version string) []byte {
	return clean(append(clean(nil, target), fieldEnd), version)
}

// among is the types that an id alone may be of.
func among(targets []string, only, typ string) []string {
	for _, t := range []string{typ, only} {
		if t == "" {
			continue
		}
		if typ != "" && only != "" && typ != only {
			return nil
		}
		return []string{t}
	}
	if targets == nil {
		return spec.R4().Resources()
	}
	return targets
}

// pointsAt reports whether an address elsewhere ends in Type/id.
func pointsAt(address, typ string) bool {
	i := bytes.LastIndexByte([]byte(address), '/')
	return i >= 0 && bytes.HasSuffix([]byte(address[:i]), []byte("/"+typ))
}

func (v view) onlyReferences() bool {
	for i := range v.paths {
		if v.paths[i].typ.Name != "Reference" {
			return false
		}
	}
	return true
}

// values is the range of the values that v sees.
func (v view) values() Range {
	if v.only == "" {
		return all(v.space)
	}
	return starting(v.space, []byte(v.only+"/"))
}

// refs calls f with each record here that a record with terms t refers to through v.
func (v view) refs(t Terms, f func(Ref)) {
	for k := range t.each(v.values()) {
		target, _ := field(k[len(v.space):])
		if ref, ok := refOf(string(target)); ok {
			f(ref)
		}
	}
}
