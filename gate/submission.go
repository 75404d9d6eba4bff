package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/id"
)

// Submission is the noun of a submission's id.
type Submission struct{}

// submission is one row: one content of one draft, and what became of it.
type submission struct {
	id       id.Of[Submission]
	draft    Draft
	hash     [32]byte
	round    int // how often this same content was submitted anew
	version  int // the how-manieth content of this draft
	title    string
	verdict  scan.Severity
	findings []Finding
	pack     string
	attested bool

	review.Item // where it stands

	at         time.Time
	soon       time.Time // half of the time is gone
	decider    identity.Subject
	decided    time.Time
	comment    string
	suggestion []Field
	revision   int // counts every change: a decision names the one it saw
}

// samplesLast puts samples behind everything that has a deadline; they have none.
const samplesLast = int64(1) << 53

// queueAt is the place in the reviewers' queue.
func (s *submission) queueAt() int64 {
	if s.State.Waits() {
		return db.Micros(s.Deadline)
	}
	return samplesLast + db.Micros(s.at)
}

func (s *submission) waiting() bool { return s.State.Waits() || s.Sampled }

// outcome is what the author's side learns.
func (s *submission) outcome(by string) Outcome {
	o := Outcome{State: s.State, Submission: s.id.String(), Verdict: s.verdict, Findings: s.findings}
	switch s.State {
	case Approved, Returned, Rejected: // before that, comments are among reviewers
		o.Comment, o.Suggestion, o.By = s.comment, s.suggestion, by
	}
	if s.State.Waits() {
		o.Deadline = s.Deadline
	}
	if s.State.Clears() {
		o.Cleared = Cleared{ok: true, hash: s.hash, submission: s.id.String()}
	}
	return o
}

const submissionColumns = `id, hash, round, version, author, title, draft, verdict, findings, pack, state, attested, sampled,
	at, soon, due, holder, claimed, decider, decided, comment, suggestion, revision`

func scanSubmission(row db.Row) (*submission, error) {
	var s submission
	var hash []byte
	var draft, findings, suggestion, state string
	var verdict int64
	var at, soon, due, claimed, decided int64
	err := row.Scan(&s.id, &hash, &s.round, &s.version, &s.Author, &s.title, &draft, &verdict, &findings, &s.pack, &state, &s.attested, &s.Sampled,
		&at, &soon, &due, &s.Holder, &claimed, &s.decider, &decided, &s.comment, &suggestion, &s.revision)
	if err != nil {
		return nil, err
	}
	if len(hash) != 32 {
		return nil, fmt.Errorf("gate: submission %s has a damaged hash", s.id)
	}
	s.hash, s.verdict, s.State = [32]byte(hash), scan.Severity(verdict), State(state)
	s.at, s.soon, s.Deadline = db.FromMicros(at), db.FromMicros(soon), db.FromMicros(due)
	s.Claimed, s.decided = db.FromMicros(claimed), db.FromMicros(decided)
	for text, into := range map[string]any{draft: &s.draft, findings: &s.findings, suggestion: &s.suggestion} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return nil, fmt.Errorf("gate: submission %s can't be read: %w", s.id, err)
		}
	}
	return &s, nil
}

// insert stores a new submission. The caller's unique (draft, hash, round) decides a race.
func (s *submission) insert(ctx context.Context, tx db.Tx) error {
	draft, findings, suggestion, err := s.json()
	if err != nil {
		return err
	}
	s.revision = 1
	_, err = tx.Exec(ctx, `INSERT INTO submissions (id, draft_id, hash, round, version, author, title, draft, verdict, findings, pack,
		state, attested, sampled, waiting, queue_at, at, soon, due, holder, claimed, decider, decided, comment, suggestion, revision, words)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)`,
		s.id, s.draft.ID, s.hash[:], s.round, s.version, s.Author.String(), s.title, draft, int64(s.verdict), findings, s.pack,
		string(s.State), s.attested, s.Sampled, s.waiting(), s.queueAt(), db.Micros(s.at), db.Micros(s.soon), db.Micros(s.Deadline),
		s.Holder, db.Micros(s.Claimed), s.decider, db.Micros(s.decided), s.comment, suggestion, s.revision, s.draft.words())
	return err
}

// update stores what may change, if the row is still at the revision that was read.
func (s *submission) update(ctx context.Context, tx db.Tx) error {
	_, _, suggestion, err := s.json()
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE submissions SET state = $1, attested = $2, sampled = $3, waiting = $4, queue_at = $5, soon = $6, due = $7,
		holder = $8, claimed = $9, decider = $10, decided = $11, comment = $12, suggestion = $13, revision = revision + 1
		WHERE id = $14 AND revision = $15`,
		string(s.State), s.attested, s.Sampled, s.waiting(), s.queueAt(), db.Micros(s.soon), db.Micros(s.Deadline),
		s.Holder, db.Micros(s.Claimed), s.decider, db.Micros(s.decided), s.comment, suggestion, s.id, s.revision)
	if err == nil && n == 0 {
		return errChanged
	}
	s.revision++
	return err
}

func (s *submission) json() (draft, findings, suggestion string, err error) {
	var out [3]string
	for i, v := range []any{s.draft, s.findings, s.suggestion} {
		b, err := json.Marshal(v)
		if err != nil {
			return "", "", "", fmt.Errorf("gate: %w", err)
		}
		out[i] = string(b)
	}
	return out[0], out[1], out[2], nil
}

// find reads one submission; ErrNoRows if there is none.
func find(ctx context.Context, tx db.Tx, submissionID id.Of[Submission]) (*submission, error) {
	return scanSubmission(tx.QueryRow(ctx, `SELECT `+submissionColumns+` FROM submissions WHERE id = $1`, submissionID))
}

// latest reads the last round of one content; ErrNoRows if it was never submitted.
func latest(ctx context.Context, tx db.Tx, draftID string, hash [32]byte) (*submission, error) {
	return scanSubmission(tx.QueryRow(ctx, `SELECT `+submissionColumns+` FROM submissions
		WHERE draft_id = $1 AND hash = $2 ORDER BY round DESC LIMIT 1`, draftID, hash[:]))
}

// move adds to an item's history, which reviewers and the officer see. It begins with the submission
// itself, which is no row of its own.
func move(ctx context.Context, tx db.Tx, s *submission, at time.Time, actor identity.Subject, act, comment string) error {
	var n int
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(n), 0) FROM moves WHERE submission = $1`, s.id).Scan(&n); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO moves (submission, n, at, actor, act, comment) VALUES ($1, $2, $3, $4, $5, $6)`,
		s.id, n+1, db.Micros(at), actor, act, comment)
	return err
}

// remember keeps the name under which a subject acts, so that pages can say who did what.
func remember(ctx context.Context, tx db.Tx, who identity.Subject, name string) error {
	if who.IsZero() || name == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO people (subject, name) VALUES ($1, $2)
		ON CONFLICT (subject) DO UPDATE SET name = excluded.name WHERE people.name <> excluded.name`, who, name)
	return err
}

// names returns how people are called; who is unknown is absent.
func names(ctx context.Context, tx db.Tx, who ...identity.Subject) (map[identity.Subject]string, error) {
	out := map[identity.Subject]string{}
	for _, w := range who {
		if _, done := out[w]; done || w.IsZero() {
			continue
		}
		var name string
		err := tx.QueryRow(ctx, `SELECT name FROM people WHERE subject = $1`, w).Scan(&name)
		if errors.Is(err, db.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[w] = name
	}
	return out, nil
}
