package search

import (
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// reader turns elements into encoded values. out gets each of them; it must not keep the slice.
type reader struct {
	base string // as Options.Base
	fold bool
	tmp  []byte
	out  func(value []byte)
}

func (r *reader) read(k kind, typ string, n *resource.Node) {
	switch k {
	case tokenKind:
		r.token(typ, n)
	case stringKind:
		r.string(typ, n)
	case dateKind:
		if lo, hi, ok := periodOf(typ, n); ok {
			r.tmp = appendPeriod(r.tmp[:0], lo, hi)
			r.out(r.tmp)
		}
	case numberKind, quantityKind:
		r.quantity(k, typ, n)
	case referenceKind:
		r.reference(typ, n)
	case uriKind:
		r.text(n.Str())
	}
}

func (r *reader) text(s string) {
	if s != "" {
		r.tmp = clean(r.tmp[:0], s)
		r.out(r.tmp)
	}
}

// A token is code, fieldEnd, system.
func (r *reader) token(typ string, n *resource.Node) {
	switch typ {
	case "CodeableConcept":
		if codings := n.Get("coding"); codings != nil && codings.Kind == resource.Array {
			for i := range codings.Kids {
				r.token("Coding", &codings.Kids[i])
			}
		}
	case "Coding":
		r.pair(n.Get("code").Str(), n.Get("system").Str())
	case "Identifier":
		r.pair(n.Get("value").Str(), n.Get("system").Str())
	case "ContactPoint":
		value, use, system := n.Get("value").Str(), n.Get("use").Str(), n.Get("system").Str()
		if value == "" {
			return
		}
		if use != "" {
			r.pair(value, use)
		}
		if system != "" || use == "" {
			r.pair(value, system)
		}
	case "code", "boolean":
		if n.Text != "" {
			r.tmp = append(clean(r.tmp[:0], n.Text), fieldEnd, implied)
			r.out(r.tmp)
		}
	default:
		r.pair(n.Text, "")
	}
}

func (r *reader) pair(code, system string) {
	if code == "" && system == "" {
		return
	}
	if r.fold {
		code = strings.ToLower(code)
	}
	r.tmp = clean(append(clean(r.tmp[:0], code), fieldEnd), system)
	r.out(r.tmp)
}

// A string is itself made plain, fieldEnd, and as it was unless it was plain.
func (r *reader) string(typ string, n *resource.Node) {
	switch typ {
	case "HumanName":
		r.strings(n, "text", "family", "given", "prefix", "suffix")
	case "Address":
		r.strings(n, "text", "line", "city", "district", "state", "postalCode", "country")
	case "CodeableConcept":
		r.strings(n, "text")
		for _, c := range n.Get("coding").Each() {
			r.strings(&c, "display")
		}
	case "ContactPoint", "Identifier":
		r.strings(n, "value")
	case "Annotation":
		r.strings(n, "text")
	default:
		if n.Text != "" {
			r.tmp = appendString(r.tmp[:0], n.Text)
			r.out(r.tmp)
		}
	}
}

func (r *reader) strings(n *resource.Node, names ...string) {
	for _, name := range names {
		m := n.Get(name)
		if m == nil {
			continue
		}
		if m.Kind != resource.Array {
			r.string("string", m)
			continue
		}
		for i := range m.Kids {
			r.string("string", &m.Kids[i])
		}
	}
}

// appendString appends the value of a string.
func appendString(b []byte, s string) []byte {
	at := len(b)
	b = plain(b, s)
	same := string(b[at:]) == s
	b = append(b, fieldEnd)
	if !same {
		b = clean(b, s)
	}
	return b
}

func periodOf(typ string, n *resource.Node) (lo, hi int64, ok bool) {
	switch typ {
	case "Period":
		start, end := n.Get("start").Str(), n.Get("end").Str()
		lo, hi, ok = always, never, start != "" || end != ""
		if start != "" {
			lo, _, ok = period(start)
		}
		if ok && end != "" {
			_, hi, ok = period(end)
		}
		return lo, hi, ok && lo <= hi
	case "Timing": // only its outer limits matter
		lo, hi = never, always
		for _, e := range n.Get("event").Each() {
			if l, h, is := period(e.Str()); is {
				lo, hi, ok = min(lo, l), max(hi, h), true
			}
		}
		if bounds := n.Path("repeat", "boundsPeriod"); bounds != nil {
			if l, h, is := periodOf("Period", bounds); is {
				lo, hi, ok = min(lo, l), max(hi, h), true
			}
		}
		return lo, hi, ok
	}
	return period(n.Str())
}

// A reference is what it points at, fieldEnd, and the version of a canonical.
func (r *reader) reference(typ string, n *resource.Node) {
	target, version := "", ""
	switch {
	case typ == "Reference":
		target, _ = localRef(n.Get("reference").Str(), r.base)
	case n.Kind == resource.Object: // a resource that stands there itself
		if n.Type() != "" && n.ID() != "" {
			target = n.Type() + "/" + n.ID()
		}
	default:
		target, version, _ = strings.Cut(n.Str(), "|")
		target, _ = localRef(target, r.base)
	}
	if target == "" || strings.HasPrefix(target, "#") {
		return
	}
	r.tmp = clean(append(clean(r.tmp[:0], target), fieldEnd), version)
	r.out(r.tmp)
}

// localRef is a reference without this server's address and without the version of the record, and
// whether it is to a record here.
func localRef(ref, base string) (string, bool) {
	if base != "" {
		if rest, ok := strings.CutPrefix(ref, base); ok && strings.HasPrefix(rest, "/") {
			ref = rest[1:]
		}
	}
	if i := strings.Index(ref, "/_history/"); i >= 0 {
		ref = ref[:i]
	}
	_, ok := refOf(ref)
	return ref, ok
}

// refOf takes "Type/id" apart.
func refOf(s string) (Ref, bool) {
	typ, id, ok := strings.Cut(s, "/")
	if !ok || typ == "" || typ[0] < 'A' || typ[0] > 'Z' || !isID(id) || plans()[typ] == nil {
		return Ref{}, false
	}
	return Ref{typ, id}, true
}

// isID reports whether s can be a logical id.
func isID(s string) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '.' {
			return false
		}
	}
	return true
}
