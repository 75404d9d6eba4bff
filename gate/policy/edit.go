package policy

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mitral-health/mitral/gate/scan"
)

// OwnPack is the name of the pack that is written in the product itself, not in a file.
const OwnPack = "our-own"

const ownFile = OwnPack + ".yaml"

// OwnText is the organisation's own pack before anybody has written in it.
const OwnText = `pack: ` + OwnPack + `
version: 1
title:
  en: Our own rules
  es: Nuestras propias reglas
`

// ownSource is the organisation's own pack as a file. version replaces the number in its text, so that
// nobody has to count.
func ownSource(text string, version int64) (source, error) {
	doc, err := readOwn(text)
	if err != nil {
		return source{}, err
	}
	if h := doc.get("pack"); h == nil || h.Value != OwnPack {
		return source{}, fmt.Errorf("%s:1: this pack is called %q", ownFile, OwnPack)
	}
	doc.set("version", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: fmt.Sprint(version)})
	body, err := doc.text()
	return source{ownFile, []byte(body)}, err
}

// Watch is a rule in the words of somebody who does not write packs.
type Watch struct {
	ID                         string
	Words, Near, Unless        []string // terms
	Kinds                      []string // empty is every kind of text
	Severity                   scan.Severity
	ReasonEN, ReasonES         string
	SuggestionEN, SuggestionES string
	Caught, Passes             string // an example of each; they become tests of the pack
}

// AddWatch writes a rule into the pack's text, with its examples as tests; a rule with the same id is
// replaced.
func AddWatch(text string, w Watch) (string, error) {
	return edit(text, func(doc mapping) error {
		rule := object("id", w.ID, "kind", "own", "severity", w.Severity.String())
		if len(w.Kinds) > 0 {
			rule.set("when", object("kind", w.Kinds).Node)
		}
		match := object("any", w.Words)
		if len(w.Near) > 0 {
			match.set("near", sequence(object("any", w.Near, "n", "12").Node))
		}
		if len(w.Unless) > 0 {
			match.set("not", sequence(object("any", w.Unless, "n", "12").Node))
		}
		rule.set("match", match.Node)
		rule.set("reason", object("en", w.ReasonEN, "es", w.ReasonES).Node)
		if w.SuggestionEN != "" {
			rule.set("suggestion", object("en", w.SuggestionEN, "es", w.SuggestionES).Node)
		}
		doc.put("rules", "id", rule)
		kind := scan.Post
		if len(w.Kinds) > 0 {
			kind = w.Kinds[0]
		}
		if w.Caught != "" {
			doc.put("tests", "text", object("text", w.Caught, "kind", kind, "verdict", w.Severity.String(), "rules", []string{w.ID}))
		}
		if w.Passes != "" {
			doc.put("tests", "text", object("text", w.Passes, "kind", kind, "verdict", "allow"))
		}
		return nil
	})
}

// SetSeverity changes how strict another pack's rule is: "core/date-care".
func SetSeverity(text, rule string, s scan.Severity, why string) (string, error) {
	return edit(text, func(doc mapping) error {
		doc.put("override", "rule", object("rule", rule, "severity", s.String(), "why", why))
		return nil
	})
}

// The sorts of things that Allow lets pass.
const (
	AllowStaff    = "staff"
	AllowPhone    = "phones"
	AllowPlace    = "places"
	AllowHandle   = "handles"
	AllowName     = "public"
	AllowTemplate = "templates"
)

// Allow lets something of the organisation's own pass. A template is stored as the hash of its
// letters and digits: exactly that text passes, whatever rules say.
func Allow(text, sort, value string) (string, error) {
	if sort == AllowTemplate {
		value = scan.TemplateHash(value)
	}
	return edit(text, func(doc mapping) error {
		allow := doc.get("allow")
		if allow == nil {
			allow = object().Node
			doc.set("allow", allow)
		}
		have := mapping{allow}.get(sort)
		if have == nil {
			have = sequence()
			mapping{allow}.set(sort, have)
		}
		if slices.ContainsFunc(have.Content, func(n *yaml.Node) bool { return n.Value == value }) {
			return nil
		}
		have.Content = append(have.Content, scalarNode(value))
		return nil
	})
}

func edit(text string, change func(mapping) error) (string, error) {
	doc, err := readOwn(text)
	if err != nil {
		return "", err
	}
	if err := change(doc); err != nil {
		return "", err
	}
	return doc.text()
}

// mapping is a YAML mapping.
type mapping struct{ *yaml.Node }

func readOwn(text string) (mapping, error) {
	if len(text) > maxFile {
		return mapping{}, fmt.Errorf("%s: larger than %d KiB", ownFile, maxFile>>10)
	}
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil {
		return mapping{}, located(ownFile, err)
	}
	if n := anchored(&root); n != nil {
		return mapping{}, fmt.Errorf("%s:%d: anchors and references are not used in packs", ownFile, n.Line)
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return mapping{}, fmt.Errorf("%s:1: a pack is a list of keys and values", ownFile)
	}
	return mapping{root.Content[0]}, nil
}

func (n mapping) text() (string, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	err := enc.Encode(n.Node)
	return b.String(), err
}

func (n mapping) get(key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func (n mapping) set(key string, v *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = v
			return
		}
	}
	n.Content = append(n.Content, scalarNode(key), v)
}

// put adds an element to the list called key, or replaces the one with the same value of by.
func (n mapping) put(key, by string, element mapping) {
	all := n.get(key)
	if all == nil || all.Kind != yaml.SequenceNode {
		all = sequence()
		n.set(key, all)
	}
	for i, have := range all.Content {
		if v := (mapping{have}).get(by); v != nil && v.Value == element.get(by).Value {
			all.Content[i] = element.Node
			return
		}
	}
	all.Content = append(all.Content, element.Node)
}

// object makes a mapping of keys with a text or a list of texts each.
func object(pairs ...any) mapping {
	n := mapping{&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		key := pairs[i].(string)
		switch v := pairs[i+1].(type) {
		case string:
			n.set(key, scalarNode(v))
		case []string:
			l := sequence()
			for _, s := range v {
				l.Content = append(l.Content, scalarNode(s))
			}
			n.set(key, l)
		}
	}
	return n
}

func sequence(elements ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: elements}
}

func scalarNode(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	if s != "" && strings.Trim(s, "0123456789") == "" && len(s) < 4 {
		n.Tag, n.Style = "!!int", 0
	}
	return n
}
