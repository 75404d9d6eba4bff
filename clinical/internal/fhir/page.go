package fhir

import (
	"net/http"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// page writes a Bundle of records as they are stored, without reading them. Links first, then entries.
type page struct {
	base    string
	b       []byte
	links   int
	entries int
}

func newPage(base, kind string, total *int) *page {
	p := &page{base: base, b: make([]byte, 0, 4096)}
	p.b = append(p.b, `{"resourceType":"Bundle","type":"`+kind+`"`...)
	if total != nil {
		p.b = strconv.AppendInt(append(p.b, `,"total":`...), int64(*total), 10)
	}
	return p
}

// link adds a link to an address below base.
func (p *page) link(relation, to string) {
	if p.links++; p.links == 1 {
		p.b = append(p.b, `,"link":[`...)
	} else {
		p.b = append(p.b, ',')
	}
	p.b = append(p.b, `{"relation":"`+relation+`","url":`...)
	if to != "" && to[0] != '?' {
		to = "/" + to
	}
	p.b = appendString(p.b, p.base+to)
	p.b = append(p.b, '}')
}

func (p *page) entry() {
	if p.entries++; p.entries == 1 {
		if p.links > 0 {
			p.b = append(p.b, ']')
		}
		p.b = append(p.b, `,"entry":[{`...)
	} else {
		p.b = append(p.b, ',', '{')
	}
}

func (p *page) fullURL(rec *records.Record) {
	p.b = append(p.b, `"fullUrl":`...)
	p.b = appendString(p.b, p.base+"/"+rec.Type+"/"+rec.ID)
}

// match adds a record that was found, or (mode include) one that goes with it.
func (p *page) match(rec *records.Record, body []byte, mode string) {
	p.entry()
	p.fullURL(rec)
	p.b = append(append(append(p.b, `,"resource":`...), body...), `,"search":{"mode":"`+mode+`"}}`...)
}

// version adds one version of a record's history.
func (p *page) version(rec *records.Record, body []byte) {
	p.entry()
	p.fullURL(rec)
	if !rec.Deleted {
		p.b = append(append(p.b, `,"resource":`...), body...)
	}
	status, url := http.StatusOK, rec.Type+"/"+rec.ID
	switch {
	case rec.Deleted:
		status = http.StatusNoContent
	case rec.Method == http.MethodPost:
		status, url = http.StatusCreated, rec.Type
	case rec.Version == 1:
		status = http.StatusCreated
	}
	p.b = append(p.b, `,"request":{"method":"`+rec.Method+`","url":`...)
	p.b = append(appendString(p.b, url), `},"response":{"status":"`+strconv.Itoa(status)+` `+http.StatusText(status)+`","etag":`...)
	p.b = append(appendString(p.b, etag(rec.Version)), `,"lastModified":"`+stamp(rec.Updated)+`"}}`...)
}

// unknown names the parameters that were not used.
func (p *page) unknown(names []string) {
	if len(names) == 0 {
		return
	}
	var issues []outcome.Issue
	for _, n := range names {
		issues = append(issues, outcome.Issue{Severity: outcome.Warning, Code: outcome.NotSupported,
			Diagnostics: "The parameter " + quoted(n) + " is not known here and was not used."})
	}
	p.entry()
	p.b = append(append(append(p.b, `"resource":`...), outcome.JSON(issues)...), `,"search":{"mode":"outcome"}}`...)
}

func (p *page) bytes() []byte {
	if p.entries > 0 || p.links > 0 {
		p.b = append(p.b, ']')
	}
	return append(p.b, '}')
}

func appendString(b []byte, s string) []byte {
	n := resource.S(s)
	return n.Append(b)
}

// stamp is an instant as FHIR writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
