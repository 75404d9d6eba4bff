package pages

import (
	"net/http"

	"github.com/mitral-health/mitral/audit"
	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/platform/web"
)

// ledgerView is the ledger's page.
type ledgerView struct {
	List     page.Of[gate.Recorded]
	Next     string
	Act      string
	Exports  bool // the reader may take a copy
	Opens    bool // the reader may open submissions
	Verified bool
	Entries  int64
	Broken   *audit.Break
}

func (p *Pages) ledger(w http.ResponseWriter, r *http.Request) error {
	v, err := p.entries(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, ledgerPage(*v))
}

func (p *Pages) entries(r *http.Request) (*ledgerView, error) {
	me, query := identity.From(r.Context()), r.URL.Query()
	after, err := page.Parse(query.Get("after"))
	if err != nil {
		return nil, err
	}
	v := &ledgerView{Exports: me.Has(gate.LedgerExporters...), Opens: me.Has(identity.Reviewer, identity.PrivacyOfficer)}
	if act := query.Get("act"); actLabel(r.Context(), act) != "" {
		v.Act = act
	}
	if v.List, err = p.Gate.Ledger(r.Context(), me, v.Act, after, ledgerLength); err != nil {
		return nil, err
	}
	if !v.List.Next.IsZero() {
		v.Next = "/ledger?act=" + v.Act + "&after=" + v.List.Next.String()
	}
	return v, nil
}

func (p *Pages) verify(w http.ResponseWriter, r *http.Request) error {
	n, broken, err := p.Gate.VerifyLedger(r.Context(), identity.From(r.Context()))
	if err != nil {
		return err
	}
	v, err := p.entries(r)
	if err != nil {
		return err
	}
	v.Verified, v.Entries, v.Broken = true, n, broken
	if broken != nil {
		p.Log.Error("gate: the ledger's chain is broken", "entry", broken.Seq, "why", string(broken.Why))
	}
	return web.Render(w, r, ledgerPage(*v))
}

func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "application/jsonl; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="ledger-`+p.Gate.Now().Format("2006-01-02")+`.jsonl"`)
	h.Set("Cache-Control", "no-store")
	return p.Gate.ExportLedger(r.Context(), identity.From(r.Context()), w)
}
