package intake

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/bundle"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

var idPattern = regexp.MustCompile(`^[A-Za-z0-9\-.]{1,64}$`)

// idOf is the id that a resource gets: the one it has; of a create, which brings an id only of its
// source, the unique one of its fullUrl; without either one made from the file and the place.
func (s *source) idOf(method, fullURL, id string, at int64) string {
	unique := ""
	for _, scheme := range []string{"urn:uuid:", "urn:oid:"} {
		if rest, ok := strings.CutPrefix(fullURL, scheme); ok && idPattern.MatchString(rest) {
			unique = rest
		}
	}
	if unique != "" && (method == "POST" || id == "") {
		return unique
	}
	if id != "" {
		return id
	}
	if tail := fullURL[strings.LastIndexByte(fullURL, '/')+1:]; strings.Contains(fullURL, "/") && idPattern.MatchString(tail) {
		return tail
	}
	sum := sha256.Sum256(append(s.hash[:], strconv.FormatInt(at, 10)...))
	return "f" + hex.EncodeToString(sum[:16])
}

// maker cuts a job into parts.
type maker struct {
	run   *run
	job   *job
	parts []*part
	open  *part
	kind  string          // of the bundle that is being taken
	keys  map[string]bool // what the open part writes
	past  map[string]bool // of a history: what was taken, or deleted last; older versions follow
}

// parts makes a job's parts, ready to be stored.
func (r *run) parts(j *job) []*part {
	m := &maker{run: r, job: j, kind: j.kind, past: map[string]bool{}}
	m.fill()
	end := m.parts[len(m.parts)-1]
	end.last, end.broken = j.last, j.broken
	for _, p := range m.parts {
		r.prepare(p)
	}
	return m.parts
}

func (m *maker) fill() {
	m.begin(m.job.from)
	for i, line := range m.job.lines {
		m.line(m.job.from+int64(i), line)
	}
	for i, raw := range m.job.entries {
		m.raw(m.job.from+int64(i), raw)
	}
	if m.job.document != nil {
		m.document()
	}
}

func (m *maker) begin(from int64) {
	m.open = &part{source: m.job.source, from: from, to: from}
	m.keys = map[string]bool{}
	m.parts = append(m.parts, m.open)
}

func (m *maker) refuse(place, expression, reason string, count int) {
	m.open.refusals = append(m.open.refusals, Refusal{m.job.source.path, place, expression, reason, count})
}

// refuseAll tells all issues of err; they are about one resource.
func (m *maker) refuseAll(place string, err error) {
	for i, is := range issuesOf(err) {
		m.refuse(place, is.Expression, is.Diagnostics, 1-min(i, 1))
	}
}

func issuesOf(err error) []outcome.Issue {
	if refused := outcome.Of(err); refused != nil {
		return refused.Issues
	}
	return []outcome.Issue{{Diagnostics: err.Error()}}
}

func (m *maker) line(at int64, text []byte) {
	place := "line " + strconv.FormatInt(at+1, 10)
	defer func() { m.open.to = at + 1 }()
	if text == nil {
		m.refuse(place, "", errLong.Error(), 1)
		return
	}
	if len(text) == 0 {
		return
	}
	if at == 0 {
		text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	}
	n, err := resource.Parse(text)
	if err != nil {
		m.refuseAll(place, err)
		return
	}
	if n.Type() == "Bundle" {
		if m.open.to > m.open.from {
			m.begin(at)
		}
		m.open.line = at + 1
		m.bundle(n, 0)
		m.open.to, m.kind = at+1, ""
		m.begin(at + 1)
		return
	}
	m.open.loose = true
	m.add(bundle.Request{At: int(at), Resource: n}, "", place, at)
}

func (m *maker) document() {
	n, err := resource.Parse(bytes.TrimPrefix(m.job.document, []byte("\xef\xbb\xbf")))
	defer func() { m.open.to = max(m.open.to, m.open.from+1) }()
	if err != nil {
		m.refuseAll("", err)
		return
	}
	if n.Type() == "Bundle" {
		m.bundle(n, m.job.source.done)
		return
	}
	m.open.loose = true
	m.add(bundle.Request{Resource: n}, "", "", 0)
}

