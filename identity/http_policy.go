package identity

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// policyView is what the policy page shows.
type policyView struct {
	policy
	Lang     string
	Before   int  // the version that the person accepted, 0 for none
	Accepted bool // the present one
	Next     string
	Error    string
}

func (i *Identity) policyView(r *http.Request, next string) (policyView, error) {
	s := sessionFrom(r.Context())
	p, err := i.presentPolicy(r.Context())
	return policyView{
		policy: p, Lang: text.Lang(r.Context()), Before: s.account.Accepted, Accepted: s.account.Accepted >= p.Version, Next: next,
	}, err
}

func (i *Identity) policyPage(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	v, err := i.policyView(r, nextOf(q))
	if err != nil {
		return err
	}
	return web.Render(w, r, policyTempl(v))
}

func (i *Identity) policyAccept(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	v, err := i.policyView(r, nextOf(form))
	if err != nil {
		return err
	}
	if form.Get("accept") != "yes" {
		v.Error = text.T(r.Context(), "Tick the box if you accept the policy.")
		return web.RenderStatus(w, r, http.StatusBadRequest, policyTempl(v))
	}
	version, err := strconv.Atoi(form.Get("version"))
	if err != nil {
		version = 0
	}
	if err := i.acceptPolicy(r.Context(), sessionFrom(r.Context()).account, version); err != nil {
		return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return policyTempl(v) })
	}
	return web.Redirect(w, r, web.LocalOr(v.Next, "/account?done=policy"))
}

// policyEditView is what the editor of the policy shows.
type policyEditView struct {
	Base    int // the version that is being changed
	Draft   policy
	Preview bool
	Stale   bool // signed in too long ago to publish
	Done    bool
	Error   string
}

func (i *Identity) policyEditPage(w http.ResponseWriter, r *http.Request) error {
	p, err := i.presentPolicy(r.Context())
	if err != nil {
		return err
	}
	v := policyEditView{Base: p.Version, Draft: p, Done: r.URL.Query().Get("done") == "published"}
	v.Draft.SummaryEN, v.Draft.SummaryES = "", ""
	return web.Render(w, r, policyEditTempl(v))
}

// policyEdit shows a preview or publishes. Whatever goes wrong, what was written comes back.
func (i *Identity) policyEdit(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	base, err := strconv.Atoi(form.Get("base"))
	if err != nil {
		base = -1
	}
	s := sessionFrom(r.Context())
	v := policyEditView{Base: base, Draft: policy{
		SummaryEN: form.Get("summary_en"), SummaryES: form.Get("summary_es"), TextEN: form.Get("text_en"), TextES: form.Get("text_es"),
	}}
	if form.Get("do") != "publish" {
		v.Preview = true
		return web.Render(w, r, policyEditTempl(v))
	}
	if !s.fresh(i.clock.Now(), freshToSend) {
		v.Stale = true
		return web.RenderStatus(w, r, http.StatusForbidden, policyEditTempl(v))
	}
	if err := i.publishPolicy(r.Context(), s.account.ID.String(), base, v.Draft); err != nil {
		return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return policyEditTempl(v) })
	}
	return web.Redirect(w, r, "/admin/policy?done=published")
}
