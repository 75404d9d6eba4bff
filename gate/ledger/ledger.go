// Package ledger is the gate's audit trail: every decision and every look at a held text, in the
// transaction of the act. It holds ids, rule ids, versions and decisions, never what somebody wrote.
// May import audit and platform.
package ledger

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/audit"
	"github.com/mitral-health/mitral/platform/db"
)

// The acts of the ledger. The names are stored and exported: they don't change.
const (
	Submitted = "submitted" // an author asked; the detail says what the gate answered
	Attested  = "attested"  // the author confirmed that the warnings are meant
	Looked    = "looked"    // a reviewer opened the text
	Claimed   = "claimed"
	Unclaimed = "unclaimed"
	Approved  = "approved"
	Returned  = "returned"
	Rejected  = "rejected"
	Escalated = "escalated"
	Fine      = "sample_fine"
	Recalled  = "sample_recalled"
	Expired   = "expired"
	Withdrawn = "withdrawn"
	Verified  = "chain_verified"
	Exported  = "chain_exported"

	RulesProposed = "rules_proposed" // a new version of the organisation's own rules
	RulesInForce  = "rules_in_force" // a second person put it in force
	RulesRefused  = "rules_refused"
)

// Acts lists every act, in the order in which pages offer them as filters.
var Acts = []string{Submitted, Attested, Looked, Claimed, Unclaimed, Approved, Returned, Rejected,
	Escalated, Fine, Recalled, Expired, Withdrawn, Verified, Exported,
	RulesProposed, RulesInForce, RulesRefused}

// Trail returns the gate's chain.
func Trail() audit.Trail { return audit.New("gate") }

// Record appends an entry in the caller's transaction.
func Record(ctx context.Context, tx db.Tx, at time.Time, actor, act, object string, detail map[string]string) error {
	_, err := Trail().Append(ctx, tx, audit.Entry{At: at, Actor: actor, Act: act, Object: object, Detail: detail})
	return err
}
