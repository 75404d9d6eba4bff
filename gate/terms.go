package gate

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/jobs"
)

// sampled draws: the same submission always gets the same lot, and nobody without the seed can tell
// which texts will be looked at.
func (g *Gate) sampled(submissionID id.Of[Submission]) bool {
	if g.sample <= 0 {
		return false
	}
	m := hmac.New(sha256.New, g.seed)
	m.Write(submissionID[:])
	return binary.BigEndian.Uint64(m.Sum(nil))%uint64(g.sample) == 0
}

// Targets are how much opening time a reviewer has.
type Targets struct {
	Post  time.Duration // a post or an article; 0 is 4 hours
	Reply time.Duration // a reply or a comment; 0 is 15 minutes
}

// of returns the target for a kind of text.
func (t Targets) of(kind string) time.Duration {
	if kind == scan.Reply || kind == scan.Comment {
		return t.Reply
	}
	return t.Post
}

// Targets returns how much opening time this gate's reviewers have.
func (g *Gate) Targets() Targets { return g.targets }

func (g *Gate) setDeadline(s *submission, now time.Time) {
	target := g.targets.of(s.draft.Kind)
	s.Deadline, s.soon = g.hours.Add(now, target), g.hours.Add(now, target/2)
}

func (g *Gate) expireAt(ctx context.Context, tx db.Tx, s *submission) error {
	if g.queue == nil {
		return ErrDown // a held text without an alarm clock would wait for ever
	}
	return g.queue.Insert(ctx, tx, expireJob{s.id.String()}, jobs.At(s.Deadline))
}
