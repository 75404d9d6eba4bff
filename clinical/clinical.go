// Package clinical is the private chamber: the confidential relation between one person and their
// care team. Today it holds its store, closed on every side, so that the walls stand before anybody
// moves in. May import gate, identity, audit, platform and ui; nobody but server may import it.
package clinical

import "github.com/mitral-health/mitral/platform/db"

// Migrations returns the steps of the clinical store's schema.
func Migrations() []db.Migration { return nil }
