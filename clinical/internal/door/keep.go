package door

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"

	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
)

type keptKey struct{}

// Kept lets the patient's own phone keep a page as last seen, to show it without a network until they sign out. It
// is for pages of the app that answer GET; caregivers' phones keep none.
func Kept(r *web.Route) {
	h := r.Handler
	r.Handler = func(w http.ResponseWriter, req *http.Request) error {
		return h(w, req.WithContext(context.WithValue(req.Context(), keptKey{}, true)))
	}
}

// Owner is whose app this is to the phone (ui.Owner): what one account does for one patient.
func (d *Door) Owner(subject, patient string) ui.Owner {
	mac := func(use string) []byte {
		h := hmac.New(sha256.New, d.People.Key)
		h.Write([]byte("app " + use + "\x00" + subject + "\x00" + patient))
		return h.Sum(nil)
	}
	return ui.Owner{Tag: hex.EncodeToString(mac("owner")[:8]), Key: base64.RawURLEncoding.EncodeToString(mac("seal"))}
}

// app is a request of somebody in the app: the page belongs to them, and may be kept if the room is one of those.
func (d *Door) app(w http.ResponseWriter, r *http.Request, subject, patient string) *http.Request {
	owner := d.Owner(subject, patient)
	if kept, _ := r.Context().Value(keptKey{}).(bool); kept && ui.ActingFor(r.Context()) == "" {
		w.Header().Set("Offline-Owner", owner.Tag)
	}
	return r.WithContext(ui.WithKeep(ui.WithOwner(r.Context(), owner), adding))
}

// adding are the pages that a phone keeps before anybody opened them; Today once more, because what the first visit shows came before the worker did.
var adding = func() []string {
	all := []string{"/my", "/my/add", "/my/plan"}
	for _, m := range show.Offered {
		all = append(all, "/my/add/"+string(m))
	}
	return all
}()
