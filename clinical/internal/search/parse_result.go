package search

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// result reads a parameter that says what to answer with; done is false if name is none of those.
func (p *parser) result(name, value string) (done bool, err error) {
	q := p.query
	code, modifier, _ := strings.Cut(name, ":")
	if modifier != "" && code != "_include" && code != "_revinclude" {
		return false, nil
	}
	switch code {
	case "_type":
		if q.Type != "" && value != q.Type {
			return true, bad(name, "differs from the type that is searched")
		}
	case "_format", "_pretty":
	case "_cursor":
		if strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return true, bad(name, "is none that was given out here")
		}
		q.Cursor = value
	case "_count":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return true, bad(name, "is no whole number from 0")
		}
		if n == 0 {
			q.Summary = "count"
			break
		}
		q.Count = min(n, MaxCount)
	case "_total":
		return true, oneOf(name, value, &q.Total, "none", "estimate", "accurate")
	case "_summary":
		if q.Summary == "count" && value != "count" {
			break // _count=0 said so
		}
		return true, oneOf(name, value, &q.Summary, "true", "text", "data", "count", "false")
	case "_contained":
		if value != "false" {
			return true, unsupported(name, "can only be false here")
		}
	case "_elements":
		for e := range strings.SplitSeq(value, ",") {
			e = strings.TrimSpace(e)
			if _, rest, ok := strings.Cut(e, "."); ok && slices.Contains(q.Types, e[:len(e)-len(rest)-1]) {
				e = rest
			}
			if !slices.ContainsFunc(q.Types, func(t string) bool { return spec.R4().Type(t).ByName(strings.TrimSuffix(e, "[x]")) != nil }) {
				return true, bad(name, "names no element of "+strings.Join(q.Types, ", ")+": "+hint(e))
			}
			q.Elements = append(q.Elements, strings.TrimSuffix(e, "[x]"))
		}
	case "_sort":
		for s := range strings.SplitSeq(value, ",") {
			err := p.sort(s)
			if u, is := err.(unknown); is && !p.Strict {
				q.Unknown = append(q.Unknown, u.name)
			} else if err != nil {
				return true, err
			}
		}
	case "_include", "_revinclude":
		return true, p.include(name, code, modifier, value)
	default:
		return false, nil
	}
	return true, nil
}

func oneOf(name, value string, to *string, may ...string) error {
	if !slices.Contains(may, value) {
		return bad(name, "is one of "+strings.Join(may, ", "))
	}
	*to = value
	return nil
}

func (p *parser) sort(s string) error {
	q := p.query
	code, desc := strings.CutPrefix(strings.TrimSpace(s), "-")
	if q.Type == "" {
		return unsupported("_sort", "is not supported over several types")
	}
	one := planFor(q.Type).params[code]
	if one == nil {
		return unknown{"_sort=" + code}
	}
	if one.kind == compositeKind {
		return unsupported("_sort", "can't order by "+hint(code)+", which is several values")
	}
	if !Indexed(one.views[0].space[:]) {
		return unsupported("_sort", "can't order by "+hint(code)+", which is not in the index")
	}
	if len(q.Sort) >= 5 {
		return bad("_sort", "has too many parts")
	}
	in := one.views[0].values()
	a := alternative{space: one.views[0].space, want: want{ranges: []Range{{in.Lo[len(space{}):], nil}}, test: func([]byte) bool { return true }}}
	if one.views[0].only != "" {
		a.want.ranges[0].Hi = in.Hi[len(space{}):]
	}
	q.Sort = append(q.Sort, Sort{Param: code, Desc: desc, Missing: Condition{Param: code + ":missing", negate: true, alts: []alternative{a}}, in: in})
	return nil
}
