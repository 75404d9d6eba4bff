package fhirpath

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
)

// The size of a regular expression: its text, and the program that it becomes.
const (
	maxPattern = 2048
	maxProgram = 20000
)

// subject is the one string of a collection; another thing that has no string is an error.
func (m *machine) subject(in span, function string) (string, bool) {
	it, ok := m.one(in)
	return m.asString(&it, ok, function)
}

func (m *machine) stringArgument(t term, function string) (string, bool) {
	it, ok := m.argument(t)
	return m.asString(&it, ok, function)
}

func (m *machine) asString(it *Item, ok bool, function string) (string, bool) {
	if !ok || it.kind != element && !it.valued() {
		return "", false
	}
	if it.kind == element || it.kind == kQuantity {
		m.wrong(function + "() takes strings")
		return "", false
	}
	s := it.format()
	return s, m.spend(1 + len(s)/64)
}

// textTest compiles the tests of strings; nil for others.
func (c *compiler) textTest(name string, args []*node) func(m *machine, in span) Truth {
	var f func(s, arg string) bool
	switch name {
	case "startsWith":
		f = strings.HasPrefix
	case "endsWith":
		f = strings.HasSuffix
	case "contains":
		f = strings.Contains
	case "matches", "matchesFull":
		pattern := c.pattern(args[0], name == "matchesFull")
		return func(m *machine, in span) Truth {
			s, ok := m.subject(in, name)
			re := pattern(m)
			if !ok || re == nil || !m.spend(re.cost(s)) {
				return Unknown
			}
			return truthOf(re.MatchString(s))
		}
	default:
		return nil
	}
	other := c.term(args[0])
	return func(m *machine, in span) Truth {
		s, ok := m.subject(in, name)
		arg, okArg := m.stringArgument(other, name)
		if !ok || !okArg {
			return Unknown
		}
		return truthOf(f(s, arg))
	}
}

// regex is a regular expression with the size of its program.
type regex struct {
	*regexp.Regexp
	size int
}

// cost is how many steps it takes at worst to search s.
func (r *regex) cost(s string) int { return 1 + len(s)*r.size/64 }

func newRegex(text string, full bool) *regex {
	if len(text) > maxPattern {
		return nil
	}
	if full {
		text = `\A(?:` + text + `)\z`
	}
	text = "(?s)" + text
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(prog.Inst) > maxProgram {
		return nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	return &regex{re, len(prog.Inst)}
}

// pattern compiles the regular expression that is an argument, at once if it is a literal.
func (c *compiler) pattern(arg *node, full bool) func(m *machine) *regex {
	refusal := outcome.New(400, outcome.Invalid, "", "FHIRPath: this regular expression is not understood (RE2 syntax) or too large.")
	if arg.kind == nString {
		re := newRegex(arg.text, full)
		if re == nil && c.err == nil {
			c.err = refusal
		}
		return func(*machine) *regex { return re }
	}
	t := c.term(arg)
	return func(m *machine) *regex {
		text, ok := m.stringArgument(t, "matches")
		if !ok || !m.spend(1000) {
			return nil
		}
		re := newRegex(text, full)
		if re == nil {
			m.fail(refusal)
		} else {
			m.spend(re.size)
		}
		return re
	}
}

// text compiles the functions that make something of a string.
func (c *compiler) text(name string, args []*node) call {
	simple := func(f func(m *machine, s string)) call {
		return func(m *machine, in span) {
			if s, ok := m.subject(in, name); ok {
				f(m, s)
			}
		}
	}
	switch name {
	case "upper":
		return simple(func(m *machine, s string) { m.pushString(strings.ToUpper(s)) })
	case "lower":
		return simple(func(m *machine, s string) { m.pushString(strings.ToLower(s)) })
	case "trim":
		return simple(func(m *machine, s string) { m.pushString(strings.TrimSpace(s)) })
	case "length":
		return simple(func(m *machine, s string) { m.pushInt(int64(utf8.RuneCountInString(s))) })
	case "toChars":
		return simple(func(m *machine, s string) {
			for _, r := range s {
				m.pushString(string(r))
			}
		})
	case "substring":
		return c.substring(args)
	case "replaceMatches":
		return c.replaceMatches(args)
	case "join":
		return c.join(args)
	}
	switch name {
	case "indexOf", "lastIndexOf", "split":
		other := c.term(args[0])
		return simple(func(m *machine, s string) {
			arg, ok := m.stringArgument(other, name)
			switch {
			case !ok:
			case name == "split":
				for part := range strings.SplitSeq(s, arg) {
					m.pushString(part)
				}
			default:
				at := strings.Index(s, arg)
				if name == "lastIndexOf" {
					at = strings.LastIndex(s, arg)
				}
				if at > 0 {
					at = utf8.RuneCountInString(s[:at])
				}
				m.pushInt(int64(at))
			}
		})
	case "replace":
		from, to := c.term(args[0]), c.term(args[1])
		return simple(func(m *machine, s string) {
			old, ok := m.stringArgument(from, name)
			by, okBy := m.stringArgument(to, name)
			if !ok || !okBy {
				return
			}
			if len(s)+(strings.Count(s, old))*len(by) > maxBytes {
				m.left = 0
				m.spend(1)
				return
			}
			m.pushString(strings.ReplaceAll(s, old, by))
		})
	}
	return nil
}

func (c *compiler) substring(args []*node) call {
	start := c.term(args[0])
	var length term
	if len(args) > 1 {
		length = c.term(args[1])
	}
	return func(m *machine, in span) {
		s, ok := m.subject(in, "substring")
		from, okFrom := m.argument(start)
		at, whole := from.integer()
		if !ok || !okFrom {
			return
		}
		if !whole {
			m.wrong("substring() takes whole numbers")
			return
		}
		count := int64(len(s))
		if length != nil {
			if it, ok := m.argument(length); ok {
				if count, ok = it.integer(); !ok {
					m.wrong("substring() takes whole numbers")
					return
				}
			}
		}
		if at < 0 || at >= int64(utf8.RuneCountInString(s)) {
			return
		}
		runes := []rune(s)[at:]
		m.pushString(string(runes[:max(0, min(count, int64(len(runes))))]))
	}
}

func (c *compiler) replaceMatches(args []*node) call {
	pattern, to := c.pattern(args[0], false), c.term(args[1])
	return func(m *machine, in span) {
		s, ok := m.subject(in, "replaceMatches")
		re := pattern(m)
		by, okBy := m.stringArgument(to, "replaceMatches")
		if !ok || !okBy || re == nil || !m.spend(re.cost(s)) {
			return
		}
		var out []byte
		last := 0
		for _, at := range re.FindAllStringSubmatchIndex(s, -1) {
			out = append(out, s[last:at[0]]...)
			out = re.ExpandString(out, by, s, at)
			if last = at[1]; !m.spend(1+len(by)/64) || len(out) > maxBytes {
				m.left = 0
				m.spend(1)
				return
			}
		}
		m.pushString(string(append(out, s[last:]...)))
	}
}

func (c *compiler) join(args []*node) call {
	sep := func(*machine) {}
	if len(args) > 0 {
		sep = c.term(args[0])
	}
	return func(m *machine, in span) {
		between, _ := m.stringArgument(sep, "join")
		var b strings.Builder
		for i := in.lo; i < in.hi; i++ {
			s, ok := m.asString(&m.items[i], true, "join")
			if !ok {
				continue
			}
			if i > in.lo {
				b.WriteString(between)
			}
			b.WriteString(s)
			if b.Len() > maxBytes {
				break
			}
		}
		if in.len() > 0 {
			m.pushString(b.String())
		}
	}
}
