package control

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

func person(page string) string {
	m := regexp.MustCompile(`name="person" value="([^"]+)"`).FindStringSubmatch(page)
	if m == nil {
		return "none"
	}
	return m[1]
}

func TestCaregiver(t *testing.T) {
	each(t, func(w *world) {
		bernat := "/for/" + w.id["bernat"]
		w.want("irune", "GET", bernat, 404, "")
		w.want("irune", "GET", "/my", 303, "/join")
		code := w.invite("year")
		if c := w.all("Consent", "bernat"); len(c) != 1 || c[0].Get("status").Str() != "proposed" {
			t.Errorf("before the yes: %d consents", len(c))
		}
		w.want("irune", "GET", bernat, 404, "") // a code is no authority yet
		if err := w.accept("bernat", code); err == nil {
			t.Error("the patient became a caregiver of their own")
		}
		if err := w.accept("irune", code); err != nil {
			t.Fatal(err)
		}
		if err := w.accept("new", code); err == nil {
			t.Error("a code worked twice")
		}
		c, p := w.all("Consent", "bernat"), w.all("RelatedPerson", "bernat")
		if len(c) != 1 || len(p) != 1 || c[0].Get("status").Str() != "active" || p[0].Get("active").Text != "true" ||
			c[0].Path("provision", "actor", "reference", "reference").Str() != "RelatedPerson/"+p[0].ID() {
			t.Errorf("after the yes: %s %s", c[0].Bytes(), p[0].Bytes())
		}

		// Irune acts; what she does is hers; the banner says for whom.
		w.want("irune", "GET", "/my", 303, "/for")
		w.want("irune", "GET", "/for", 200, "Bernat Olza")
		w.want("irune", "GET", bernat, 200, "")
		w.want("irune", "GET", bernat+"/me", 200, "You act for Bernat Olza")
		w.want("irune", "POST", bernat+"/add", 200, "")
		if o := w.all("Observation", "bernat"); len(o) != 1 || o[0].Path("performer", "reference").Str() != "RelatedPerson/"+p[0].ID() {
			t.Errorf("the reading is by %v", o)
		}
		w.want("bernat", "GET", "/my/me/looked", 200, "Irune Otxoa, for you")
		w.want("bernat", "GET", "/my/me/looked?who=Irune+Otxoa%2C+for+you", 200, "Added a reading")

		// Nothing else: no private page of Bernat's, by any address, nor anybody else's record.
		for _, path := range []string{"/me/looked", "/me/consents", "/me/caregivers", "/me/download", "/me/leave"} {
			w.want("irune", "GET", bernat+path, 404, "")
			w.want("irune", "GET", "/my"+path, 303, "/for")
			w.want("irune", "POST", bernat+path, 404, "", "do", "end", "sure", "on")
			w.want("ciro", "GET", bernat+path, 404, "")
		}
		w.want("irune", "POST", "/my/me/caregivers", 403, "", "name", "X", "relation", "FRND")
		w.want("irune", "GET", "/for/"+w.id["ciro"], 404, "")
		w.want("irune", "POST", "/for/"+w.id["ciro"]+"/add", 404, "")
		w.want("doctor", "GET", bernat, 403, "")
		w.want("ciro", "GET", bernat, 404, "")
		w.want("ciro", "POST", bernat+"/me/stop", 404, "")
		w.want("", "GET", bernat, 303, "/sign-in")
		w.want("", "GET", "/for", 303, "/sign-in")
		w.want("ciro", "POST", "/my/me/caregivers", 404, "", "do", "end", "person", p[0].ID()) // Bernat's is Bernat's to end

		// Bernat ends it: the next request is refused and an open stream ends.
		house := httptest.NewServer(w.h)
		defer house.Close()
		req, _ := http.NewRequest("GET", house.URL+bernat+"/stream", nil)
		req.Header.Set("Test-Session", "irune")
		open, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer open.Body.Close()
		ended := make(chan time.Time, 1)
		go func() { open.Body.Read(make([]byte, 1)); ended <- time.Now() }()
		page := w.want("bernat", "GET", "/my/me/caregivers", 200, "Acts now")
		began := time.Now()
		w.want("bernat", "POST", "/my/me/caregivers", 303, "done=ended", "do", "end", "person", person(page))
		w.want("irune", "GET", bernat, 404, "")
		w.want("irune", "POST", bernat+"/add", 404, "")
		select {
		case at := <-ended:
			if at.Sub(began) > 3*time.Second {
				t.Errorf("the stream ended after %v", at.Sub(began))
			}
		case <-time.After(5 * time.Second):
			t.Error("the stream is still open")
		}
		if len(w.all("Observation", "bernat")) != 1 {
			t.Error("somebody whose authority ended wrote")
		}
		if c := w.all("Consent", "bernat"); c[0].Get("status").Str() != "inactive" || w.all("RelatedPerson", "bernat")[0].Get("active").Text != "false" {
			t.Error("the records don't say that it ended")
		}
		w.want("bernat", "POST", "/my/me/caregivers", 404, "", "do", "end", "person", person(page)) // the second press
	})
}