// raw takes one entry of a bundle that is too long to be read at once.
func (m *maker) raw(at int64, text []byte) {
	n, err := resource.Parse(text)
	if err != nil {
		m.refuseAll(m.place(at), err)
	} else {
		m.entry(n, at)
	}
	m.open.to = at + 1
}

// place names an entry as people find it.
func (m *maker) place(at int64) string {
	s := "entry " + strconv.FormatInt(at, 10)
	if m.open.line > 0 {
		return "line " + strconv.FormatInt(m.open.line, 10) + ", " + s
	}
	return s
}

// bundle takes the entries of a bundle from one on. On a line it is one part, however many they are.
func (m *maker) bundle(n *resource.Node, from int64) {
	m.kind = n.Get("type").Str()
	entries := n.Get("entry").Each()
	m.open.whole = m.kind == "transaction" && len(entries) <= bundle.MaxEntries
	for i := range entries {
		at := int64(i)
		if at < from {
			continue
		}
		m.entry(&entries[i], at)
		if m.open.line == 0 {
			m.open.to = at + 1
			if !m.open.whole && len(m.open.requests) >= atOnce {
				m.begin(at + 1)
			}
		}
	}
	if m.open.line == 0 {
		m.open.to = max(m.open.to, int64(len(entries)))
	}
}

func (m *maker) entry(e *resource.Node, at int64) {
	q, kind := e.Get("request"), m.kind
	method := q.Get("method").Str()
	if kind != "transaction" && kind != "batch" && kind != "history" {
		method = ""
	}
	n := e.Get("resource")
	switch {
	case e.Get("search").Get("mode").Str() == "outcome":
		return // what the other server said about its search
	case kind == "history" && method == "DELETE":
		place, _, _ := strings.Cut(q.Get("url").Str(), "?")
		m.past[strings.TrimPrefix(place, "/")] = true
		return
	case method != "" && method != "POST" && method != "PUT":
		m.refuse(m.place(at), "", "An import creates and updates only; this entry asks for "+method+".", 1)
		return
	case n == nil:
		if kind != "history" && !strings.HasSuffix(kind, "-response") {
			m.refuse(m.place(at), "", "There is no resource in this entry.", 1)
		}
		return
	}
	r := bundle.Request{At: int(at), FullURL: e.Get("fullUrl").Str(), Resource: n}
	if kind == "transaction" || kind == "batch" {
		r.IfNoneExist = strings.TrimPrefix(q.Get("ifNoneExist").Str(), "?")
		if _, query, ok := strings.Cut(q.Get("url").Str(), "?"); ok && method == "PUT" {
			r.Query = query
		}
	}
	m.add(r, method, m.place(at), at)
}

// add puts a resource into the open part, or into the next one if this one has it already.
func (m *maker) add(r bundle.Request, method, place string, at int64) {
	n := r.Resource
	r.Method, r.Type = "PUT", n.Type()
	switch {
	case n.Kind != resource.Object || !spec.R4().IsResource(r.Type):
		m.refuse(place, "", "This is no resource of FHIR R4.", 1)
		return
	case !access.Decide(m.run.ask.Who, m.run.ask.Purpose, access.Update, r.Type).Allow:
		m.refuse(place, "", "An import does not write resources of the type "+r.Type+".", 1)
		return
	}
	if validate.IsPart(n) {
		m.refuse(place, r.Type+".meta.tag", "This is a part of a resource (SUBSETTED). Stored, it would take the rest away.", 1)
		return
	}
	if id := n.ID(); id != "" && !idPattern.MatchString(id) {
		m.refuse(place, r.Type+".id", "This id cannot be kept: an id is 1 to 64 letters, digits, hyphens and dots.", 1)
		return
	}
	if r.Query == "" {
		r.ID = m.job.source.idOf(method, r.FullURL, n.ID(), at)
		key := r.Type + "/" + r.ID
		switch {
		case m.kind == "history" && m.past[key]:
			return
		case m.keys[key] && m.open.whole:
			m.refuse(place, "", "Another entry of this transaction is the same resource, "+key+".", 1)
			return
		case m.keys[key]:
			m.begin(m.open.to)
		}
		m.keys[key] = true
		if m.kind == "history" {
			m.past[key] = true
		}
	}
	renew(n)
	m.open.requests = append(m.open.requests, r)
}
