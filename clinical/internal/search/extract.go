package search

import (
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// Options is what Extract is told besides the resource.
type Options struct {
	Base string // this server's FHIR address without a final slash; references to below it are relative
}

// Extract is what resource n is found by, when it is stored with the instant updated: every search
// parameter of its type, its id, its update, and the compartments it is in. It needs n's
// resourceType and id. What a parameter can't be read from is passed over: n need not be valid.
func Extract(n *resource.Node, updated time.Time, o Options) Terms { return Terms{} }
