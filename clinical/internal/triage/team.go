package triage

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// A followed patient has one CareTeam (http://hl7.org/fhir/R4/careteam.html): who is responsible, and who is
// when they don't act. Others may be put beside them by whoever writes the record.
const (
	roleSystem  = "urn:mitral:care-role"
	responsible = "responsible"
	deputy      = "deputy"
)

// writeTeam writes the CareTeam, or ends it.
func (c *turn) writeTeam(ctx context.Context, active bool) error {
	o, m, s := resource.O, resource.M, resource.S
	r, now := c.row, s(c.t.Now().UTC().Format(time.RFC3339))
	n := o(m("resourceType", s("CareTeam")), m("subject", o(m("reference", s("Patient/"+r.patient)))), m("period", o(m("start", now))))
	if r.team != "" {
		was, err := c.t.Read(ctx, "CareTeam", r.team)
		if err != nil {
			return err
		}
		old, err := resource.Parse(was.Body)
		if err != nil {
			return err
		}
		n = *old
	}
	status, list := "active", resource.A()
	for _, p := range n.Get("participant").Each() {
		if role := roleOf(&p); role != responsible && role != deputy {
			list.Kids = append(list.Kids, p)
		}
	}
	for _, one := range [][2]string{{responsible, r.responsible}, {deputy, r.deputy}} {
		if one[1] != "" {
			list.Kids = append(list.Kids, o(m("role", resource.A(o(m("coding", resource.A(o(m("system", s(roleSystem)), m("code", s(one[0])))))))),
				m("member", o(m("reference", s(one[1]))))))
		}
	}
	n.Set("participant", list)
	period := o(m("start", s(n.Path("period", "start").Str())))
	if !active {
		status = "inactive"
		period.Set("end", now)
	} else if n.Path("period", "end") != nil {
		period.Set("start", now)
	}
	n.Set("status", s(status))
	n.Set("period", period)
	if r.team != "" {
		_, _, err := c.t.Update(ctx, &n, records.Existing)
		return err
	}
	made, err := c.t.Create(ctx, &n)
	r.team = made.ID
	return err
}

func roleOf(p *resource.Node) string {
	for _, coding := range p.Path("role", "coding").Each() {
		if coding.Get("system").Str() == roleSystem {
			return coding.Get("code").Str()
		}
	}
	return ""
}

// team takes over who is in the CareTeam, as somebody wrote it.
func (c *turn) team(n *resource.Node) {
	first, second := "", ""
	for _, p := range n.Get("participant").Each() {
		switch roleOf(&p) {
		case responsible:
			first = p.Path("member", "reference").Str()
		case deputy:
			second = p.Path("member", "reference").Str()
		}
	}
	if first != "" && (first != c.row.responsible || second != c.row.deputy) {
		c.row.responsible, c.row.deputy, c.dirty = first, second, true
	}
}
