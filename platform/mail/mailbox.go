package mail

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// Kept is a message in a Mailbox.
type Kept struct {
	ID id.Of[Kept]
	At time.Time
	Message
}

// Mailbox is a Mailer that sends nothing: it keeps the last 200 letters as files in a folder and
// lists them. The demo shows them on a page, so that codes and links by mail can be tried.
type Mailbox struct {
	clock clock.Clock
	root  *os.Root
	mu    sync.Mutex // one writer, so that the bound holds
}

const (
	keep    = 200
	ending  = ".json"
	written = "~new" // the letter being written; renamed when it is whole
)

// OpenMailbox opens the folder dir, which it makes if needed.
func OpenMailbox(c clock.Clock, dir string) (*Mailbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unreachable(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, unreachable(err)
	}
	return &Mailbox{clock: c, root: root}, nil
}

// Close gives the folder's handle back.
func (b *Mailbox) Close() error { return b.root.Close() }

// Send keeps the message and drops the oldest beyond 200.
func (b *Mailbox) Send(ctx context.Context, m Message) error {
	if err := errors.Join(m.check(), ctx.Err()); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	k := Kept{ID: id.New[Kept](now), At: now, Message: m}
	data, err := json.Marshal(k)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "mail not encoded")
	}
	if err := b.root.WriteFile(written, data, 0o600); err != nil {
		return unreachable(err)
	}
	if err := b.root.Rename(written, k.ID.String()+ending); err != nil {
		return unreachable(err)
	}
	all, err := b.List(ctx)
	if err != nil {
		return err
	}
	for _, old := range all[min(keep, len(all)):] {
		if err := b.root.Remove(old.ID.String() + ending); err != nil {
			return unreachable(err)
		}
	}
	return nil
}

// List returns what is kept, newest first.
func (b *Mailbox) List(ctx context.Context) ([]Kept, error) {
	entries, err := fs.ReadDir(b.root.FS(), ".")
	if err != nil {
		return nil, unreachable(err)
	}
	var all []Kept
	for _, e := range entries {
		name, ours := strings.CutSuffix(e.Name(), ending)
		if !ours {
			continue
		}
		v, err := id.Parse[Kept](name)
		if err != nil {
			continue
		}
		k, err := b.Get(ctx, v)
		if fault.Is(err, fault.NotFound) {
			continue // dropped meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b Kept) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(b.ID.String(), a.ID.String()))
	})
	return all, nil
}

// Get returns one message.
func (b *Mailbox) Get(ctx context.Context, v id.Of[Kept]) (Kept, error) {
	if err := ctx.Err(); err != nil {
		return Kept{}, err
	}
	data, err := b.root.ReadFile(v.String() + ending)
	if errors.Is(err, fs.ErrNotExist) {
		return Kept{}, fault.Wrap(err, fault.NotFound, "This mail does not exist.")
	}
	if err != nil {
		return Kept{}, unreachable(err)
	}
	var k Kept
	if err := json.Unmarshal(data, &k); err != nil {
		return Kept{}, fault.Wrap(err, fault.Internal, "mail not decoded")
	}
	return k, nil
}

func unreachable(err error) error {
	return fault.Wrap(err, fault.Unavailable, "The mailbox can't be reached right now.")
}
