package vitals

import "time"

// Clock says what is known of the clock that a measurement's time comes from.
type Clock string

// The marks.
const (
	Right   Clock = ""        // nothing is wrong with it
	Ahead   Clock = "ahead"   // it says a time that had not come when the reading arrived
	Skewed  Clock = "skewed"  // the phone's clock differed from the server's when it sent
	History Clock = "history" // measured long before it arrived: charted, and no reason for an alert
)

// How far clocks may differ before a time is not believed, and how long a reading may wait in a
// phone before it is history. Chosen, without a source: a request takes seconds, not minutes; a phone
// is away from the network for days, seldom for a week.
const (
	aheadBy   = 5 * time.Minute
	skewedBy  = 10 * time.Minute
	historyAt = 7 * 24 * time.Hour
)

// Place decides the time that rules go by. said is when it was measured by the clock of who says so,
// sent the same phone's clock at the moment of sending (zero if unknown), received the server's.
//
//   - The phone's clock is off by more than ten minutes: what it said is shifted by the difference.
//   - Without sent, a time of more than five minutes ahead is replaced by received.
//   - Nothing is ever ordered after it was received.
//   - What was measured more than seven days before it was received is history.
func Place(said, sent, received time.Time) (order time.Time, mark Clock) {
	order = said
	if off := received.Sub(sent); !sent.IsZero() && (off > skewedBy || off < -skewedBy) {
		order, mark = said.Add(off), Skewed
	} else if said.Sub(received) > aheadBy {
		order, mark = received, Ahead
	}
	if order.After(received) {
		order = received
	}
	if received.Sub(order) > historyAt {
		mark = History
	}
	return order.UTC().Truncate(time.Millisecond), mark // as fine as it is written
}
