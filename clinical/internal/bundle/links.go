package bundle

import (
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// Links says where the resources of a bundle come to lie: from an entry's fullUrl to "Patient/12".
type Links map[string]string

// Rewrite points every link in n at where its target lies: references, elements of the types uri,
// url, oid and uuid, and the links and images of the narrative, as the standard asks
// (http://hl7.org/fhir/R4/http.html#trules). A canonical stays as it is. fullURL is that of n's own
// entry: relative references count from it. It reports whether it changed anything.
func (l Links) Rewrite(n *resource.Node, fullURL string) bool {
	if len(l) == 0 {
		return false
	}
	w := rewriter{links: l, base: restBase(fullURL)}
	w.walk(n, true)
	return w.changed
}

// restBase returns "http://server/fhir" for "http://server/fhir/Patient/12" and "" for what is no
// address of a resource on a server.
func restBase(fullURL string) string {
	if !strings.HasPrefix(fullURL, "http://") && !strings.HasPrefix(fullURL, "https://") {
		return ""
	}
	i := strings.LastIndexByte(fullURL, '/')
	j := strings.LastIndexByte(fullURL[:i], '/')
	if j < 0 || !spec.R4().IsResource(fullURL[j+1:i]) || !idPattern.MatchString(fullURL[i+1:]) {
		return ""
	}
	return fullURL[:j]
}

type rewriter struct {
	links   Links
	base    string
	trail   []*resource.Node // objects from the root to where we are
	changed bool
}

func (w *rewriter) walk(n *resource.Node, root bool) {
	if n.Kind == resource.Object {
		if !root && n.Type() == "Bundle" {
			return // a bundle within has links of its own
		}
		w.trail = append(w.trail, n)
		defer func() { w.trail = w.trail[:len(w.trail)-1] }()
	}
	for i := range n.Kids {
		k := &n.Kids[i]
		switch k.Kind {
		case resource.Array:
			for j := range k.Kids {
				if k.Kids[j].Kind == resource.String {
					w.text(&k.Kids[j], k.Name)
				}
			}
			w.walk(k, false)
		case resource.Object:
			w.walk(k, false)
		case resource.String:
			if n.Kind == resource.Object {
				w.text(k, k.Name)
			}
		}
	}
}

// text looks at one string, which is the value of the member called name.
func (w *rewriter) text(n *resource.Node, name string) {
	if name == "div" {
		w.narrative(n)
		return
	}
	to, ok := w.target(n.Text, name == "reference")
	if !ok || name != "reference" && !w.isURI(name) {
		return
	}
	n.Text, w.changed = to, true
}

// target returns what a link should say.
func (w *rewriter) target(link string, relative bool) (string, bool) {
	bare, part, cut := strings.Cut(link, "#")
	if bare == "" {
		return "", false // within the resource
	}
	to, ok := w.links[bare]
	if !ok && relative && w.base != "" && !strings.Contains(bare, ":") {
		to, ok = w.links[w.base+"/"+bare]
	}
	if ok && cut {
		to += "#" + part
	}
	return to, ok && to != link
}

// isURI reports whether the member called name, where we are, is of a type that links are found in.
func (w *rewriter) isURI(name string) bool {
	start := len(w.trail) - 1
	for start > 0 && w.trail[start].Type() == "" {
		start--
	}
	t := spec.R4().Type(w.trail[start].Type())
	for _, n := range w.trail[start+1:] {
		if t == nil {
			return false
		}
		called := n.Name
		if called == "" {
			called = w.arrayOf(n)
		}
		_, t = t.Element(called)
	}
	if t == nil {
		return false
	}
	_, t = t.Element(name)
	if t == nil {
		return false
	}
	switch t.Name {
	case "uri", "url", "oid", "uuid":
		return true
	}
	return false
}

// arrayOf returns the name of the array that holds n, an object on the trail.
func (w *rewriter) arrayOf(n *resource.Node) string {
	for i := 1; i < len(w.trail); i++ {
		if w.trail[i] != n {
			continue
		}
		for k := range w.trail[i-1].Kids {
			list := &w.trail[i-1].Kids[k]
			if list.Kind == resource.Array && len(list.Kids) > 0 {
				for j := range list.Kids {
					if &list.Kids[j] == n {
						return list.Name
					}
				}
			}
		}
	}
	return ""
}

// narrative rewrites the links and images of an XHTML text.
func (w *rewriter) narrative(n *resource.Node) {
	var out strings.Builder
	rest := n.Text
	for {
		at, attribute := nextLink(rest)
		if at < 0 {
			break
		}
		quote := rest[at+len(attribute)]
		from := at + len(attribute) + 1
		length := strings.IndexByte(rest[from:], quote)
		if length < 0 {
			break
		}
		out.WriteString(rest[:from])
		link := rest[from : from+length]
		if to, ok := w.target(link, true); ok {
			link, w.changed = to, true
		}
		out.WriteString(link)
		rest = rest[from+length:]
	}
	if out.Len() > 0 {
		n.Text = out.String() + rest
	}
}

// nextLink finds the next href= or src= with a quoted value.
func nextLink(s string) (at int, attribute string) {
	at = -1
	for _, a := range []string{"href=", "src="} {
		for from := 0; ; {
			i := strings.Index(s[from:], a)
			if i < 0 {
				break
			}
			i += from
			end := i + len(a)
			if end < len(s) && (s[end] == '"' || s[end] == '\'') {
				if at < 0 || i < at {
					at, attribute = i, a
				}
				break
			}
			from = end
		}
	}
	return at, attribute
}

// Conditional returns the references of n that name their target by a search, such as
// "Practitioner?identifier=http://x|12", each once.
func Conditional(n *resource.Node) []string {
	var found []string
	seen := map[string]bool{}
	eachReference(n, true, func(ref *resource.Node) {
		name, query, ok := strings.Cut(ref.Text, "?")
		if ok && query != "" && !seen[ref.Text] && spec.R4().IsResource(name) {
			seen[ref.Text] = true
			found = append(found, ref.Text)
		}
	})
	return found
}

func eachReference(n *resource.Node, root bool, f func(*resource.Node)) {
	if n.Kind == resource.Object && !root && n.Type() == "Bundle" {
		return
	}
	for i := range n.Kids {
		k := &n.Kids[i]
		switch {
		case k.Kind == resource.String && k.Name == "reference":
			f(k)
		case len(k.Kids) > 0:
			eachReference(k, false, f)
		}
	}
}
