package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

type param struct {
	code, kind, url, expression string
	targets                     []string
	components                  []component
}

type component struct {
	code, expression string
}

// params returns the search parameters of each concrete resource type, sorted by code.
func (d *definitions) params(types []*typ) (map[string][]param, error) {
	out := map[string][]param{}
	for _, t := range types {
		if t.kind != resource || t.abstract {
			continue
		}
		code := map[string]string{} // by address
		var composites []int
		for _, sp := range d.search {
			common := slices.Contains(sp.Base, "Resource") || slices.Contains(sp.Base, "DomainResource") && t.base == "DomainResource"
			if sp.Expression == "" || !common && !slices.Contains(sp.Base, t.name) {
				continue
			}
			p := param{code: sp.Code, kind: sp.Type, url: sp.URL, expression: sp.Expression, targets: sp.Target}
			if !common {
				p.expression = forType(sp.Expression, t.name)
				if p.expression == "" && len(sp.Base) == 1 { // a path that leaves its type out
					p.expression = sp.Expression
				}
				if p.expression == "" {
					return nil, fmt.Errorf("%s: nothing for %s in %s", sp.URL, t.name, sp.Expression)
				}
			}
			for _, c := range sp.Component {
				p.components = append(p.components, component{c.Definition, c.Expression})
			}
			if len(p.components) > 0 {
				composites = append(composites, len(out[t.name]))
			}
			code[sp.URL] = sp.Code
			out[t.name] = append(out[t.name], p)
		}
		for _, i := range composites {
			for j, c := range out[t.name][i].components {
				if code[c.code] == "" {
					return nil, fmt.Errorf("%s of %s: no parameter %s", out[t.name][i].url, t.name, c.code)
				}
				out[t.name][i].components[j].code = code[c.code]
			}
		}
		slices.SortFunc(out[t.name], func(a, b param) int { return cmp.Compare(a.code, b.code) })
		for i, p := range out[t.name] {
			if i > 0 && out[t.name][i-1].code == p.code {
				return nil, fmt.Errorf("%s has two parameters %s", t.name, p.code)
			}
		}
	}
	return out, nil
}

// forType returns the parts of a union that start at the type.
func forType(expression, name string) string {
	var mine []string
	for _, part := range split(expression) {
		root := strings.TrimLeft(part, "( ")
		if i := strings.IndexAny(root, ". )"); i >= 0 {
			root = root[:i]
		}
		if root == name {
			mine = append(mine, part)
		}
	}
	return strings.Join(mine, " | ")
}

// split cuts at each | outside of brackets and strings.
func split(expression string) (parts []string) {
	depth, start, quoted := 0, 0, false
	for i, c := range expression {
		switch {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			parts = append(parts, strings.TrimSpace(expression[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(expression[start:]))
}
