package care

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

// ref is the Practitioner that a member of staff is.
func (w *world) ref(as string) string {
	w.t.Helper()
	w.want(as, "GET", "/care/work", 200, "Our work")
	ref, err := w.people.Practitioner(w.t.Context(), w.who[as].Subject("clinical").String(), w.who[as].Name)
	if err != nil {
		w.t.Fatal(err)
	}
	return ref
}

// gains lets Edda, who is followed for heart failure, gain three kilograms in two days.
func (w *world) gains() (page string) {
	w.t.Helper()
	edda := "/care/" + w.id["edda"]
	w.want("doctor", "POST", edda+"/follow", 303, edda+"/thresholds?done=follow", "condition", "heart-failure", "responsible", w.ref("doctor"), "deputy", w.ref("nurse"))
	w.want("edda", "POST", "/my/add/weight", 303, "/my", "key", "key-number-1", "n0", "80", "unit", "kg")
	w.clock.Advance(48 * time.Hour)
	w.want("edda", "POST", "/my/add/weight", 303, "/my", "key", "key-number-2", "n0", "83", "unit", "kg")
	w.clock.Advance(30 * time.Minute)
	return edda
}

var alertForm = regexp.MustCompile(`action="(/care/[^"]+/alerts/[^"]+)"[^>]*>\s*<input type="hidden" name="seen" value="(\d+)"`)

// alert is the form of the first alert of a patient's page.
func (w *world) alert(as, page string) (action, seen string) {
	w.t.Helper()
	m := alertForm.FindStringSubmatch(w.want(as, "GET", page, 200, "What do you do?"))
	if m == nil {
		w.t.Fatal("no alert on the page")
	}
	return m[1], m[2]
}

