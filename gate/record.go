package gate

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/audit"
	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/page"
)

// Recorded is one entry of the ledger and the name of who acted, as far as the gate knows it.
type Recorded struct {
	audit.Entry
	By string
}

// The roles that may read and verify the ledger, and those that may take a copy away.
var (
	LedgerReaders   = []identity.Role{identity.Administrator, identity.PrivacyOfficer, identity.Reviewer}
	LedgerExporters = []identity.Role{identity.Administrator, identity.PrivacyOfficer}
)

func mayRead(p *identity.Principal) error {
	if p == nil || !p.Has(LedgerReaders...) {
		return fault.New(fault.Forbidden, "Only administrators, privacy officers and reviewers read the ledger.")
	}
	return nil
}

// Ledger lists entries, the newest first. Act narrows it to one act; "" is all.
func (g *Gate) Ledger(ctx context.Context, p *identity.Principal, act string, after page.Cursor, n int) (page.Of[Recorded], error) {
	if err := mayRead(p); err != nil {
		return page.Of[Recorded]{}, err
	}
	var out page.Of[Recorded]
	err := g.store.Read(ctx, func(tx db.Tx) error {
		list, err := ledger.Trail().List(ctx, tx, audit.Filter{Act: act}, after, n)
		if err != nil {
			return err
		}
		actors := make([]identity.Subject, len(list.Items))
		for i, e := range list.Items {
			if s, err := id.Parse[Submission](e.Actor); err == nil {
				actors[i] = identity.Subject(s)
			}
		}
		called, err := names(ctx, tx, actors...)
		if err != nil {
			return err
		}
		out = page.Of[Recorded]{Next: list.Next}
		for i, e := range list.Items {
			out.Items = append(out.Items, Recorded{Entry: e, By: called[actors[i]]})
		}
		return nil
	})
	return out, err
}

// VerifyLedger walks the whole chain and records that it was done and what came out.
func (g *Gate) VerifyLedger(ctx context.Context, p *identity.Principal) (n int64, broken *audit.Break, err error) {
	if err := mayRead(p); err != nil {
		return 0, nil, err
	}
	if n, broken, err = ledger.Trail().Verify(ctx, g.store); err != nil {
		return 0, nil, err
	}
	result := map[string]string{"entries": strconv.FormatInt(n, 10), "result": "whole"}
	if broken != nil {
		result["result"] = broken.String()
	}
	return n, broken, g.note(ctx, p, ledger.Verified, result)
}

// ExportLedger records the export, then writes the whole chain as JSON lines with a manifest.
func (g *Gate) ExportLedger(ctx context.Context, p *identity.Principal, w io.Writer) error {
	if p == nil || !p.Has(LedgerExporters...) {
		return fault.New(fault.Forbidden, "Only administrators and privacy officers export the ledger.")
	}
	if err := g.note(ctx, p, ledger.Exported, nil); err != nil {
		return err
	}
	return ledger.Trail().Export(ctx, g.store, w)
}

func (g *Gate) note(ctx context.Context, p *identity.Principal, act string, detail map[string]string) error {
	me := p.Subject(identity.Gate)
	return g.store.Write(ctx, func(tx db.Tx) error {
		if err := remember(ctx, tx, me, p.Name); err != nil {
			return err
		}
		return ledger.Record(ctx, tx, g.clock.Now(), me.String(), act, "", detail)
	})
}

// Now is the gate's time, for pages that say how long something has waited.
func (g *Gate) Now() time.Time { return g.clock.Now() }
