package search

import (
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// condition reads a parameter that records are found by, of all of types; a chain or _has goes deeper.
func (p *parser) condition(types []string, name, value string, depth int) (Condition, error) {
	if rest, ok := strings.CutPrefix(name, "_has:"); ok {
		return p.reverse(types, name, rest, value, depth)
	}
	if head, rest, ok := strings.Cut(name, "."); ok {
		return p.chain(types, name, head, rest, value, depth)
	}
	code, modifier, modified := strings.Cut(name, ":")
	if modified && modifier == "" {
		return Condition{}, bad(p.name, "has an empty modifier")
	}
	c := Condition{Param: name}
	values := cutUnescaped(value, ',')
	if len(values) > MaxValues {
		return Condition{}, bad(p.name, "has too many alternatives")
	}
	for _, typ := range types {
		one := planFor(typ).params[code]
		if one == nil {
			return Condition{}, unknown{p.name}
		}
		var err error
		if modifier == "missing" {
			c.negate = value == "true"
			if value != "true" && value != "false" {
				return Condition{}, bad(p.name, "is true or false, not "+hint(value))
			}
			c.alts = append(c.alts, one.present()...)
			continue
		}
		for _, v := range values {
			if c.alts, err = p.alternatives(c.alts, one, modifier, v); err != nil {
				return Condition{}, err
			}
		}
	}
	keys := 0
	for i := range c.alts {
		keys += max(1, len(c.alts[i].want.exact))
	}
	if keys > MaxKeys {
		return Condition{}, bad(p.name, "has too many alternatives: write Type/id for an id alone")
	}
	c.negate = c.negate || modifier == "not"
	return c, nil
}

// present is the alternatives that hold for a record which has anything of the parameter.
func (one *param) present() []alternative {
	var alts []alternative
	for _, v := range one.views {
		r := Range{}
		if v.only != "" {
			in := v.values()
			r = Range{in.Lo[len(v.space):], in.Hi[len(v.space):]}
		}
		alts = append(alts, alternative{space: v.space, want: want{ranges: []Range{r}, test: func(have []byte) bool {
			return v.only == "" || strings.HasPrefix(string(have), v.only+"/")
		}}})
	}
	return alts
}

var modifiers = map[kind][]string{
	tokenKind:     {"", "not", "text", "of-type"},
	stringKind:    {"", "exact", "contains"},
	referenceKind: {"", "identifier"}, // and types
	uriKind:       {"", "above", "below"},
	dateKind:      {""}, numberKind: {""}, quantityKind: {""}, compositeKind: {""},
}

// alternatives reads one value and appends a way to meet it for each group.
func (p *parser) alternatives(alts []alternative, one *param, modifier, value string) ([]alternative, error) {
	typ := ""
	if one.kind == referenceKind && spec.R4().IsResource(modifier) {
		typ, modifier = modifier, ""
	}
	if !slices.Contains(modifiers[one.kind], modifier) {
		return nil, unsupported(p.name, "does not have the modifier :"+modifier+" here")
	}
	if typ != "" && one.targets != nil && !slices.Contains(one.targets, typ) {
		return nil, bad(p.name, "does not refer to a "+typ)
	}
	for _, v := range one.views {
		a := alternative{space: v.space, long: v.long}
		why := ""
		switch one.kind {
		case tokenKind:
			why = a.token(v.group, value, modifier)
		case stringKind:
			a.want, why = stringWant(value, modifier)
		case dateKind:
			a.want, why = dateWant(value, p.Now.UnixMicro())
		case numberKind:
			a.want, why = numberWant(value)
		case quantityKind:
			a.want, why = quantityWant(value)
		case referenceKind:
			if modifier == "identifier" {
				a.space = v.logic
				a.want, why = tokenWant(identifiers, value)
				break
			}
			a.want, why = referenceWant(v, one.targets, value, typ, p.Base)
		case uriKind:
			a.want, why = uriWant(value, modifier)
		case compositeKind:
			a.want, why = p.composite(v, value)
		}
		if why != "" {
			return nil, bad(p.name, why)
		}
		alts = append(alts, a)
	}
	return alts, nil
}

// identifiers is read as the identifier of a reference is.
var identifiers = &group{kind: tokenKind, paths: []path{{typ: &spec.Type{Name: "Identifier"}}}}

func (a *alternative) token(g *group, value, modifier string) (why string) {
	switch modifier {
	case "text":
		text := plain(nil, unescape(value))
		if len(text) == 0 {
			return "is empty"
		}
		a.space = g.text
		a.want = wantPrefix(text, func(v []byte) bool { return strings.HasPrefix(string(v), string(text)) })
		return ""
	case "of-type":
		parts := cutUnescaped(value, '|')
		if len(parts) != 3 || parts[1] == "" || parts[2] == "" {
			return "is not system|code|value"
		}
		v := append(clean(nil, unescape(parts[1])), fieldEnd)
		v = append(clean(v, unescape(parts[0])), fieldEnd)
		a.space = g.typed
		a.want = want{exact: [][]byte{clean(v, unescape(parts[2]))}}
		return ""
	}
	a.want, why = tokenWant(g, value)
	return why
}

func (p *parser) composite(v view, value string) (want, string) {
	written := cutUnescaped(value, '$')
	if len(written) != len(v.kinds) {
		return want{}, "needs as many parts between $ as it has components"
	}
	parts := make([]want, len(written))
	for i, k := range v.kinds {
		why := ""
		in := &group{kind: k, paths: v.parts[i]}
		switch k {
		case tokenKind:
			parts[i], why = tokenWant(in, written[i])
		case stringKind:
			parts[i], why = stringWant(written[i], "")
		case dateKind:
			parts[i], why = dateWant(written[i], p.Now.UnixMicro())
		case numberKind:
			parts[i], why = numberWant(written[i])
		case quantityKind:
			parts[i], why = quantityWant(written[i])
		case referenceKind:
			parts[i], why = referenceWant(view{in, ""}, nil, written[i], "", p.Base)
		case uriKind:
			parts[i], why = uriWant(written[i], "")
		}
		if why != "" {
			return want{}, why
		}
	}
	return compositeWant(v.kinds, parts), ""
}
