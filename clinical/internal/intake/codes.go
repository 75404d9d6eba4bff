package intake

import "github.com/mitral-health/mitral/clinical/internal/resource"

const loinc = "http://loinc.org"

// oldCodes are codes that were replaced by their publisher, as of November 2026. The new coding is put
// before the old one, which stays.
var oldCodes = map[string]resource.Node{
	// LOINC: "Blood pressure systolic and diastolic" is discouraged in favour of the panel that
	// FHIR's profile of blood pressure asks for (http://hl7.org/fhir/R4/bp.html).
	"55284-4": coding("85354-9", "Blood pressure panel with all children optional"),
}

func coding(code, display string) resource.Node {
	return resource.O(resource.M("system", resource.S(loinc)), resource.M("code", resource.S(code)), resource.M("display", resource.S(display)))
}

// renew gives the codes of an Observation that were replaced their new ones beside them.
func renew(n *resource.Node) {
	if n.Type() != "Observation" {
		return
	}
	renewConcept(n.Get("code"))
	components := n.Get("component")
	if components == nil {
		return
	}
	for i := range components.Kids {
		renewConcept(components.Kids[i].Get("code"))
	}
}

func renewConcept(concept *resource.Node) {
	list := concept.Get("coding")
	if list == nil || list.Kind != resource.Array {
		return
	}
	for i := range list.Kids {
		if list.Kids[i].Get("system").Str() != loinc {
			continue
		}
		next, old := oldCodes[list.Kids[i].Get("code").Str()]
		if !old || has(list, next.Get("code").Str()) {
			continue
		}
		list.Kids = append([]resource.Node{next.Clone()}, list.Kids...)
		return
	}
}

func has(list *resource.Node, code string) bool {
	for i := range list.Kids {
		if list.Kids[i].Get("system").Str() == loinc && list.Kids[i].Get("code").Str() == code {
			return true
		}
	}
	return false
}
