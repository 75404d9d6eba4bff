package fhir

import (
	"net/http"
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/clinical/internal/smart"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// getMetadata answers GET metadata.
func (a *API) getMetadata(c *call) error {
	switch mode := c.params.Get("mode"); mode {
	case "", "full", "normative":
	case "terminology":
		return outcome.New(http.StatusNotImplemented, outcome.NotSupported, "", "There is no terminology service here.")
	default:
		return outcome.New(http.StatusBadRequest, outcome.Value, "", "The mode "+quoted(mode)+" is none of full, normative and terminology.")
	}
	body, err := c.form.cut(a.metadata())
	if err != nil {
		return err
	}
	c.w.Header().Set("Cache-Control", "public, max-age=300")
	return send(c.w, http.StatusOK, body, c.form.pretty)
}

func str(s string) resource.Node                   { return resource.S(s) }
func list(elements ...resource.Node) resource.Node { return resource.A(elements...) }
func obj(members ...resource.Node) resource.Node   { return resource.O(members...) }
func m(name string, v resource.Node) resource.Node { return resource.M(name, v) }

func codes(names ...string) resource.Node {
	out := list()
	for _, n := range names {
		out.Kids = append(out.Kids, obj(m("code", str(n))))
	}
	return out
}

func texts(values ...string) resource.Node {
	out := list()
	for _, v := range values {
		out.Kids = append(out.Kids, str(v))
	}
	return out
}

// capabilities writes the capability statement from the tables that the interface works by: the
// interactions that access lets anybody have, the parameters that search understands.
func (a *API) capabilities(now time.Time) []byte {
	resources := list()
	for _, t := range spec.R4().Resources() {
		resources.Kids = append(resources.Kids, describe(t))
	}
	rest := obj(
		m("mode", str("server")),
		m("security", obj(
			m("extension", list(obj(
				m("extension", list(obj(m("url", str("token")), m("valueUri", str(a.Base+"/auth/token"))))),
				m("url", str("http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris")),
			))),
			m("cors", resource.B(true)),
			m("service", list(obj(m("coding", list(obj(
				m("system", str("http://terminology.hl7.org/CodeSystem/restful-security-service")), m("code", str("SMART-on-FHIR")))))))),
			m("description", str("Bearer tokens: issued by the administrator, or by SMART Backend Services with a signed assertion.")),
		)),
		m("resource", resources),
		m("interaction", codes("transaction", "batch", "search-system", "history-system")),
		m("searchParam", list(obj(m("name", str("_type")), m("type", str("token")), m("documentation", str("The types to search, separated by commas."))))),
	)
	software := obj(m("name", str("Mitral")))
	if a.Version != "" {
		software.Set("version", str(a.Version))
	}
	out := obj(
		m("resourceType", str("CapabilityStatement")),
		m("url", str(a.Base+"/metadata")),
		m("status", str("active")),
		m("date", str(now.UTC().Format(time.RFC3339))),
	)
	if a.Publisher != "" {
		out.Set("publisher", str(a.Publisher))
	}
	out.Set("kind", str("instance"))
	out.Set("software", software)
	out.Set("implementation", obj(m("description", str("FHIR R4 records")), m("url", str(a.Base))))
	out.Set("fhirVersion", str("4.0.1"))
	out.Set("format", texts(typeFHIR, "json"))
	out.Set("patchFormat", texts(typePatch, typeFHIR))
	out.Set("rest", list(rest))
	return out.Bytes()
}

// describe is what can be done with one type.
func describe(t string) resource.Node {
	s := spec.R4()
	n := obj(
		m("type", str(t)),
		m("profile", str("http://hl7.org/fhir/StructureDefinition/"+t)),
	)
	can := interactionsOf(t)
	n.Set("interaction", codes(can...))
	n.Set("versioning", str("versioned"))
	n.Set("readHistory", resource.B(true))
	if slices.Contains(can, "update") {
		n.Set("updateCreate", resource.B(true))
		n.Set("conditionalUpdate", resource.B(slices.Contains(can, "search-type")))
	}
	if slices.Contains(can, "create") {
		n.Set("conditionalCreate", resource.B(slices.Contains(can, "search-type")))
	}
	n.Set("conditionalRead", str("full-support"))
	if slices.Contains(can, "delete") && slices.Contains(can, "search-type") {
		n.Set("conditionalDelete", str("single"))
	}
	n.Set("referencePolicy", texts("literal", "logical"))
	if slices.Contains(can, "search-type") {
		include, params := list(str("*")), list()
		for _, p := range s.Params(t) {
			if !understood(t, p) {
				continue
			}
			params.Kids = append(params.Kids, obj(m("name", str(p.Code)), m("definition", str(p.URL)), m("type", str(p.Type))))
			if p.Type == "reference" {
				include.Kids = append(include.Kids, str(t+":"+p.Code))
			}
		}
		n.Set("searchInclude", include)
		if back := revIncludes(t); len(back.Kids) > 0 {
			n.Set("searchRevInclude", back)
		}
		n.Set("searchParam", params)
	}
	operations := list(obj(m("name", str("validate")), m("definition", str("http://hl7.org/fhir/OperationDefinition/Resource-validate"))))
	if t == "Patient" {
		operations.Kids = append(operations.Kids, obj(m("name", str("everything")), m("definition", str("http://hl7.org/fhir/OperationDefinition/Patient-everything"))))
	}
	n.Set("operation", operations)
	return n
}

// interactionsOf are those that somebody may have with a type.
func interactionsOf(t string) []string {
	scopes, _ := access.ParseScopes("system/" + t + ".cruds")
	everybody := []access.Who{{Kind: access.System, Scopes: scopes}, {Kind: access.Clinician}, {Kind: access.PrivacyOfficer}, {Kind: access.Administrator}}
	var out []string
	for _, do := range []access.Interaction{access.Read, access.Vread, access.Update, access.Patch, access.Delete, access.HistoryInstance,
		access.HistoryType, access.Create, access.Search} {
		if slices.ContainsFunc(everybody, func(w access.Who) bool { return access.Decide(w, access.Default(w.Kind), do, t).Allow }) {
			out = append(out, string(do))
		}
	}
	return out
}

// sample is a value that a parameter of each type can have.
var sample = map[string]string{"number": "1", "date": "2026", "string": "a", "token": "a", "reference": "Patient/a", "quantity": "1", "uri": "urn:a"}

// understood asks search itself whether it knows the parameter.
func understood(t string, p *spec.Param) bool {
	value := sample[p.Type]
	if p.Type == "composite" {
		for i, c := range p.Components {
			if i > 0 {
				value += "$"
			}
			value += sample[c.Param.Type]
		}
	}
	if value == "" {
		return false
	}
	_, err := search.Parse(t, map[string][]string{p.Code: {value}}, search.Asked{Strict: true})
	return err == nil
}

// revIncludes are the references of other types that can lead to this one.
func revIncludes(t string) resource.Node {
	out := list()
	for _, from := range spec.R4().Resources() {
		for _, p := range spec.R4().Params(from) {
			if p.Type == "reference" && slices.Contains(p.Targets, t) {
				out.Kids = append(out.Kids, str(from+":"+p.Code))
			}
		}
	}
	return out
}

// smartConfiguration answers GET .well-known/smart-configuration
// (http://hl7.org/fhir/smart-app-launch/STU2/conformance.html). There is no launch of apps, so it names
// no authorization endpoint and no method of code exchange.
func (a *API) smartConfiguration(c *call) error {
	out := obj(
		m("token_endpoint", str(a.Base+smart.TokenPath[len(Root):])),
		m("token_endpoint_auth_methods_supported", texts("private_key_jwt")),
		m("token_endpoint_auth_signing_alg_values_supported", texts("RS384", "ES384")),
		m("grant_types_supported", texts("client_credentials")),
		m("scopes_supported", texts("system/*.cruds", "system/*.rs", "system/AuditEvent.rs", "system/AuditEvent.c")),
		m("code_challenge_methods_supported", list()),
		m("capabilities", texts("client-confidential-asymmetric", "permission-v1", "permission-v2")),
	)
	c.w.Header().Set("Content-Type", "application/json")
	c.w.Header().Set("Cache-Control", "public, max-age=300")
	c.w.WriteHeader(http.StatusOK)
	_, _ = c.w.Write(out.Bytes())
	return nil
}
