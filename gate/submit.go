package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// Submit asks whether a draft may be published and records the answer: submission, ledger and
// deadline in one transaction of the gate's store. attested says that the author confirms the
// warnings.
//
// It is idempotent by draft id and content: a repeat, also after a kill, gets the stored answer. A
// new round starts only where the stored answer no longer holds: after Expired and Withdrawn, and
// for what the engine alone decided (Passed, Warned, Blocked) when the rules have changed. A version
// that follows one which a reviewer sent back or refused goes to a reviewer again, even when the
// engine finds nothing in it; so do the same words as another draft, such as a copy.
func (g *Gate) Submit(ctx context.Context, d Draft, attested bool) (Outcome, error) {
	if err := d.valid(); err != nil {
		return Outcome{}, err
	}
	if d.Author.Subject.IsZero() {
		return Outcome{}, fault.New(fault.Invalid, "This draft is incomplete, so the gate can't read it.")
	}
	hash := d.Hash()
	by := g.current(ctx)
	res, unread := g.checkBy(ctx, d, by) // that the engine fails matters only where there is no answer yet
	var out Outcome
	fresh := id.New[Submission](g.clock.Now())
	for try := 0; ; try++ {
		err := g.store.Write(ctx, func(tx db.Tx) error {
			if err := g.inForce(ctx, tx, by); err != nil {
				return err
			}
			s, err := g.submit(ctx, tx, fresh, d, hash, by.pack, res, unread, attested)
			if err != nil {
				return err
			}
			out, err = answer(ctx, tx, s)
			return err
		})
		// Somebody else submitted or moved the same thing in between: what they stored is the answer.
		if try < 3 && (db.IsUnique(err) || errors.Is(err, errChanged)) {
			continue
		}
		if try < 3 && errors.Is(err, errRules) {
			if err := g.reload(ctx); err != nil {
				g.log.ErrorContext(ctx, "gate: the rules in force can't be loaded", "error", err)
				return Outcome{}, ErrDown
			}
			by = g.rules.Load()
			res, unread = g.checkBy(ctx, d, by)
			continue
		}
		if err != nil {
			return Outcome{}, g.down(err)
		}
		return out, nil
	}
}

// stale reports whether a stored answer no longer answers.
func stale(s *submission, pack string) bool {
	switch s.State {
	case Expired, Withdrawn:
		return true
	case Passed, Warned, Blocked:
		return s.pack != pack
	}
	return false
}

func (g *Gate) submit(ctx context.Context, tx db.Tx, fresh id.Of[Submission], d Draft, hash [32]byte, pack string, res Result, unread error, attested bool) (*submission, error) {
	now := g.clock.Now()
	past, err := read(ctx, tx, d, hash)
	if err != nil {
		return nil, err
	}
	if past.rounds > 0 {
		last, err := latest(ctx, tx, d.ID, hash)
		if err != nil {
			return nil, err
		}
		stale, confirms := stale(last, pack), last.State == Warned && attested
		switch {
		case !stale && !confirms:
			return last, nil
		case !stale && unread == nil:
			return last, g.attest(ctx, tx, last, now)
		}
	}
	if unread != nil {
		return nil, unread
	}
	s := &submission{id: fresh, draft: d, hash: hash, round: 1, title: d.title(), verdict: res.Verdict,
		findings: res.Findings, pack: pack, attested: attested && res.bar() == scan.Warn, at: now, revision: 1}
	s.Author = d.Author.Subject
	s.round, s.version = past.rounds+1, past.versions+1
	if past.rounds > 0 {
		s.version = past.version
	}
	if past.waiting > 0 {
		if err := g.supersede(ctx, tx, d.ID, now); err != nil {
			return nil, err
		}
	}
	bar := res.bar()
	switch {
	case bar >= scan.Block:
		s.State = Blocked
	case bar == scan.Hold || past.refused > 0:
		s.State = Held
		g.setDeadline(s, now)
	case bar == scan.Warn && !attested:
		s.State = Warned
	default:
		s.State = Passed
		s.Sampled = g.sampled(s.id)
	}
	if err := s.insert(ctx, tx); err != nil {
		return nil, err
	}
	if s.State == Held {
		if err := g.expireAt(ctx, tx, s); err != nil {
			return nil, err
		}
	}
	if err := remember(ctx, tx, d.Author.Subject, d.Author.Name); err != nil {
		return nil, err
	}
	return s, ledger.Record(ctx, tx, now, s.Author.String(), ledger.Submitted, s.id.String(), s.detail())
}

// past is what the gate has seen of a draft.
type past struct {
	rounds   int // of this content
	version  int // this content's, if it was seen
	versions int // how many contents of the draft were seen
	waiting  int // for a reviewer
	refused  int // returned or rejected by a reviewer, as this draft or in the same words as another
}

func read(ctx context.Context, tx db.Tx, d Draft, hash [32]byte) (p past, err error) {
	err = tx.QueryRow(ctx, `SELECT COALESCE(MAX(CASE WHEN hash = $2 THEN round END), 0), COALESCE(MAX(CASE WHEN hash = $2 THEN version END), 0),
		COALESCE(MAX(version), 0), COUNT(CASE WHEN state IN ('held', 'claimed', 'escalated') THEN 1 END),
		COUNT(CASE WHEN state IN ('returned', 'rejected') THEN 1 END) + (SELECT COUNT(*) FROM submissions
			WHERE words = $3 AND words <> '' AND state IN ('returned', 'rejected')) FROM submissions WHERE draft_id = $1`, d.ID, hash[:], d.words()).
		Scan(&p.rounds, &p.version, &p.versions, &p.waiting, &p.refused)
	return p, err
}

// words names what a draft says, whatever it is called and however it is set: the letters and digits
// of its body or, where that says too little, of everything; "" if there are none.
func (d Draft) words() string {
	const enough = 40 // letters that two people hardly write alike
	said := letters(d.text("body"))
	if utf8.RuneCountInString(said) < enough {
		text, _ := d.joined()
		said = letters(text)
	}
	if said == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(said))
	return hex.EncodeToString(sum[:])
}

// attest turns a warned submission into a passed one, on the author's word.
func (g *Gate) attest(ctx context.Context, tx db.Tx, s *submission, now time.Time) error {
	s.State, s.attested = Passed, true
	s.Sampled = g.sampled(s.id)
	if err := s.update(ctx, tx); err != nil {
		return err
	}
	if err := move(ctx, tx, s, now, s.Author, ledger.Attested, ""); err != nil {
		return err
	}
	return ledger.Record(ctx, tx, now, s.Author.String(), ledger.Attested, s.id.String(), s.detail())
}

// detail is what the ledger keeps of a submission: which content, which rules, which answer.
func (s *submission) detail() map[string]string {
	rules := map[string]bool{}
	for _, f := range s.findings {
		rules[f.Pack+"/"+f.Rule] = true
	}
	var ids []string
	for r := range rules {
		ids = append(ids, r)
	}
	sort.Strings(ids)
	m := map[string]string{"draft": s.draft.ID, "hash": hex.EncodeToString(s.hash[:]), "state": string(s.State),
		"verdict": s.verdict.String(), "pack": s.pack}
	if len(ids) > 0 {
		m["rules"] = strings.Join(ids, " ")
	}
	if s.attested {
		m["attested"] = "yes"
	}
	if s.Sampled {
		m["sampled"] = "yes"
	}
	return m
}
