package e2e

import (
	"strings"
	"testing"
)

// planned gives a resident a small plan in force, and returns its path below their page and the app's.
func planned(t *testing.T, p *program, resident string) string {
	t.Helper()
	v := p.as(t, "clinician")
	to := v.post(t, resident+"/plan", "template", "joint-surgery").want(t, 303).to
	form := v.get(t, to).want(t, 200)
	return strings.TrimPrefix(v.post(t, to, "version", form.find(t, `name="version" value="(\d+)"`), "title", "Back to the market",
		"from", form.find(t, `name="from"[^>]* value="([^"]+)"`), "g0-words", "Pain at 3 or less", "g0-measure", "pain", "g0-high0", "3", "g0-unit", "{score}",
		"a0-id", "stand", "a0-kind", "exercise", "a0-uses", "chair-stand", "a0-title", "Stand up from a chair", "a0-minutes", "5",
		"a1-id", "walk", "a1-kind", "task", "a1-title", "Walk 10 minutes", "a1-rhythm", "daily",
		"a2-id", "how", "a2-kind", "questions", "a2-uses", "joint-surgery", "a2-title", "How is the joint today?", "a2-rhythm", "daily",
		"a3-id", "home", "a3-kind", "reading", "a3-title", "The first weeks at home", "a3-words", "Take away loose rugs.", "a3-rhythm", "once",
		"do", "start").want(t, 303).to, resident)
}

// appPlanSights and carePlanSights are the pages of the plan, on both sides.
func appPlanSights(t *testing.T, p *program) []sight {
	plan := "/my" + planned(t, p, "/care/resident-01") // the demo's patient
	return []sight{
		{name: "plan-mine", path: "/my/plan", dark: true},
		{name: "plan-exercise", path: plan + "/stand", dark: true},
		{name: "plan-timer", path: plan + "/stand", then: func(b *tab) {
			b.until(`!document.querySelector(".timer-live").hidden`)
			b.click("[data-go]")
			b.until(`document.querySelector("[data-clock]").textContent === "4:59"`)
			b.click("[data-go]")
		}},
		{name: "plan-task", path: plan + "/walk"},
		{name: "plan-reading", path: plan + "/home"},
		{name: "plan-question", path: plan + "/how/answer", dark: true},
		{name: "plan-question-wrong", path: plan + "/how/answer", then: func(b *tab) {
			b.click(".asknav button:last-child")
			b.until(`document.querySelector(".errsum")`)
		}},
	}
}

func carePlanSights(t *testing.T, p *program) []sight {
	resident := "/care/resident-02"
	plan := resident + planned(t, p, resident)
	return []sight{
		{name: "care-plans", path: resident + "/plan", dark: true},
		{name: "care-plan", path: plan, dark: true},
		{name: "care-plan-change", path: plan + "/change", then: func(b *tab) {
			b.click("details.drawer:first-of-type summary")
		}},
	}
}