func TestCaregiverEnds(t *testing.T) {
	each(t, func(w *world) {
		bernat := "/for/" + w.id["bernat"]
		// By its period, to the second.
		if err := w.accept("irune", w.invite("month")); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(30*24*time.Hour - time.Second)
		w.want("irune", "GET", bernat, 200, "")
		w.clock.Advance(time.Second)
		w.want("irune", "GET", bernat, 404, "")
		w.want("irune", "GET", "/my", 303, "/join")
		w.want("bernat", "GET", "/my/me/caregivers", 200, "Time is over")

		// By a second invitation, which takes the place of the first; then by her own choice.
		if err := w.accept("irune", w.invite("")); err != nil {
			t.Fatal(err)
		}
		if page := w.want("bernat", "GET", "/my/me/caregivers", 200, "Acts now"); strings.Count(page, "name=\"person\"") != 1 {
			t.Error("the first is still listed")
		}
		w.want("irune", "GET", bernat, 200, "")
		w.want("irune", "POST", bernat+"/me/stop", 303, "/for?done=ended")
		w.want("irune", "GET", bernat, 404, "")

		// A code that was withdrawn or is old lets nobody in.
		code := w.invite("")
		w.want("bernat", "POST", "/my/me/caregivers", 303, "", "do", "end", "person", person(w.want("bernat", "GET", "/my/me/caregivers", 200, "Withdraw")))
		if err := w.accept("irune", code); err == nil {
			t.Error("a withdrawn code worked")
		}
		code = w.invite("")
		w.clock.Advance(8 * 24 * time.Hour)
		if err := w.accept("irune", code); err == nil {
			t.Error("an old code worked")
		}
		for _, bad := range [][]string{{"name", " ", "relation", "FRND"}, {"name", "X", "relation", ""}, {"name", "X", "relation", "FRND", "ground", "guardian"}} {
			code := 422
			if len(bad) > 4 {
				code = 303 // a patient's is by consent, whatever else is sent
			}
			w.want("bernat", "POST", "/my/me/caregivers", code, "", bad...)
		}
		if p := w.want("bernat", "GET", "/my/me/caregivers", 200, ""); strings.Contains(p, "Guardian by law") {
			t.Error("a patient made a guardian")
		}
	})
}

// Somebody acts by law: the team sees the paper, the patient sees the person, and the team ends it.
func TestLegalGround(t *testing.T) {
	each(t, func(w *world) {
		team, bernat := "/care/"+w.id["bernat"]+"/caregivers", "/for/"+w.id["bernat"]
		for _, as := range []string{"bernat", "irune", "writer"} {
			w.want(as, "GET", team, 403, "")
			w.want(as, "POST", team, 403, "", "name", "X")
		}
		w.want("doctor", "POST", team, 422, "which paper", "name", "Irune", "relation", "CHILD", "ground", "guardian")
		w.want("doctor", "POST", team, 422, "on what ground", "name", "Irune", "relation", "CHILD", "ground", "consent", "paper", "x")
		w.want("doctor", "POST", team, 303, team, "name", "Irune", "relation", "CHILD", "ground", "guardian", "paper", "Court of Orlena, 114/2026")
		page := w.want("doctor", "GET", team, 200, "Court of Orlena, 114/2026")
		code := regexp.MustCompile(`joincode" translate="no">([^<]+)<`).FindStringSubmatch(page)[1]
		if own := w.want("bernat", "GET", "/my/me/caregivers", 200, "Guardian by law"); strings.Contains(own, code) || strings.Contains(own, "End it now") {
			t.Error("the patient sees the code of a guardian, or a button to end it")
		}
		if err := w.accept("irune", code); err != nil {
			t.Fatal(err)
		}
		w.want("irune", "GET", bernat, 200, "")
		w.want("bernat", "POST", "/my/me/caregivers", 403, "legal ground", "do", "end", "person", person(page))
		w.want("irune", "GET", bernat, 200, "")
		w.want("doctor", "POST", "/care/"+w.id["ciro"]+"/caregivers", 404, "", "do", "end", "person", person(page))
		w.want("doctor", "POST", team, 303, "done=ended", "do", "end", "person", person(page))
		w.want("irune", "GET", bernat, 404, "")
		w.all("Consent", "bernat")
		w.all("RelatedPerson", "bernat")
	})
}
