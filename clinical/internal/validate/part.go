package validate

import "github.com/mitral-health/mitral/clinical/internal/resource"

// PartSystem is the code system of the tag SUBSETTED.
const PartSystem = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"

// IsPart reports whether n says of itself that it is a part of a resource: stored as an update, it
// would take the rest away.
func IsPart(n *resource.Node) bool {
	for _, k := range n.Path("meta", "tag").Each() {
		if k.Get("system").Str() == PartSystem && k.Get("code").Str() == "SUBSETTED" {
			return true
		}
	}
	return false
}