// found are the records of a type that a search finds, and all of them are valid.
func (w *world) found(typ string, nameValue ...string) (out []*resource.Node) {
	w.t.Helper()
	err := w.records.Look(w.t.Context(), records.Ask{Who: access.Who{Kind: access.Clinician, ID: "d"}}, func(tx *records.Tx) error {
		page, err := tx.Find(w.t.Context(), typ, nameValue...)
		for i := range page.Records {
			n, err := resource.Parse(page.Records[i].Body)
			if err != nil {
				return err
			}
			if wrong := validate.Resource(n); len(wrong) > 0 {
				w.t.Errorf("%s is not valid: %v", typ, wrong)
			}
			out = append(out, n)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// What is urgent tells the patient, too, what to do now, until the team has decided.
func TestUrgentOnToday(t *testing.T) {
	each(t, func(w *world) {
		edda := "/care/" + w.id["edda"]
		w.want("doctor", "POST", edda+"/follow", 303, "done=follow", "condition", "hypertension", "responsible", w.ref("doctor"))
		add := func(key, n0, n1 string) {
			w.want("edda", "POST", "/my/add/blood-pressure", 303, "/my", "key", key, "n0", n0, "n1", n1, "unit", "mm[Hg]", "sure", n0+" "+n1+" mm[Hg]")
			w.clock.Advance(10 * time.Minute)
		}
		add("key-number-1", "128", "78")
		if page := w.want("edda", "GET", "/my?sent=blood-pressure", 200, "128/78. Your team can see it now"); strings.Contains(page, "Measure once more") || !strings.Contains(page, "Very unwell right now?") {
			t.Error("an ordinary reading alarms")
		}
		add("key-number-2", "192", "124")
		page := w.want("edda", "GET", "/my?sent=blood-pressure", 200, "Measure once more to be sure.")
		for _, has := range []string{"192/124", "perhaps nobody sees it at once", `href="tel:112"`, `href="/my/messages#write"`} {
			if !strings.Contains(page, has) {
				t.Errorf("Today doesn't say %q", has)
			}
		}
		if strings.Contains(page, "192/124. Your team can see it now") {
			t.Error("Today calms where it should not")
		}
		w.want("ciro", "GET", "/my", 200, "Very unwell right now?")

		alert, seen := w.alert("doctor", edda)
		w.want("doctor", "POST", alert, 303, edda, "do", takeIt, "seen", seen)
		w.want("edda", "GET", "/my", 200, "Somebody of your team has it.")
		_, seen = w.alert("doctor", edda)
		w.want("doctor", "POST", alert, 303, edda, "do", "none", "seen", seen, "reason", "Measured again by telephone: 150/90.")
		if page := w.want("edda", "GET", "/my", 200, "Very unwell right now?"); strings.Contains(page, "Measure once more") {
			t.Error("Today still says it is urgent")
		}
	})
}

func TestDecision(t *testing.T) {
	each(t, func(w *world) {
		w.want("doctor", "GET", "/care", 200, "Nobody needs you right now")
		edda := w.gains()

		// The list says who, why and for how long; the patient's page the rule and where it comes from.
		page := w.want("doctor", "GET", "/care", 200, "One person needs you today")
		for _, has := range []string{"Weight up 3 kg since Monday", "Today", "waits 30 min", "Edda Fernbrook</span>, 78", "For Marisol Quenby"} {
			if !strings.Contains(page, has) {
				t.Errorf("the list doesn't say %q\n%s", has, page)
			}
		}
		w.want("nurse", "GET", "/care?who=mine", 200, "Nobody needs you right now")
		w.want("nurse", "GET", "/care?who=all", 200, "Weight up 3 kg")
		page = w.want("doctor", "GET", edda, 200, "up by more than 2 kg within 3 days. Set by Marisol Quenby on 23 November 2026")
		if !strings.Contains(page, "HFA/ESC") {
			t.Error("the page doesn't say why this rule")
		}

		// What lacks something is refused with what was written kept.
		alert, seen := w.alert("doctor", edda)
		w.want("doctor", "POST", alert, 422, "Say why", "do", "none", "seen", seen)
		w.want("doctor", "POST", alert, 422, "Write what you want to tell", "do", "message", "seen", seen, "text", " ")
		w.want("doctor", "POST", alert, 422, "look at the ankles", "do", "task", "seen", seen, "what", "look at the ankles", "to", "Practitioner/nobody")
		w.want("doctor", "POST", alert, 422, "Choose until when", "do", "snooze", "seen", seen, "reason", "later", "until", "never")
		w.want("doctor", "POST", strings.Replace(alert, w.id["edda"], w.id["ciro"], 1), 404, "", "do", "none", "seen", seen, "reason", "x")
		w.want("edda", "POST", alert, 403, "", "do", "none", "seen", seen, "reason", "x")

		// A message is the decision and the message, both; who comes a moment later is told, and nothing of theirs is done.
		w.want("doctor", "POST", alert, 303, edda+"?done=message", "do", "message", "seen", seen, "text", "Take the water tablet today.", "key", "k1")
		if sent := w.found("Communication", "patient", "Patient/"+w.id["edda"]); len(sent) != 1 || sent[0].Path("payload", "contentString").Str() != "Take the water tablet today." {
			t.Errorf("%d messages", len(sent))
		}
		page = w.want("nurse", "POST", alert, 409, "Somebody else did something", "do", "message", "seen", seen, "text", "Call me.", "key", "k2")
		if !strings.Contains(page, "Marisol Quenby: wrote a message") {
			t.Error("the page doesn't say who was quicker")
		}
		if n := len(w.found("Communication", "patient", "Patient/"+w.id["edda"])); n != 1 {
			t.Errorf("%d messages after a conflict", n)
		}

		// The patient is told, and the alert is closed.
		w.want("edda", "GET", "/my", 200, "Weight: Marisol Quenby looked at it and wrote to you.")
		w.want("edda", "GET", "/my/trends/weight", 200, "What your team decided")
		if page := w.want("ciro", "GET", "/my", 200, "Good"); strings.Contains(page, "wrote to you") {
			t.Error("one patient is told of another")
		}
		w.want("doctor", "GET", "/care", 200, "Close the alert?")
		page = w.want("doctor", "GET", edda, 200, "Is it settled?")
		seen = alertForm.FindStringSubmatch(page)[2]
		w.want("doctor", "POST", alert, 303, edda+"?done=close", "do", "close", "seen", seen)
		w.want("doctor", "GET", edda, 200, "No alert is open.")
		w.want("doctor", "GET", "/care", 200, "Nobody needs you right now")
	})
}

func TestTaskAndHandOver(t *testing.T) {
	each(t, func(w *world) {
		edda := w.gains()
		alert, seen := w.alert("doctor", edda)
		w.want("doctor", "POST", alert, 303, "?done=task", "do", "task", "seen", seen, "what", "Look at the ankles", "to", w.ref("nurse"), "close", "1")
		tasks := w.found("Task", "patient", "Patient/"+w.id["edda"])
		if len(tasks) != 1 || tasks[0].Path("owner", "reference").Str() != w.ref("nurse") {
			t.Fatalf("%d tasks", len(tasks))
		}
		w.want("doctor", "GET", "/care", 200, "A task for the team is open.")
		w.want("nurse", "GET", "/care/work", 200, "Look at the ankles")
		done := edda + "/tasks/" + tasks[0].ID()
		w.want("nurse", "POST", strings.Replace(done, w.id["edda"], w.id["ciro"], 1), 404, "")
		w.want("nurse", "POST", done, 303, "/care/work?done=finished", "back", "work")
		w.want("nurse", "POST", done, 303, edda+"?done=finished") // the second press
		if page := w.want("doctor", "GET", "/care", 200, "Nobody needs you right now"); strings.Contains(page, "A task for the team") {
			t.Error("a task that is done still waits")
		}

		// Off duty: the colleague has the list, and it comes back.
		w.want("edda", "POST", "/my/add/weight", 303, "/my", "key", "key-number-3", "n0", "89", "unit", "kg", "sure", "89 kg")
		w.want("doctor", "POST", "/care/work", 422, "Choose a colleague", "to", w.ref("doctor"), "until", "tomorrow")
		w.want("doctor", "POST", "/care/work", 422, "still to come", "to", w.ref("nurse"), "until", "day", "day", "2026-01-01")
		w.want("doctor", "POST", "/care/work", 303, "/care/work?done=away", "to", w.ref("nurse"), "until", "tomorrow")
		w.want("doctor", "GET", "/care/work", 200, "You are away")
		w.want("nurse", "GET", "/care?who=mine", 200, "Weight up 9 kg")
		w.want("doctor", "POST", "/care/work", 303, "/care/work?done=back", "do", "back")
		w.want("doctor", "GET", "/care/work", 200, "Hand over my list")
	})
}

func TestThresholds(t *testing.T) {
	each(t, func(w *world) {
		edda := "/care/" + w.id["edda"]
		w.want("doctor", "GET", edda+"/thresholds", 200, "Begin to follow")
		w.want("doctor", "GET", edda+"/thresholds/new", 404, "")
		w.want("doctor", "POST", edda+"/follow", 422, "Choose what they are followed for", "responsible", w.ref("doctor"))
		w.want("doctor", "POST", edda+"/follow", 422, "somebody else", "condition", "hypertension", "responsible", w.ref("doctor"), "deputy", w.ref("doctor"))
		w.want("doctor", "POST", edda+"/follow", 303, "done=follow", "condition", "hypertension", "responsible", w.ref("doctor"))
		w.want("doctor", "GET", edda+"/thresholds", 200, "top number above 180 or bottom number above 120")

		// Every kind can be made; what makes no sense is refused with its reason.
		rule := func(kind string, code int, has string, fields ...string) {
			t.Helper()
			path := edda + "/thresholds/new?measure=weight&kind=" + kind
			if page := w.want("doctor", "GET", path, 200, "Set the threshold"); !strings.Contains(page, `name="kind" value="`+kind+`"`) {
				t.Errorf("the form of %s", kind)
			}
			w.want("doctor", "POST", edda+"/thresholds/new", code, has, append([]string{"measure", "weight", "kind", kind, "severity", "attention", "reason", "She is small"}, fields...)...)
		}
		rule("single", 422, "at least one limit")
		rule("single", 422, "in digits", "high0", "much")
		rule("single", 422, "Look at the number again", "high0", "9000")
		rule("single", 422, "Say why", "high0", "90", "reason", "")
		rule("single", 303, "done=rule", "high0", "90,5", "high0-op", "equal")
		rule("mean", 303, "done=rule", "low0", "50", "days", "7", "count", "3")
		rule("mean", 422, "be asked for", "low0", "50", "days", "7", "count", "900")
		rule("change", 303, "done=rule", "low0", "1.5", "days", "3")
		rule("average", 303, "done=rule", "high0", "1", "days", "3", "base", "14", "count", "2")
		rule("average", 422, "Days are from 1 to 30", "high0", "1", "days", "20", "base", "14", "count", "2")
		rule("missing", 303, "done=rule", "days", "4")
		page := w.want("doctor", "GET", edda+"/thresholds", 200, "One reading: 90.5 or more")
		for _, has := range []string{"down by more than 1.5 kg within 3 days", "No reading for 4 days", "below 50 (3 readings or more)", "She is small"} {
			if !strings.Contains(strings.ToLower(page), strings.ToLower(has)) {
				t.Errorf("the page doesn't say %q", has)
			}
		}

		// One is changed, one is taken away, with reasons.
		w.want("doctor", "POST", edda+"/thresholds/bp-crisis", 303, "done=rule", "severity", "urgent", "high0", "170", "reason", "Had a stroke")
		w.want("doctor", "GET", edda+"/thresholds", 200, "top number above 170")
		w.want("doctor", "POST", edda+"/thresholds/bp-low", 422, "Say why", "do", "drop")
		w.want("doctor", "POST", edda+"/thresholds/bp-low", 303, "done=dropped", "do", "drop", "reason", "Always low")
		w.want("doctor", "GET", edda+"/thresholds/bp-low", 404, "")
		if all := w.found("Basic", "patient", "Patient/"+w.id["edda"]); len(all) != 1 {
			t.Errorf("%d sets of thresholds", len(all))
		} else if set, err := thresholds.Decode(all[0]); err != nil || set.Rule("bp-crisis").Reason != "Had a stroke" || set.Rule("bp-low") != nil {
			t.Errorf("%+v, %v", set, err)
		}

		// As the decision of an alert, both are one.
		w.want("edda", "POST", bp, 303, "/my", "key", "key-number-1", "n0", "175", "n1", "90", "sure", "175 90 mm[Hg]")
		alert, seen := w.alert("doctor", edda)
		id := alert[strings.LastIndexByte(alert, '/')+1:]
		form := edda + "/thresholds/bp-crisis"
		w.want("doctor", "GET", form+"?alert="+id+"&seen="+seen, 200, `name="alert" value="`+id)
		w.want("doctor", "POST", form, 409, "Somebody else", "alert", id, "seen", "9", "severity", "urgent", "high0", "185", "reason", "She is used to it")
		w.want("doctor", "GET", edda+"/thresholds", 200, "top number above 170")
		w.want("doctor", "POST", form, 303, edda+"?done=threshold", "alert", id, "seen", seen, "severity", "urgent", "high0", "185", "reason", "She is used to it")
		w.want("doctor", "GET", edda+"/thresholds", 200, "top number above 185")
		w.want("edda", "GET", "/my", 200, "set anew when your team is told")

		w.want("doctor", "POST", edda+"/follow", 422, "Say why", "do", "end")
		w.want("doctor", "POST", edda+"/follow", 303, "done=ended", "do", "end", "reason", "Moved away")
		w.want("doctor", "GET", edda+"/thresholds", 200, "Begin to follow")
	})
}

func TestUntil(t *testing.T) {
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ now, choice, want string }{
		{"2026-11-23T10:00", "4h", "2026-11-23T14:00"},
		{"2026-11-23T10:00", "tomorrow", "2026-11-24T08:00"},
		{"2026-11-23T10:00", "monday", "2026-11-30T08:00"}, // a Monday
		{"2026-11-28T23:30", "monday", "2026-11-30T08:00"},
		{"2026-11-29T23:30", "monday", "2026-11-30T08:00"},
		{"2026-10-24T23:30", "tomorrow", "2026-10-25T08:00"}, // the clocks go back that night
		{"2026-12-30T10:00", "7d", "2027-01-06T08:00"},
	} {
		now, err := time.ParseInLocation("2006-01-02T15:04", c.now, madrid)
		if err != nil {
			t.Fatal(err)
		}
		got, err := until(c.choice, now.UTC(), madrid)
		if err != nil || got.In(madrid).Format("2006-01-02T15:04") != c.want {
			t.Errorf("%s from %s: %v, %v, want %s", c.choice, c.now, got.In(madrid), err, c.want)
		}
	}
	if _, err := until("", time.Time{}, madrid); err == nil {
		t.Error("no choice is a time")
	}
}
