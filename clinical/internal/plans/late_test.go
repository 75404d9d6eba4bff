package plans

import "testing"

// A page that was old when it was sent says what nobody has heard yet: it is kept, and waits for the team.
func TestOldPagesAreHeard(t *testing.T) {
	each(t, func(w *world) {
		plan := w.start("edda", "heart-failure")
		page := "/my/plan/" + plan.ID + "/how-is-it"
		told := func(chest string) {
			for _, it := range books().checks["heart-failure"].Items {
				chosen := it.Choices[0].Value
				if it.ID == "chest" && chest != "" {
					chosen = chest
				}
				w.want("edda", "POST", page+"/answer", 303, "", "item", it.ID, "a", chosen, "do", "next")
			}
			for range 2 { // pressed twice
				w.want("edda", "POST", page+"/answer", 303, page+"?told", "do", "send", "day", "2026-11-23", "turn", "0")
			}
		}
		told("")
		told("") // the same once more
		if n := len(w.stored("edda", "QuestionnaireResponse")); n != 1 {
			t.Errorf("%d answers of the same", n)
		}
		told("now")
		line, err := w.plans.Triage.Line(t.Context(), w.doctor, w.id["edda"])
		if n := len(w.stored("edda", "QuestionnaireResponse")); err != nil || n != 2 || line == nil || line.Messages != 1 || line.Severity != "urgent" {
			t.Errorf("%d answers, %+v, %v", n, line, err)
		}
	})
}
