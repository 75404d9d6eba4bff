package plans

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/ui/text"
)

const pressure = `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"PATIENT"},
	"effectiveDateTime":"2026-11-23T07:40:00+01:00","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":128,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
	{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":79,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`

// TestEveryTemplate starts each template and holds what is stored against FHIR, and against what was meant.
func TestEveryTemplate(t *testing.T) {
	each(t, func(w *world) {
		for _, tpl := range Templates() {
			plan := w.start("edda", tpl.Name)
			var again *Plan
			err := w.plans.Records.Look(t.Context(), w.doctor, func(tx *records.Tx) (err error) {
				again, err = w.plans.plan(t.Context(), tx, w.id["edda"], plan.ID, 0)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(again.Activities) != len(tpl.Activities) || len(again.Goals) != len(tpl.Goals) || again.Status != Active || again.Title != tpl.Title || again.Template != tpl.Name {
				t.Errorf("%s came back as %+v", tpl.Name, again)
			}
			for i := range plan.Activities {
				if plan.Activities[i] != again.Activities[i] {
					t.Errorf("%s: %+v came back as %+v", tpl.Name, plan.Activities[i], again.Activities[i])
				}
			}
			for i := range plan.Goals {
				if plan.Goals[i] != again.Goals[i] {
					t.Errorf("%s: %+v came back as %+v", tpl.Name, plan.Goals[i], again.Goals[i])
				}
			}
		}
		if n := len(w.stored("edda", "CarePlan", "status", "active")); n != len(templateNames) {
			t.Errorf("%d plans", n)
		}
		w.stored("edda", "Goal", "lifecycle-status", "active")
		for _, name := range checkNames {
			n := books().checks[name].questionnaire()
			n.Set("id", str("x"))
			if wrong := validate.Resource(&n); len(wrong) > 0 {
				t.Errorf("%s is not valid: %v", name, wrong)
			}
		}
		// Each check-in stands in the record once, though two plans use it.
		w.start("ciro", "copd")
		err := w.plans.Records.Look(t.Context(), w.doctor, func(tx *records.Tx) error {
			found, err := tx.Find(t.Context(), "Questionnaire", "url", checkURI+"copd")
			if len(found.Records) != 1 {
				t.Errorf("%d Questionnaires", len(found.Records))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestDay goes through a patient's day: what is due, done once, taken back, done by the reading itself, by somebody who cares.
func TestDay(t *testing.T) {
	each(t, func(w *world) {
		w.want("edda", "GET", "/my/plan", 200, "No plan yet")
		plan := w.start("edda", "hypertension")
		walk := "/my/plan/" + plan.ID + "/walk"
		w.want("edda", "GET", "/my/plan", 200, "Walk 30 minutes")
		w.want("edda/es", "GET", "/my/plan", 200, "Camina 30 minutos")
		w.want("edda", "GET", "/my/plan", 200, "0 of 5 days this week")

		// Five at once, and once more a day later by a phone that was without a network: done once, for its day.
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				w.want("edda", "POST", walk+"/done", 303, "to /my/plan", "day", "2026-11-23", "turn", "0", "back", "plan")
			})
		}
		wg.Wait()
		w.want("edda", "GET", "/my/plan", 200, "Done at 10:00")
		w.clock.Advance(24 * time.Hour)
		w.want("edda", "POST", walk+"/done", 303, "to /my", "day", "2026-11-23", "turn", "0", "back", "today")
		marks := w.stored("edda", "Observation", "code", recordSystem+"|"+planDone)
		if len(marks) != 1 || marks[0].Path("performer", "reference").Str() != "Patient/"+w.id["edda"] || marks[0].Get("effectiveDateTime").Str() != "2026-11-23" {
			t.Fatalf("%d marks: %s", len(marks), marks[0].Bytes())
		}
		w.want("edda", "GET", "/my/plan", 200, "1 of 5 days this week")

		// Not done after all, and done again: three acts, the last one holds; the first one sent again changes nothing.
		w.want("edda", "POST", walk+"/done", 303, walk, "day", "2026-11-23", "turn", "1", "not", "yes")
		w.want("edda", "GET", walk, 200, "0 of 5 days this week")
		w.want("edda", "POST", walk+"/done", 303, walk, "day", "2026-11-23", "turn", "0")
		w.want("edda", "GET", walk, 200, "0 of 5 days this week")
		w.want("edda", "POST", walk+"/done", 303, walk, "day", "2026-11-23", "turn", "2")
		w.want("edda", "GET", walk, 200, "1 of 5 days this week")

		// Other days, other things, other people.
		for _, day := range []string{"2026-11-25", "2026-11-16", "never", ""} {
			w.want("edda", "POST", walk+"/done", 400, "about another day", "day", day, "turn", "0")
		}
		w.want("edda", "POST", walk+"/done", 404, "", "day", "2026-11-24", "turn", "1;x")
		w.want("edda", "POST", "/my/plan/"+plan.ID+"/morning-pressure/done", 404, "", "day", "2026-11-24", "turn", "0")
		w.want("edda", "POST", "/my/plan/"+plan.ID+"/nothing/done", 404, "", "day", "2026-11-24", "turn", "0")
		w.want("ciro", "GET", walk, 404, "")
		w.want("ciro", "POST", walk+"/done", 404, "", "day", "2026-11-24", "turn", "0")
		w.want("doctor", "GET", "/my/plan", 403, "")

		// A reading is a measuring task done, whatever brought it.
		w.measured("edda", strings.ReplaceAll(pressure, "2026-11-23", "2026-11-24"))
		w.want("edda", "GET", "/my/plan", 200, "Done at 7:40")

		// Somebody who cares: visible as such.
		lena := "/for/" + w.id["edda"] + "/plan/" + plan.ID + "/walk"
		w.want("lena", "GET", lena, 404, "")
		w.cares()
		w.want("lena", "POST", lena+"/done", 303, "to /for/"+w.id["edda"]+"/plan", "day", "2026-11-24", "turn", "0", "back", "plan")
		w.want("edda", "GET", walk, 200, "with somebody&#39;s help")

		// Today, for the first page.
		ctx := text.With(t.Context(), "en", time.UTC)
		err := w.plans.Records.Look(ctx, w.doctor, func(tx *records.Tx) error {
			page, err := tx.Shows(ctx, "today", w.id["edda"], "CarePlan", "Observation")
			if err != nil {
				return err
			}
			list, err := w.plans.Today(ctx, page, w.id["edda"], nil, w.clock.Now(), time.UTC)
			var got []string
			for _, one := range list {
				s := one.Title
				if one.Done {
					s += "*"
				}
				got = append(got, s)
			}
			if s := strings.Join(got, ", "); s != "Blood pressure in the morning*, Walk 30 minutes*, Stand up from a chair, Push the wall, Salt, simply" {
				t.Error(s)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}

		// Read once, for good.
		salt := "/my/plan/" + plan.ID + "/salt"
		w.want("edda", "GET", salt, 200, "Most salt is in food")
		w.want("edda", "POST", salt+"/done", 303, salt, "day", "2026-11-24", "turn", "0")
		w.clock.Advance(20 * 24 * time.Hour)
		w.want("edda", "GET", salt, 200, "Done on 24 November 2026")
		if page := w.want("edda", "GET", "/my/plan", 200, "Salt, simply"); strings.Contains(page, "/salt/done") {
			t.Error("it is asked for again")
		}
	})
}

// TestAnswers goes through a check-in: back without loss, kept while away, sent once, told to the team.
func TestAnswers(t *testing.T) {
	each(t, func(w *world) {
		plan := w.start("edda", "heart-failure")
		page := "/my/plan/" + plan.ID + "/how-is-it"
		ask := page + "/answer"
		w.want("edda", "GET", ask, 200, "How is your breath?")
		w.want("edda", "POST", ask, 422, "Choose one of the answers", "item", "breath", "do", "next")
		w.want("edda", "POST", ask, 400, "Choose one of the answers", "item", "breath", "a", "invented", "do", "next")
		w.want("edda", "POST", ask, 400, "", "item", "nothing", "a", "usual", "do", "next")
		w.want("edda", "POST", ask, 400, "Choose one of the answers", "do", "send", "day", "2026-11-23", "turn", "0")
		w.want("edda", "POST", ask, 303, ask+"?q=2", "item", "breath", "a", "usual", "do", "next")
		w.want("edda", "POST", ask, 303, ask+"?q=1", "item", "sleep", "a", "usual", "do", "back") // what is chosen is kept, going back
		w.want("edda", "GET", ask+"?q=1", 200, `value="usual" checked`)
		w.want("edda", "POST", ask, 303, ask+"?q=2", "item", "breath", "a", "much", "do", "next")
		w.clock.Advance(3 * 24 * time.Hour) // the phone was put away
		w.want("edda", "GET", ask, 200, "How are your ankles")
		w.want("edda", "GET", ask+"?q=2", 200, `value="usual" checked`)
		w.want("ciro", "GET", ask, 404, "")
		w.want("edda", "POST", ask, 303, ask, "item", "ankles", "a", "usual", "do", "next")
		w.want("edda", "POST", ask, 303, ask, "item", "tired", "a", "little", "do", "next")
		if p := w.want("edda", "GET", ask, 200, "Pain or pressure"); strings.Contains(p, "wait for an answer") {
			t.Error("it alarms without a reason")
		}
		w.want("edda", "POST", ask, 303, ask, "item", "chest", "a", "now", "do", "next")
		w.want("edda", "GET", ask, 200, "Call 112") // at once, before anything is sent
		w.want("edda", "POST", ask, 303, ask, "item", "chest", "a", "before", "do", "check")
		w.want("edda", "GET", ask, 200, "Is this right?")
		for range 3 {
			w.want("edda", "POST", ask, 303, page+"?told", "do", "send", "day", "2026-11-26", "turn", "0")
		}
		w.want("edda", "GET", page+"?told", 200, "on their list of what to look at")
		w.want("edda", "GET", ask, 200, "How is your breath?") // the draft is gone
		told := w.stored("edda", "QuestionnaireResponse")
		if len(told) != 1 {
			t.Fatalf("%d responses", len(told))
		}
		if s := string(told[0].Bytes()); !strings.Contains(s, `"linkId":"score","text":"Sum of the answers","answer":[{"valueInteger":7}]`) || !strings.Contains(s, `"valueDecimal":3`) {
			t.Errorf("%s", s)
		}
		w.stored("edda", "Observation", "code", recordSystem+"|"+planDone)
		w.want("edda", "GET", page, 200, "Done at")

		// The team: on the list, looked at, off the list.
		waiting := func() int {
			line, err := w.plans.Triage.Line(t.Context(), w.doctor, w.id["edda"])
			if err != nil {
				t.Fatal(err)
			}
			if line == nil {
				return 0
			}
			return line.Messages
		}
		if n := waiting(); n != 1 {
			t.Errorf("%d wait", n)
		}
		team := "/care/" + w.id["edda"] + "/plan/" + plan.ID
		w.want("doctor", "GET", team, 200, "Much shorter than usual")
		w.want("doctor", "GET", "/care/"+w.id["edda"]+"/plan", 200, "Sum 7")
		w.want("doctor", "POST", "/care/"+w.id["ciro"]+"/plan/"+plan.ID+"/seen", 404, "", "answers", told[0].ID())
		w.want("doctor", "POST", team+"/seen", 303, team, "answers", told[0].ID())
		w.want("doctor", "GET", team, 200, "Marisol Quenby has seen it.")
		w.want("edda", "GET", page, 200, "Marisol Quenby has seen it.")
		w.stored("edda", "QuestionnaireResponse")
		if n := waiting(); n != 0 {
			t.Errorf("%d wait still", n)
		}

		// As usual: nobody needs to look.
		for _, it := range books().checks["heart-failure"].Items {
			w.want("edda", "POST", ask, 303, ask, "item", it.ID, "a", it.Choices[0].Value, "do", "next")
		}
		w.want("edda", "POST", ask, 303, page+"?told", "do", "send", "day", "2026-11-26", "turn", "1")
		if n := waiting(); n != 0 || len(w.stored("edda", "QuestionnaireResponse")) != 2 {
			t.Errorf("%d wait", n)
		}
		w.want("edda", "POST", ask, 303, ask+"?q=2", "item", "breath", "a", "usual", "do", "next")
		w.clock.Advance(keepDraft)
		if p := w.want("edda", "GET", ask, 200, "How is your breath?"); strings.Contains(p, "checked") {
			t.Error("a draft of a week ago is shown")
		}
	})
}
