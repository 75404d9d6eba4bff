package identity

import (
	"net/http"
	"time"

	"github.com/mitral-health/mitral/platform/web"
)

// providerAway sends the browser to the organisation's provider. It is a link and not a form, because
// the page's policy lets forms go nowhere but here.
func (i *Identity) providerAway(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	var again *session
	if q.Get("again") != "" {
		again = sessionFrom(r.Context())
	}
	to, token, err := i.goAway(r.Context(), nextOf(q), again)
	if err != nil {
		return err
	}
	i.setCookie(w, providerCeremony.cookie(), token.Text(), ceremonyLasts[providerCeremony])
	w.Header().Set("Location", to) // leaves this site on purpose: web.Redirect would refuse
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

func (i *Identity) providerBack(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	token, ok := i.token(r, providerCeremony.cookie())
	if !ok {
		return errCeremony
	}
	i.dropCookie(w, r, providerCeremony.cookie())
	data, said, err := i.comeBack(ctx, token, q)
	if err != nil {
		return err
	}
	a, err := i.personOf(ctx, said)
	if err != nil {
		return err
	}
	if a.Suspended {
		return errSuspended
	}
	to, err := i.afterProvider(w, r, a, data, said)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, to)
}

// afterProvider goes on from what the provider said: straight in if a second factor was asked for
// there, otherwise to the one here.
func (i *Identity) afterProvider(w http.ResponseWriter, r *http.Request, a *account, data away, said claims) (string, error) {
	if data.Again != "" {
		s := sessionFrom(r.Context())
		fresh := said.AuthTime >= data.Since.Add(-time.Minute).Unix()
		if s == nil || s.id.String() != data.Again || s.account.ID != a.ID || !fresh {
			return "", errCeremony
		}
		return i.enter(w, r, entry{account: a, how: "provider again", next: data.Next})
	}
	if i.provider.cfg.SecondFactor || said.manyFactors() {
		return i.enter(w, r, entry{account: a, how: "provider", next: data.Next})
	}
	return i.onward(w, r, entry{account: a, how: "provider"}, factorData{Next: data.Next})
}
