package intake

import (
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/bundle"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
)

// part is what is stored in one transaction.
type part struct {
	source   *source
	requests []bundle.Request
	plan     *bundle.Plan // nil if nothing is left to do
	whole    bool         // a transaction: all or nothing
	loose    bool         // lines, not entries of a bundle
	from, to int64        // positions in the file: the journal's
	line     int64        // the line on which the bundle is, counted from 1; 0 if it is the file
	last     bool         // of the file
	refusals []Refusal
	broken   error
}

// prepare makes a part ready: ids, links, validation.
func (r *run) prepare(p *part) {
	if p.whole && len(p.refusals) > 0 {
		r.refuseWhole(p)
		return
	}
	plan, err := r.runner.Prepare(p.requests, !p.whole)
	if err != nil {
		r.refuseEntries(p, err)
		return
	}
	for _, refused := range plan.Refused {
		p.tell(int64(refused.At), refused.Why)
	}
	if plan.Len() > 0 {
		p.plan = plan
	}
}

// refuseEntries says why all of a part is refused.
func (r *run) refuseEntries(p *part, err error) {
	for _, is := range issuesOf(err) {
		p.refusals = append(p.refusals, Refusal{p.source.path, p.within(), is.Expression, is.Diagnostics, 0})
	}
	r.refuseWhole(p)
}

func (r *run) refuseWhole(p *part) {
	for i := range p.refusals {
		p.refusals[i].Count = 0
	}
	reason := "Nothing of these " + strconv.Itoa(len(p.requests)) + " resources was taken in."
	if p.whole {
		reason = "This bundle is a transaction, of which all is taken in or nothing: " + reason
	}
	p.refusals = append(p.refusals, Refusal{p.source.path, p.within(), "", reason, max(1, len(p.requests))})
	p.plan = nil
}

func (p *part) within() string {
	if p.line > 0 {
		return "line " + strconv.FormatInt(p.line, 10)
	}
	return ""
}

// tell says why one resource was refused.
func (p *part) tell(at int64, why *outcome.Error) {
	place := "entry " + strconv.FormatInt(at, 10)
	if p.line > 0 {
		place = p.within() + ", " + place
	}
	if p.loose {
		if place = "line " + strconv.FormatInt(at+1, 10); p.from == 0 && p.last && p.to == 1 {
			place = ""
		}
	}
	for i, is := range why.Issues {
		expression := is.Expression
		if p.loose {
			expression = strings.TrimPrefix(expression, "Bundle.entry["+strconv.FormatInt(at, 10)+"]")
			expression = strings.TrimPrefix(strings.TrimPrefix(expression, ".resource"), ".")
		}
		p.refusals = append(p.refusals, Refusal{p.source.path, place, expression, is.Diagnostics, 1 - min(i, 1)})
	}
}
