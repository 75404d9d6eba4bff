package records

import (
	"strconv"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// instant is how meta.lastUpdated is written.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// stamp gives n its id, meta.versionId and meta.lastUpdated, and leaves all else of meta as it is.
func stamp(n *resource.Node, id string, version int64, updated time.Time) {
	place(n, 1, "id", resource.S(id))
	meta := n.Get("meta")
	if meta == nil || meta.Kind != resource.Object {
		place(n, 2, "meta", resource.O())
		meta = n.Get("meta")
	}
	place(meta, 0, "versionId", resource.S(strconv.FormatInt(version, 10)))
	place(meta, 1, "lastUpdated", resource.S(instant(updated)))
}

// place sets a member, a new one at position at. n's list of members is copied: it may be shared.
func place(n *resource.Node, at int, name string, v resource.Node) {
	v.Name = name
	kids := make([]resource.Node, 0, len(n.Kids)+1)
	had := false
	for _, k := range n.Kids {
		if k.Name == name {
			k, had = v, true
		}
		kids = append(kids, k)
	}
	if !had {
		at = min(at, len(kids))
		kids = append(kids[:at], append([]resource.Node{v}, kids[at:]...)...)
	}
	n.Kids = kids
}
