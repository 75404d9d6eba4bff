package validate

import (
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// What a narrative may hold (txt-1): the formatting of HTML 4.0's chapters 7 to 11 (not 9.4) and 15,
// links and images. Nothing that runs, loads or submits.
var (
	tags = words(`a abbr acronym address area b bdo big blockquote br caption center cite code col colgroup dd dfn
		div dl dt em font h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q s samp small span strike strong sub
		sup table tbody td tfoot th thead tr tt u ul var`)
	attributes = words(`abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff charset
		cite class clear color colspan compact coords datetime dir face frame headers height href hreflang hspace
		id ismap lang longdesc name noshade nohref nowrap rel rev rowspan rules scope shape size span src start
		style summary tabindex title type usemap valign value vspace width xml:lang xmlns`)
	addresses = words(`href src cite longdesc usemap`)
	entities  = words(`amp lt gt quot apos`)
)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

const (
	notXHTML = "A narrative must be one well-formed XHTML div."
	unsafe   = "A narrative must hold formatting, links and images only (txt-1)."
	hollow   = "A narrative must have content (txt-2)."
	xhtmlNS  = "http://www.w3.org/1999/xhtml"
)

// narrative checks an xhtml value in one pass.
func narrative(v *resource.Node) string {
	if v.Kind != resource.String {
		return "This must be a string."
	}
	m := markup{in: strings.TrimSpace(v.Text)}
	if !strings.HasPrefix(m.in, "<div") {
		return notXHTML
	}
	for m.at < len(m.in) {
		if m.at > 0 && len(m.open) == 0 {
			return notXHTML // something after the div
		}
		var problem string
		switch rest := m.in[m.at:]; {
		case strings.HasPrefix(rest, "<!--"):
			problem = m.comment()
		case strings.HasPrefix(rest, "</"):
			problem = m.end()
		case rest[0] == '<':
			problem = m.start()
		default:
			problem = m.text()
		}
		if problem != "" {
			return problem
		}
	}
	switch {
	case len(m.open) > 0:
		return notXHTML
	case !m.content:
		return hollow
	}
	return ""
}

type markup struct {
	in      string
	at      int
	open    []string
	content bool // there is something in the div: text that is no space, or an element
}

func (m *markup) comment() string {
	inside := m.in[m.at+4:]
	end := strings.Index(inside, "--")
	if strings.HasPrefix(inside, ">") || strings.HasPrefix(inside, "->") { // browsers take it for the end
		return unsafe
	}
	if end < 0 || !strings.HasPrefix(m.in[m.at+4+end:], "-->") {
		return notXHTML
	}
	m.at += 4 + end + 3
	return ""
}

func (m *markup) end() string {
	m.at += 2
	name := m.name()
	m.space()
	if len(m.open) == 0 || m.open[len(m.open)-1] != name || !m.take('>') {
		return notXHTML
	}
	m.open = m.open[:len(m.open)-1]
	return ""
}

func (m *markup) start() string {
	m.at++
	name := m.name()
	switch {
	case name == "":
		return notXHTML
	case !tags[name]:
		return unsafe
	}
	m.content = m.content || len(m.open) > 0
	seen := map[string]bool{}
	for {
		spaced := m.space()
		if m.take('>') {
			m.open = append(m.open, name)
			return ""
		}
		if m.take('/') {
			if !m.take('>') {
				return notXHTML
			}
			return ""
		}
		attr := m.name()
		if attr == "" || !spaced || seen[attr] {
			return notXHTML
		}
		seen[attr] = true
		value, ok := m.value()
		switch {
		case !ok:
			return notXHTML
		case !attributes[attr] || attr == "xmlns" && value != xhtmlNS || addresses[attr] && !harmless(value) ||
			attr == "style" && !plainStyle(value):
			return unsafe
		}
	}
}

// value reads ="…" or ='…'.
func (m *markup) value() (string, bool) {
	m.space()
	if !m.take('=') {
		return "", false
	}
	m.space()
	if m.at >= len(m.in) || m.in[m.at] != '"' && m.in[m.at] != '\'' {
		return "", false
	}
	quote := m.in[m.at]
	m.at++
	end := strings.IndexByte(m.in[m.at:], quote)
	if end < 0 {
		return "", false
	}
	raw := m.in[m.at : m.at+end]
	m.at += end + 1
	return decode(raw)
}

func (m *markup) text() string {
	end := strings.IndexByte(m.in[m.at:], '<')
	if end < 0 {
		return notXHTML
	}
	s, ok := decode(m.in[m.at : m.at+end])
	if !ok {
		return notXHTML
	}
	m.content = m.content || strings.TrimSpace(s) != ""
	m.at += end
	return ""
}

func (m *markup) name() string {
	start := m.at
	for m.at < len(m.in) {
		c := m.in[m.at]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ':' || c == '-' || c == '_') {
			break
		}
		m.at++
	}
	return m.in[start:m.at]
}

func (m *markup) space() bool {
	start := m.at
	for m.at < len(m.in) && strings.IndexByte(" \t\r\n", m.in[m.at]) >= 0 {
		m.at++
	}
	return m.at > start
}

func (m *markup) take(c byte) bool {
	if m.at < len(m.in) && m.in[m.at] == c {
		m.at++
		return true
	}
	return false
}
