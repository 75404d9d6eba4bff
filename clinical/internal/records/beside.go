package records

import "github.com/mitral-health/mitral/platform/db"

// Beside lends the transaction itself to a package of the private chamber that keeps a table of its
// own and must write it together with records: the journal of an import. It is not for the tables of records.
func (t *Tx) Beside() db.Tx { return t.db }
