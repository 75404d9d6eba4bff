package plans

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/ui/text"
)

// FuzzAnswers sends forms to every check-in: what is taken becomes a valid QuestionnaireResponse that is read back as it
// was meant, and everything else is refused.
func FuzzAnswers(f *testing.F) {
	f.Add(0, "breath=usual&sleep=sat&ankles=much&chest=now&tired=little")
	f.Add(1, "rest=10&moving=0&wound=leaks&calf=sore&breath=yes&walk=worse")
	f.Add(1, "rest=+7&moving=007&wound=leaks&calf=sore&breath=yes&walk=worse")
	f.Add(2, "tablets=few&dizzy=fell&head=sudden&side=much&score=9")
	f.Add(3, "breath=rest&phlegm=\x00")
	f.Fuzz(func(t *testing.T, which int, query string) {
		form, err := url.ParseQuery(query)
		if err != nil || len(form) > 100 {
			return
		}
		values := map[string]string{}
		for k := range form {
			values[k] = form.Get(k)
		}
		c := books().checks[checkNames[uint(which)%uint(len(checkNames))]]
		r, err := c.read(values)
		if err != nil {
			return
		}
		if len(r.Answers) != len(c.Items) || len(values) != len(c.Items) {
			t.Fatalf("%d answers of %d questions from %d fields", len(r.Answers), len(c.Items), len(values))
		}
		sum := 0
		for i, a := range r.Answers {
			if a.Value != values[c.Items[i].ID] {
				t.Fatalf("%q is taken for %q", values[c.Items[i].ID], a.Value)
			}
			sum += a.Score
			if rank[a.Wait] > rank[r.Wait] {
				t.Fatal("an answer is more pressing than all of them")
			}
		}
		plan := &Plan{ID: "p1", Patient: "x"}
		n := c.response(&r, plan, &Activity{ID: "a", Kind: Questions, Uses: c.Name}, act{by: "Patient/x", day: 20780, at: time.Unix(1795000000, 0), turn: "0", done: true})
		n.Set("id", str("q1"))
		if wrong := validate.Resource(&n); len(wrong) > 0 {
			t.Fatalf("not valid: %v\n%s", wrong, n.Bytes())
		}
		back, err := toldOf(&records.Record{ID: "q1", Body: n.Bytes()})
		if err != nil || back == nil || back.Sum != sum || back.Wait != r.Wait || len(back.Answers) != len(r.Answers) {
			t.Fatalf("%+v came back as %+v, %v", r, back, err)
		}
		for i := range back.Answers {
			if back.Answers[i].Value != r.Answers[i].Value || back.Answers[i].Score != r.Answers[i].Score {
				t.Fatalf("%+v came back as %+v", r.Answers[i], back.Answers[i])
			}
		}
	})
}

// FuzzChange sends forms of a whole plan: whatever arrives, what is read is a valid CarePlan with valid Goals and comes
// back the same, or there is a list of what is wrong.
func FuzzChange(f *testing.F) {
	f.Add("title=A&from=2026-11-24&g0-words=Less&g0-measure=blood-pressure&g0-unit=mm[Hg]&g0-low0=120&g0-high0=129,5&a0-id=walk&a0-kind=task&a0-title=Walk&a0-rhythm=days&a0-day=mon&a0-day=sun&a0-minutes=20")
	f.Add("title=A&a0-id=r&a0-kind=reading&a0-uses=javascript:alert(1)&a0-title=R&a0-rhythm=once&a1-id=r&a1-kind=measure&a1-measure=weight&a1-title=W&a1-rhythm=weekly9&a1-until=2026-01-01&a1-from=2026-02-01")
	f.Add("title=%00%ff&a0-kind=questions&a0-uses=copd&a0-id=x&a0-part=EVE&g0-words=%20")
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil || len(form) > 200 || !clean(form) {
			return // web.Form has refused it
		}
		for _, status := range []Status{Draft, Active} {
			before := TemplateOf("hypertension").plan("x", 20780)
			before.ID, before.Status = "p1", status
			for i := range before.Goals {
				before.Goals[i].ID = "g" + number(i)
			}
			r := reader{form: form, lang: "en", today: 20785}
			now, wrong := r.plan(text.With(t.Context(), "en", time.UTC), before)
			if len(wrong) > 0 {
				continue
			}
			for i := range now.Goals {
				if now.Goals[i].ID == "" {
					now.Goals[i].ID = "new" + number(i)
				}
				n := now.Goals[i].node(now, "Practitioner/d")
				if issues := validate.Resource(&n); len(issues) > 0 {
					t.Fatalf("not valid: %v\n%s", issues, n.Bytes())
				}
			}
			n := now.carePlan("Practitioner/d", "D")
			if issues := validate.Resource(&n); len(issues) > 0 {
				t.Fatalf("not valid: %v\n%s", issues, n.Bytes())
			}
			back, err := planOf(&records.Record{ID: "p1", Body: n.Bytes()})
			if err != nil || len(back.Activities) != len(now.Activities) || back.Title != now.Title {
				t.Fatalf("%+v came back as %+v, %v", now, back, err)
			}
			for i := range now.Activities {
				if back.Activities[i] != now.Activities[i] {
					t.Fatalf("%+v came back as %+v", now.Activities[i], back.Activities[i])
				}
				if u := now.Activities[i].Uses; now.Activities[i].Kind == Reading && u != "" && !strings.HasPrefix(u, "/") && !strings.HasPrefix(u, "https://") {
					t.Fatalf("%q can be opened", u)
				}
			}
		}
	})
}

// clean reports whether a form is one that pages are given: text without NUL.
func clean(form url.Values) bool {
	for k, v := range form {
		for _, s := range append(v, k) {
			if strings.ToValidUTF8(s, "") != s || strings.ContainsRune(s, 0) {
				return false
			}
		}
	}
	return true
}
