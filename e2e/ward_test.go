package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// ward is a server as a centre runs it, with one clinician. What people do there by forms alone.
type ward struct {
	data   string
	env    []string
	p      *program
	doctor *visitor
	me     string // Practitioner/x
	f      *fhir
}

func newWard(t *testing.T, env ...string) *ward {
	t.Helper()
	w := &ward{data: t.TempDir(), env: append(env, "MITRAL_SITE_NAME=Orlena Health Centre", "MITRAL_LOG_LEVEL=warn")}
	w.p = serve(t, w.data, w.env...)
	admin := w.p.join(t, firstLink(t, w.data, append(w.env, "MITRAL_URL="+w.p.URL)...), "Piet Hollander", "piet@orlena.example")
	admin.post(t, "/admin/staff/invite", "login", "marisol@orlena.example", "roles", "clinician", "lang", "en").want(t, 303)
	w.doctor = w.p.join(t, admin.letter(t, "marisol@orlena.example"), "Marisol Quenby", "")
	w.f = &fhir{t: t, token: w.p.token(t, w.env...), url: w.p.URL}
	return w
}

// follow has the doctor follow somebody new for high blood pressure.
func (w *ward) follow(t *testing.T, id, name string) {
	t.Helper()
	if status, _, body := w.f.do("PUT", "Patient/"+id, `{"resourceType":"Patient","id":"`+id+`","name":[{"text":"`+name+`"}]}`); status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	if w.me == "" {
		w.me = w.doctor.get(t, "/care/"+id+"/thresholds").want(t, 200).find(t, `<option value="(Practitioner/[^"]+)"`)
	}
	w.doctor.post(t, "/care/"+id+"/follow", "condition", "hypertension", "responsible", w.me, "deputy", "").want(t, 303)
}

// invite returns the code with which somebody gets into the app of their record.
func (w *ward) invite(t *testing.T, id string) string {
	t.Helper()
	w.doctor.post(t, "/care/"+id+"/invite", "lang", "en").want(t, 303)
	return w.doctor.get(t, "/care/"+id+"/invite").want(t, 200).find(t, `class="joincode[^"]*"[^>]*>\s*([0-9A-Z-]{11})`)
}

// phone is the app of somebody who has just been invited, without a screen.
func (w *ward) phone(t *testing.T, id string) *visitor {
	t.Helper()
	invitation := w.invite(t, id)
	v := newVisitor(w.p.URL)
	v.get(t, "/join/"+strings.ReplaceAll(invitation, "-", "")).want(t, 303)
	link := v.post(t, "/join", "code", invitation, "do", "account").want(t, 303).to
	v.post(t, link, "name", id, "login", id+"@orlena.example", "password", password).want(t, 303)
	secret := v.get(t, "/sign-in/set-up").want(t, 200).find(t, `<p class="key"[^>]*>([^<]+)</p>`)
	v.post(t, "/sign-in/set-up", "code", code(t, secret)).want(t, 303)
	v.post(t, "/join", "code", invitation, "do", "connect").want(t, 303)
	return v
}

// unsent is a reading that waits on a phone.
type unsent struct {
	Key     string   `json:"key"`
	Measure string   `json:"measure"`
	Values  []string `json:"values"`
	Unit    string   `json:"unit"`
	At      string   `json:"at"`
	Sure    bool     `json:"sure"`
}

func pressure(key string, at time.Time, high, low int) unsent {
	return unsent{Key: key, Measure: "blood-pressure", Values: []string{itoa(high), itoa(low)}, Unit: "mm[Hg]", At: at.Format(time.RFC3339), Sure: true}
}

// owner is whose phone this is, as pages of the app name it.
func (v *visitor) owner(t *testing.T) string {
	t.Helper()
	return v.get(t, "/my").want(t, 200).find(t, `data-owner="([0-9a-f]+)"`)
}

// sync sends a queue, as the app's own script does, and returns what became of each by key. Status 0 says that there was
// no answer.
func (v *visitor) sync(owner string, now time.Time, all ...unsent) (int, map[string]string) {
	body, _ := json.Marshal(map[string]any{"owner": owner, "sent": now.Format(time.RFC3339), "entries": all})
	for {
		a, err := v.try("POST", "/my/sync", "application/json", strings.NewReader(string(body)))
		if err != nil {
			return 0, nil
		}
		if a.status == http.StatusTooManyRequests {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		var said struct {
			Answers []struct{ Key, Result string }
		}
		if a.status != http.StatusOK || json.Unmarshal([]byte(a.body), &said) != nil {
			return a.status, nil
		}
		became := map[string]string{}
		for _, one := range said.Answers {
			became[one.Key] = one.Result
		}
		return a.status, became
	}
}
