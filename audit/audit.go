// Package audit is the form of an audit trail: entries in a hash chain, so that a later change,
// removal, insertion or reordering shows. Each chamber keeps its own trail in its own store, written
// in the same transaction as the act. May import platform.
//
// An entry holds ids, names of rules and decisions; never what somebody wrote and never health data.
//
// The chain shows tampering by whoever can change rows but not rewrite everything from there to the
// head. Against somebody who rewrites it all, keep exports elsewhere: a manifest's count and hash
// must still be found in the chain.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitral-health/mitral/platform/db"
)

// Entry is one act of one actor.
type Entry struct {
	Seq    int64             // 1 for the first; set by Append
	At     time.Time         // when, to the microsecond
	Actor  string            // the actor's subject in this chamber; "" is Mitral itself
	Act    string            // what was done: a short name in lower case
	Object string            // the id of what it was done to
	Detail map[string]string // ids, rule ids, versions, decisions

	Prev [32]byte // hash of the entry before; zero for the first; set by Append
	Hash [32]byte // set by Append

	detail string // Detail as it is stored, which is what the hash covers
}

// seal computes the hash over the entry's canonical bytes: every part with its length before it, so
// that no two different entries have the same bytes.
func (e *Entry) seal() [32]byte {
	h := sha256.New()
	part := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	number := func(v int64) { part(binary.BigEndian.AppendUint64(nil, uint64(v))) }
	part([]byte("mitral audit 1"))
	number(e.Seq)
	number(db.Micros(e.At))
	part([]byte(e.Actor))
	part([]byte(e.Act))
	part([]byte(e.Object))
	part([]byte(e.detail))
	part(e.Prev[:])
	return [32]byte(h.Sum(nil))
}

// check refuses what would not come back from the store as it went in.
func (e *Entry) check() error {
	if e.Act == "" || e.At.IsZero() {
		return fmt.Errorf("audit: an entry needs an act and an instant")
	}
	for _, s := range []string{e.Actor, e.Act, e.Object} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return fmt.Errorf("audit: entry %q is no text", e.Act)
		}
	}
	b, err := json.Marshal(e.Detail) // keys are sorted
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if e.Detail == nil {
		b = []byte("{}")
	}
	e.detail = string(b)
	e.At = e.At.UTC().Truncate(time.Microsecond)
	return nil
}
