package review

// State says where a submission stands.
type State string

// The states. Passed and Approved clear the content; every other state keeps it from the public.
const (
	Passed    State = "passed"    // nothing stood in its way, or the author attested to the warnings
	Warned    State = "warned"    // the author changes it or attests that it is meant
	Held      State = "held"      // waits for a reviewer
	Claimed   State = "claimed"   // a reviewer is on it
	Escalated State = "escalated" // waits for a privacy officer; nobody else may decide
	Approved  State = "approved"  // a reviewer released exactly this content
	Returned  State = "returned"  // sent back with what to change; the next version comes here again
	Rejected  State = "rejected"  // refused: this content does not become public
	Expired   State = "expired"   // nobody decided in time; it never publishes itself
	Blocked   State = "blocked"   // can't go out as it is, and nobody can release it: it must be changed
	Withdrawn State = "withdrawn" // the author took it back or sent a newer version
)

// Clears reports whether content in this state may be published.
func (s State) Clears() bool { return s == Passed || s == Approved }

// Waits reports whether a person still has to decide.
func (s State) Waits() bool { return s == Held || s == Claimed || s == Escalated }
