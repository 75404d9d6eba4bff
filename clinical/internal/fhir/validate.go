package fhir

import (
	"context"
	"net/http"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

// validate answers POST $validate (http://hl7.org/fhir/R4/resource-operation-validate.html): the body
// is the resource, or Parameters that hold it with a mode and a profile. Nothing is stored.
func (c *call) validate() error {
	n, err := c.node()
	if err != nil {
		return err
	}
	mode, profile := c.params.Get("mode"), c.params.Get("profile")
	if n.Type() == "Parameters" && c.typ != "Parameters" {
		var of *resource.Node
		parts := n.Get("parameter").Each()
		for i := range parts {
			p := &parts[i]
			switch p.Get("name").Str() {
			case "resource":
				of = p.Get("resource")
			case "mode":
				mode = valueOf(p)
			case "profile":
				profile = valueOf(p)
			}
		}
		if of == nil && mode == "delete" && c.id != "" {
			return c.answer(question{typ: c.typ, id: c.id, rest: "$validate", params: with(nil, "mode", mode)})
		}
		if n = of; n == nil {
			return outcome.New(http.StatusBadRequest, outcome.Required, "Parameters.parameter", "There is no resource to validate.")
		}
	}
	if !access.Decide(c.who.Who, c.purpose(), access.Operation, c.typ).Allow {
		return outcome.Absent()
	}
	return send(c.w, http.StatusOK, outcome.JSON(c.judge(n, c.typ, c.id, mode, profile)), c.form.pretty)
}

func valueOf(p *resource.Node) string {
	for _, name := range []string{"valueCode", "valueUri", "valueCanonical", "valueString"} {
		if v := p.Get(name); v != nil {
			return v.Str()
		}
	}
	return ""
}

// validateStored answers GET $validate for a resource that is stored.
func (a *API) validateStored(ctx context.Context, tx *records.Tx, q question) (found, error) {
	rec, err := tx.Read(ctx, q.typ, q.id)
	if err != nil {
		return found{}, err
	}
	n, err := resource.Parse(rec.Body)
	if err != nil {
		return found{}, err
	}
	return found{status: http.StatusOK, body: outcome.JSON(a.judge(n, q.typ, q.id, q.params.Get("mode"), q.params.Get("profile")))}, nil
}

// judge is all that there is to say about a resource that somebody means to store as typ and id.
func (a *API) judge(n *resource.Node, typ, id, mode, profile string) []outcome.Issue {
	say := func(severity outcome.Severity, code outcome.Code, where, text string) outcome.Issue {
		return outcome.Issue{Severity: severity, Code: code, Expression: where, Diagnostics: text}
	}
	if n.Type() != typ {
		return []outcome.Issue{say(outcome.Err, outcome.Invalid, "resourceType", "The resource is of another type than the address.")}
	}
	issues := validate.Resource(n)
	switch mode {
	case "", "delete", "profile":
	case "create":
		if n.Get("id") != nil {
			issues = append(issues, say(outcome.Information, outcome.Informational, "id", "The server will give an id of its own."))
		}
	case "update":
		if n.ID() == "" || id != "" && n.ID() != id {
			issues = append(issues, say(outcome.Err, outcome.Value, "id", "An update needs the id that the address has."))
		}
	default:
		issues = append(issues, say(outcome.Err, outcome.CodeInvalid, "", "The mode is one of create, update, delete and profile."))
	}
	if profile != "" && profile != "http://hl7.org/fhir/StructureDefinition/"+typ {
		issues = append(issues, say(outcome.Warning, outcome.NotSupported, "", "Profiles are not known here; "+quoted(profile)+" was not looked at, only the base definition was."))
	}
	for _, p := range n.Path("meta", "profile").Each() {
		if p.Str() != "http://hl7.org/fhir/StructureDefinition/"+typ && p.Str() != profile {
			issues = append(issues, say(outcome.Information, outcome.NotSupported, typ+".meta.profile", "This profile was not looked at: "+quoted(p.Str())+"."))
		}
	}
	return issues
}

// purpose is what the kind of principal asks for by default.
func (c *call) purpose() access.Purpose {
	if c.who.Purpose != "" {
		return c.who.Purpose
	}
	return access.Default(c.who.Who.Kind)
}
