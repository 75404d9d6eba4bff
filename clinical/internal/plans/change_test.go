package plans

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
)

var inputs = regexp.MustCompile(`<(input|textarea|select)[^>]*? name="([^"]+)"[^>]*>`)

// filled is the form of a page as a browser would send it.
func filled(page string) url.Values {
	form := url.Values{}
	attr := func(tag, name string) string {
		if m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag); m != nil {
			return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace(m[1])
		}
		return ""
	}
	for _, at := range inputs.FindAllStringSubmatchIndex(page, -1) {
		tag, kind, name := page[at[0]:at[1]], page[at[2]:at[3]], page[at[4]:at[5]]
		switch kind {
		case "input":
			if t := attr(tag, "type"); (t == "checkbox" || t == "radio") && !strings.Contains(tag, " checked") {
				continue
			}
			form.Add(name, attr(tag, "value"))
		case "textarea":
			body, _, _ := strings.Cut(page[at[1]:], "</textarea>")
			form.Add(name, strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace(strings.TrimPrefix(body, "\n")))
		case "select":
			body, _, _ := strings.Cut(page[at[1]:], "</select>")
			if m := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(body); m != nil {
				form.Add(name, m[1])
			}
		}
	}
	return form
}

// TestAdapt makes a draft, adapts it, puts it in force, changes it with a reason and ends it.
func TestAdapt(t *testing.T) {
	each(t, func(w *world) {
		shelf := "/care/" + w.id["edda"] + "/plan"
		w.want("doctor", "GET", shelf, 200, "Blood pressure in balance")
		w.want("edda", "GET", shelf, 403, "")
		to := w.do("doctor", "POST", shelf, "template", "hypertension").Header().Get("Location")
		team := strings.TrimSuffix(to, "/change")
		w.want("edda", "GET", "/my/plan", 200, "No plan yet") // a draft is the team's
		if n := len(w.stored("edda", "Goal", "lifecycle-status", "active")); n != 0 {
			t.Errorf("%d goals of a draft are drawn", n)
		}

		form := filled(w.want("doctor/es", "GET", to, 200, "Adapta el borrador"))
		if form.Get("title") != "La tensión en su sitio" {
			t.Fatalf("%v", form)
		}
		form.Set("g0-low0", "125,5")
		form.Set("g0-high0", "135")
		form.Set("a2-title", "Pasea 20 minutos con Bruna")
		form.Set("a2-minutes", "20")
		form.Set("a4-drop", "yes")
		form.Set("from", "2026-11-24")
		form.Set("add", "exercise:march")
		form.Set("do", "add")
		rec := w.post("doctor/es", "POST", to, form)
		form = filled(rec.Body.String())
		if rec.Code != 200 || !strings.Contains(rec.Body.String(), "Marcha sentado") || form.Get("a2-minutes") != "20" {
			t.Fatalf("%d %v", rec.Code, form)
		}
		form.Set("do", "start")
		form.Set("g0-high0", "900")
		if rec = w.post("doctor/es", "POST", to, form); rec.Code != 422 || !strings.Contains(rec.Body.String(), "se pueda medir") {
			t.Fatalf("%d", rec.Code)
		}
		form.Set("g0-high0", "135")
		stale := filled(w.do("doctor", "GET", to).Body.String())
		if rec = w.post("doctor/es", "POST", to, form); rec.Code != 303 {
			t.Fatalf("%d %.2000s", rec.Code, rec.Body)
		}
		w.want("doctor", "GET", team, 200, "In force")
		goals := w.stored("edda", "Goal", "lifecycle-status", "active")
		if s := string(goals[0].Bytes()) + string(goals[1].Bytes()); len(goals) != 2 || !strings.Contains(s, `"value":125.5`) || !strings.Contains(s, `"value":135`) {
			t.Errorf("%d goals %s", len(goals), s)
		}
		// It begins tomorrow; what was not touched is still in both languages.
		w.want("edda", "GET", "/my/plan", 200, "Nothing for today")
		w.clock.Advance(24 * time.Hour)
		w.want("edda", "GET", "/my/plan", 200, "Pasea 20 minutos con Bruna")
		if page := w.want("edda", "GET", "/my/plan", 200, "Blood pressure in the morning"); !strings.Contains(page, "March on your chair") || strings.Contains(page, "Push the wall") {
			t.Error("it is not what was adapted")
		}

		// Who changes what somebody else changed since is told so.
		stale.Set("do", "start")
		if rec = w.post("doctor", "POST", to, stale); rec.Code != 409 {
			t.Errorf("a stale form: %d", rec.Code)
		}
		// A change needs its reason.
		form = filled(w.do("doctor", "GET", to).Body.String())
		form.Set("a2-rhythm", "weekly3")
		form.Set("g1-drop", "yes")
		form.Set("do", "save")
		if rec = w.post("doctor", "POST", to, form); rec.Code != 422 || !strings.Contains(rec.Body.String(), "Say why") {
			t.Errorf("%d", rec.Code)
		}
		w.clock.Advance(7 * 24 * time.Hour)
		form.Set("why", "Bruna is old.")
		if rec = w.post("doctor", "POST", to, form); rec.Code != 303 {
			t.Fatalf("%d", rec.Code)
		}
		w.want("edda", "GET", "/my/plan", 200, "Bruna is old.")
		w.want("edda", "GET", "/my/plan", 200, "0 of 3 times this week")
		w.want("doctor", "GET", team, 200, "Bruna is old.")
		w.want("doctor", "GET", team+"?version=2", 200, "On weekdays")
		w.want("doctor", "GET", team+"?version=1", 200, "It does not hold any more")
		if n := len(w.stored("edda", "Goal", "lifecycle-status", "active")); n != 1 {
			t.Errorf("%d goals", n)
		}

		// Its end.
		form = filled(w.do("doctor", "GET", team).Body.String())
		w.want("doctor", "POST", team+"/end", 422, "Say why", "version", form.Get("version"), "how", "completed")
		w.want("doctor", "POST", team+"/end", 303, shelf, "version", form.Get("version"), "how", "revoked", "why", "Edda moves away.")
		w.want("edda", "GET", "/my/plan", 200, "No plan yet")
		w.want("doctor", "GET", shelf, 200, "Ended early")
		w.want("doctor", "GET", to, 404, "")
		if n := len(w.stored("edda", "Goal", "lifecycle-status", "active")); n != 0 {
			t.Errorf("%d goals of an ended plan", n)
		}
		if n := len(w.stored("edda", "CarePlan")); n != 1 {
			t.Errorf("%d plans", n)
		}
		err := w.plans.Records.Look(t.Context(), w.doctor, func(tx *records.Tx) error {
			page, err := tx.History(t.Context(), "CarePlan", strings.TrimPrefix(team, shelf+"/"), records.HistoryQuery{})
			if len(page.Records) != 4 {
				t.Errorf("%d versions", len(page.Records))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
