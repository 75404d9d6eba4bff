package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivershared/uniquestates"
	"github.com/riverqueue/river/rivertype"

	"github.com/mitral-health/mitral/platform/clock"
)

// shaping is the hook through which every insert passes, the periodic ones too.
type shaping struct {
	river.HookDefaults
	clock clock.Clock
}

// waiting are the states in which a unique job stands in the way of another. River's default adds
// 'running' and 'completed', which would lose a wake-up: a handler that has already looked would
// swallow the job that tells of something newer. 'scheduled' and 'retryable' rows are compared when
// they become available, so that no state change can ever collide.
var waiting = uniquestates.UniqueStatesToBitmask([]rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending})

// InsertBegin gives unique jobs our meaning of unique, and makes soon-due jobs available at once:
// the scheduler that would move them looks every five seconds only, the fetch more than once a second, and
// the fetch leaves a job alone until it is due.
func (s *shaping) InsertBegin(_ context.Context, p *rivertype.JobInsertParams) error {
	if len(p.UniqueKey) > 0 {
		h := sha256.New()
		h.Write(p.UniqueKey) // River's hash of kind and arguments
		if p.ScheduledAt != nil {
			var at [8]byte
			binary.BigEndian.PutUint64(at[:], uint64(p.ScheduledAt.UnixMilli()))
			h.Write(at[:])
		}
		p.UniqueKey = h.Sum(nil)
		p.UniqueStates = waiting
	}
	if p.State == rivertype.JobStateScheduled && p.ScheduledAt.Sub(s.clock.Now()) < 2*schedulerTick {
		p.State = rivertype.JobStateAvailable
	}
	return nil
}
