package audit

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

var errCursor = fault.New(fault.Invalid, "This link to a further page is broken. Start again from the first page.")

// Break is the first place where a chain does not hold.
type Break struct {
	Seq int64 // the entry that should be there and is not, or is not what was written
	Why Why
}

// Why says what is wrong at a break.
type Why string

// The ways in which a chain breaks.
const (
	Missing Why = "missing" // an entry was removed, or entries were reordered
	Changed Why = "changed" // an entry is not what was written
	Unbound Why = "unbound" // an entry does not follow from the one before it: put in, or swapped
	Tail    Why = "tail"    // entries at the end were removed, or added past the head
)

// String is for logs.
func (b *Break) String() string { return fmt.Sprintf("entry %d: %s", b.Seq, b.Why) }

// Verify walks the whole chain, oldest first, holding one entry in memory at a time. It returns how
// many entries hold and the first break, nil if there is none.
func (t Trail) Verify(ctx context.Context, store *db.DB) (n int64, broken *Break, err error) {
	err = store.Read(ctx, func(tx db.Tx) error {
		n, broken, err = t.walk(ctx, tx, nil)
		return err
	})
	return n, broken, err
}

// walk verifies the chain and hands every entry that holds to each.
func (t Trail) walk(ctx context.Context, tx db.Tx, each func(*Entry) error) (n int64, broken *Break, err error) {
	var headSeq int64
	var headHash []byte
	err = tx.QueryRow(ctx, t.sql(`SELECT seq, hash FROM {}_audit_head WHERE id = 1`)).Scan(&headSeq, &headHash)
	if errors.Is(err, db.ErrNoRows) {
		headHash = make([]byte, 32)
	} else if err != nil {
		return 0, nil, err
	}
	rows, err := tx.Query(ctx, t.sql(`SELECT `+columns+` FROM {}_audit ORDER BY seq`))
	if err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	var prev [32]byte
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return n, nil, err
		}
		switch {
		case e.Seq != n+1:
			return n, &Break{n + 1, Missing}, nil
		case e.seal() != e.Hash:
			return n, &Break{e.Seq, Changed}, nil
		case e.Prev != prev:
			return n, &Break{e.Seq, Unbound}, nil
		case e.Seq > headSeq:
			return n, &Break{e.Seq, Tail}, nil
		}
		if each != nil {
			if err := each(&e); err != nil {
				return n, nil, err
			}
		}
		n, prev = e.Seq, e.Hash
	}
	if err := rows.Err(); err != nil {
		return n, nil, err
	}
	if n != headSeq || string(prev[:]) != string(headHash) {
		return n, &Break{n + 1, Tail}, nil
	}
	return n, nil, nil
}

// line is an entry as Export writes it.
type line struct {
	Seq    int64             `json:"seq"`
	At     string            `json:"at"` // RFC 3339, UTC, microseconds
	Actor  string            `json:"actor,omitempty"`
	Act    string            `json:"act"`
	Object string            `json:"object,omitempty"`
	Detail map[string]string `json:"detail,omitempty"`
	Prev   string            `json:"prev"`
	Hash   string            `json:"hash"`
}

type manifest struct {
	Manifest string `json:"manifest"`
	Entries  int64  `json:"entries"`
	Last     string `json:"last"`             // hash of the last entry
	Broken   string `json:"broken,omitempty"` // where the chain broke; the lines before it hold
}

// Export writes the chain as JSON lines, oldest first, verifying it on the way, and a manifest as
// the last line: how many entries, and the last hash. A file without a manifest was cut short. At a
// break the export stops and the manifest names it.
func (t Trail) Export(ctx context.Context, store *db.DB, w io.Writer) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	err := store.Read(ctx, func(tx db.Tx) error {
		m := manifest{Manifest: "mitral audit 1, " + t.prefix, Last: hex.EncodeToString(make([]byte, 32))}
		n, broken, err := t.walk(ctx, tx, func(e *Entry) error {
			m.Last = hex.EncodeToString(e.Hash[:])
			return enc.Encode(line{e.Seq, e.At.Format("2006-01-02T15:04:05.000000Z"), e.Actor, e.Act, e.Object, e.Detail,
				hex.EncodeToString(e.Prev[:]), m.Last})
		})
		if err != nil {
			return err
		}
		m.Entries = n
		if broken != nil {
			m.Broken = broken.String()
		}
		return enc.Encode(m)
	})
	if err != nil {
		return err
	}
	return out.Flush()
}
