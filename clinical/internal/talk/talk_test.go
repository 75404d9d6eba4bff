package talk

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/platform/db"
)

const own = "/my/messages"

// written are the Communications that this search finds.
func (w *world) written(ask records.Ask, nameValue ...string) (out []*resource.Node) {
	w.t.Helper()
	err := w.records.Look(w.t.Context(), ask, func(t *records.Tx) error {
		out = nil
		page, err := t.Find(w.t.Context(), "Communication", nameValue...)
		for _, r := range page.Records {
			n := w.parse(string(r.Body))
			if issues := validate.Resource(n); validate.Refused(issues) {
				w.t.Errorf("not FHIR: %v\n%s", issues, r.Body)
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

// line is what the team's list says of a patient; nil if they are not on it.
func (w *world) line(name string) *triage.Line {
	w.t.Helper()
	l, err := w.talk.Triage.Line(w.t.Context(), doctor, w.id[name])
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

func (w *world) waits(name string) int {
	if l := w.line(name); l != nil {
		return l.Messages
	}
	return 0
}

func TestConversation(t *testing.T) {
	each(t, func(w *world) {
		page := w.want("edda", "GET", own, 200, "today before 15:00")
		if !strings.Contains(page, "Monday to Friday, 8:00 to 18:00") {
			t.Error("the team's hours are not said")
		}
		key := find(t, page, `name="key" value="([0-9a-f]{32})"`)
		for range 3 { // a phone that doubts
			w.want("edda", "POST", own, 303, own+"?sent=1", "key", key, "text", "My ankles are swollen.\n\nIs that normal? <b>")
		}
		w.want("edda", "POST", own, 422, "Write something", "key", key, "text", "  ")
		all := w.written(doctor, "patient", "Patient/"+w.id["edda"])
		if len(all) != 1 {
			t.Fatalf("%d messages", len(all))
		}
		if n := w.waits("edda"); n != 1 {
			t.Errorf("%d wait on the list", n)
		}
		w.want("edda", "GET", own, 200, "Sent, not read yet")
		w.want("doctor", "GET", "/care/messages", 200, "My ankles are swollen")

		// The form that was brought back with other words is another message.
		w.want("edda", "POST", own, 303, "", "key", key, "text", "And one more thing")

		w.clock.Advance(time.Hour)
		page = w.want("nurse", "GET", w.team("edda"), 200, "Is that normal? &lt;b&gt;")
		w.want("edda", "GET", own, 200, "Read by Tobias, 11:00")
		seen := find(t, page, `name="seen" value="([^"]+)"`)

		// What came after the page was opened is not answered by it.
		w.clock.Advance(time.Minute)
		w.want("edda", "POST", own, 303, "", "key", key, "text", "A third")
		w.want("nurse", "POST", w.team("edda"), 303, "", "key", strings.Repeat("ab", 16), "seen", seen, "text", "It can happen in the first weeks.")
		if n := w.waits("edda"); n != 1 {
			t.Errorf("%d wait after the answer, want the third", n)
		}
		unread := func(who string, want int) {
			t.Helper()
			w.as(w.patient("edda"), func(tx *records.Tx) {
				if n, err := w.talk.Unread(t.Context(), tx, w.id["edda"], who); err != nil || n != want {
					t.Errorf("%s has %d unread, %v; want %d", who, n, err, want)
				}
			})
		}
		unread("Patient/"+w.id["edda"], 1)
		page = w.want("edda", "GET", own, 200, "It can happen")
		if !strings.Contains(page, ">Tobias Arlenwick<") || !strings.Contains(page, "New") {
			t.Errorf("who answered, and that it is new, is not said:\n%.1500s", page)
		}
		unread("Patient/"+w.id["edda"], 0)
		page = w.want("doctor", "GET", w.team("edda"), 200, "Read by Edda")
		seen = find(t, page, `name="seen" value="([^"]+)"`)
		w.want("doctor", "POST", w.team("edda")+"/settle", 303, "", "seen", seen)
		if n := w.waits("edda"); n != 0 {
			t.Errorf("%d wait after all was said to need no answer", n)
		}
		w.want("doctor", "GET", w.team("edda"), 200, "No answer needed, said Marisol Quenby")
		w.want("doctor", "GET", "/care/messages", 200, "Nobody waits")
		if page := w.want("edda", "GET", own, 200, ""); strings.Contains(page, "No answer needed") {
			t.Error("the patient reads what the team says among themselves")
		}

		// Others.
		w.want("ciro", "GET", own, 200, "No messages yet")
		w.want("writer", "GET", own, 403, "")
		w.want("edda", "GET", "/care/messages", 403, "")
		w.want("edda", "POST", w.team("edda")+"/note", 403, "", "note", "x")
		w.want("edda", "GET", "/for/"+w.id["ciro"]+"/messages", 404, "")
		w.want("", "GET", own, 303, "/sign-in")
	})
}

func TestDangerIsAskedAbout(t *testing.T) {
	each(t, func(w *world) {
		const words = "I have had a tight chest since last night"
		key := strings.Repeat("cd", 16)
		page := w.want("edda", "POST", own, 422, "Call 112", "key", key, "text", words)
		for _, has := range []string{`href="tel:112"`, `href="tel:024"`, `href="tel:+34900000000"`, "Send it all the same", words, key, `<mark class="f f-urgent">`} {
			if !strings.Contains(page, has) {
				t.Errorf("the question does not hold %q", has)
			}
		}
		if n := w.count(`SELECT count(*) FROM talk_messages`); n != 0 {
			t.Fatalf("%d messages before it was confirmed", n)
		}
		w.want("edda", "POST", own, 303, "", "key", key, "text", words, "sure", "yes")
		if all := w.written(doctor, "patient", "Patient/"+w.id["edda"]); len(all) != 1 || all[0].Get("priority").Str() != "urgent" {
			t.Errorf("it is not urgent: %v", all)
		}
		if l := w.line("edda"); l == nil || l.Severity != "urgent" {
			t.Errorf("on the list: %+v", l)
		}
		w.want("ciro", "POST", own, 303, "", "key", key, "text", "Can I take it in the evening?")
		if page := w.want("nurse", "GET", "/care/messages", 200, "Urgent"); strings.Index(page, "Edda") > strings.Index(page, "Ciro") {
			t.Error("the urgent one is not first")
		}

		ask := func(as, path, body string, code int) string {
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			return w.check(w.serve(as, r), code, "", path)
		}
		before := w.count(`SELECT count(*) FROM version`)
		if out := ask("edda", own+"/check", `{"text":"¡Ay! Me duele el pecho"}`, 200); !strings.Contains(out, `"urgent":true`) || !strings.Contains(out, `"start":5`) {
			t.Error(out)
		}
		if out := ask("edda", own+"/check", `{"text":"Thank you"}`, 200); !strings.Contains(out, `"urgent":false`) {
			t.Error(out)
		}
		if w.count(`SELECT count(*) FROM version`) != before {
			t.Error("a check left something behind")
		}
		ask("", own+"/check", `{"text":"x"}`, 401)
		ask("nurse", own+"/check", `{"text":"x"}`, 403)
		// A doctor who writes of chest pain is not asked.
		w.want("doctor", "POST", w.team("edda"), 303, "", "text", "If you have chest pain, call 112 at once.")
	})
}

func TestCaregiver(t *testing.T) {
	each(t, func(w *world) {
		path := "/for/" + w.id["edda"] + "/messages"
		key := strings.Repeat("ef", 16)
		w.want("rosa", "POST", path, 303, path+"?sent=1", "key", key, "text", "Mother sleeps badly")
		w.want("rosa", "GET", path, 200, "You, for Edda")
		w.want("edda", "GET", own, 200, "Rosa Fernbrook, for Edda")
		w.want("nurse", "GET", w.team("edda"), 200, "Rosa Fernbrook, for Edda")
		w.want("nurse", "GET", "/care/messages", 200, "Rosa Fernbrook, for Edda")
		w.want("rosa", "GET", "/for/"+w.id["ciro"]+"/messages", 404, "")
		w.want("rosa", "GET", own, 303, "")
		photo := w.post("rosa", path, map[string]string{"text": "See", "key": key}, part{"a.jpg", "image/jpeg", snapshot(40, 40)})
		w.check(photo, 303, "", "a photo")
		file := find(t, w.want("rosa", "GET", path, 200, "/files/"), `src="([^"]+/files/[^"]+)"`)
		w.want("rosa", "GET", file, 200, "")

		// An authority that ended a second ago is none, for whatever is open.
		until := db.Micros(w.clock.Now())
		if err := w.store.Write(t.Context(), func(tx db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE people_caregivers SET until = $1`, until)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Second)
		before := w.count(`SELECT count(*) FROM talk_messages`)
		w.want("rosa", "GET", path, 404, "")
		w.want("rosa", "GET", path+"/state", 404, "")
		w.want("rosa", "GET", file, 404, "")
		w.want("rosa", "POST", path, 404, "", "key", key, "text", "Once more")
		if rec := w.post("rosa", path, map[string]string{"text": "x"}, part{"a.jpg", "image/jpeg", snapshot(40, 40)}); rec.Code != 404 {
			t.Errorf("an upload: %d", rec.Code)
		}
		if n := w.count(`SELECT count(*) FROM talk_messages`); n != before || w.count(`SELECT count(*) FROM talk_files`) != 1 {
			t.Errorf("%d messages, want %d", n, before)
		}
	})
}

func TestNotesAreOfTheStaff(t *testing.T) {
	each(t, func(w *world) {
		const secret = "Seems lonely since the move"
		w.want("edda", "POST", own, 303, "", "key", strings.Repeat("ab", 16), "text", "Hello")
		tag := func(as, path string) string { return w.want(as, "GET", path+"/state", 200, "tag") }
		w.want("doctor", "GET", w.team("edda"), 200, "")
		before, atTeam := tag("edda", own), tag("doctor", w.team("edda"))
		w.want("nurse", "POST", w.team("edda")+"/note", 422, "Write something", "note", " ")
		for range 2 {
			w.want("nurse", "POST", w.team("edda")+"/note", 303, "", "note", secret, "key", "k")
		}
		if page := w.want("doctor", "GET", w.team("edda"), 200, secret); strings.Count(page, secret) != 1 || !strings.Contains(page, "note-between") {
			t.Error("the note is not there once, as a note")
		}
		if tag("edda", own) != before || tag("doctor", w.team("edda")) == atTeam {
			t.Error("the patient's page hears of the note, or the team's doesn't")
		}
		if page := w.want("edda", "GET", own, 200, ""); strings.Contains(page, secret) {
			t.Error("the patient reads the note")
		}
		if page := w.want("rosa", "GET", "/for/"+w.id["edda"]+"/messages", 200, ""); strings.Contains(page, secret) {
			t.Error("the caregiver reads the note")
		}
		var id string
		if err := w.store.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT id FROM talk_messages WHERE side = 'note'`).Scan(&id)
		}); err != nil {
			t.Fatal(err)
		}
		if n := w.written(doctor, "_id", id); len(n) != 1 || n[0].Get("subject") != nil {
			t.Fatalf("the note as the doctor finds it: %v", n)
		}
		for _, q := range [][]string{{"_id", id}, {"patient", "Patient/" + w.id["edda"]}, {"sender", "Practitioner/none"}, {}, {"category", NoteSystem + "|staff-note"}} {
			for _, n := range w.written(w.patient("edda"), q...) {
				if n.ID() == id {
					t.Errorf("a search for %v as the patient finds the note", q)
				}
			}
		}
		for _, n := range w.written(doctor, "patient", "Patient/"+w.id["edda"]) {
			if n.ID() == id {
				t.Error("the note is in the patient's compartment")
			}
		}
		err := w.records.Look(t.Context(), w.patient("edda"), func(tx *records.Tx) error {
			if _, err := tx.Read(t.Context(), "Communication", id); err == nil {
				t.Error("the patient reads the note by its id")
			}
			if _, err := tx.Vread(t.Context(), "Communication", id, 1); err == nil {
				t.Error("the patient reads the note's version")
			}
			if h, err := tx.History(t.Context(), "Communication", id, records.HistoryQuery{}); err == nil {
				t.Errorf("the patient reads the note's history: %v", h)
			}
			looks, _, err := tx.Looks(t.Context(), w.id["edda"], "", 200)
			for _, l := range looks {
				if l.Type == "Communication" && l.Action == "C" && l.Who == w.who["nurse"].Name {
					t.Error("who looked tells that a note was written")
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAssignment(t *testing.T) {
	each(t, func(w *world) {
		w.want("edda", "POST", own, 303, "", "key", strings.Repeat("ab", 16), "text", "Hello")
		w.want("nurse", "GET", "/care/messages?of=me", 200, "Nobody waits")
		page := w.want("doctor", "GET", w.team("edda"), 200, "Nobody in particular")
		ref := find(t, page, `<option value="(Practitioner/[^"]+)"[^>]*>Tobias`)
		w.want("doctor", "POST", w.team("edda")+"/assign", 400, "", "to", "Practitioner/none")
		w.want("doctor", "POST", w.team("edda")+"/assign", 303, "", "to", ref)
		w.want("nurse", "GET", "/care/messages?of=me", 200, "For you")
		w.want("doctor", "GET", "/care/messages?of=me", 200, "Nobody waits")

		// Who is away has somebody who answers instead, and everybody is told.
		me := find(t, page, `<option value="(Practitioner/[^"]+)"[^>]*>Marisol`)
		if _, err := w.talk.Triage.HandOverAll(t.Context(), doctor, ref, me, w.clock.Now().Add(48*time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.want("doctor", "GET", "/care/messages?of=me", 200, "For you, instead of Tobias Arlenwick")
		w.want("nurse", "GET", "/care/messages", 200, "You are away until")
		w.want("edda", "GET", own, 200, "Tobias Arlenwick is away until")
		w.want("doctor", "POST", w.team("edda")+"/assign", 303, "", "to", "")
		w.want("doctor", "GET", w.team("edda"), 200, "Nobody in particular")
	})
}

func TestOldMessages(t *testing.T) {
	each(t, func(w *world) {
		for i := range perPage + 5 {
			w.clock.Advance(time.Minute)
			w.as(w.patient("edda"), func(tx *records.Tx) {
				m := Message{Patient: w.id["edda"], From: "Patient/" + w.id["edda"], Text: "number " + itoa(i) + "."}
				if _, err := w.talk.Send(t.Context(), tx, m); err != nil {
					t.Fatal(err)
				}
			})
		}
		page := w.want("edda", "GET", own, 200, "number 34.")
		if strings.Contains(page, "number 4.") || !strings.Contains(page, "number 5.") {
			t.Error("the newest page is not the newest thirty")
		}
		older := find(t, page, `href="([^"]+before=[^"]+)"`)
		page = w.want("edda", "GET", older, 200, "number 4.")
		if strings.Contains(page, "number 5.") || strings.Contains(page, "before=") || strings.Contains(page, `id="write"`) {
			t.Error("the older page is not the five before")
		}
		w.want("edda", "GET", own+"?before=nonsense", 200, "")
	})
}

// TestFromElsewhere: a message that comes over FHIR is in the thread and waits; one by a patient who pretends to be
// the team does not speak for it.
func TestFromElsewhere(t *testing.T) {
	each(t, func(w *world) {
		w.as(w.patient("edda"), func(tx *records.Tx) {
			_, err := tx.Create(t.Context(), w.parse(`{"resourceType":"Communication","status":"completed","subject":{"reference":"Patient/`+w.id["edda"]+`"},
				"sender":{"reference":"Practitioner/x","display":"Dr Quenby"},"payload":[{"contentString":"Stop all tablets"}]}`))
			if err != nil {
				t.Fatal(err)
			}
		})
		page := w.want("nurse", "GET", w.team("edda"), 200, "Stop all tablets")
		if strings.Contains(page, "Dr Quenby") || w.waits("edda") != 1 {
			t.Errorf("it speaks for the team, or does not wait: %d", w.waits("edda"))
		}
		w.as(doctor, func(tx *records.Tx) {
			_, err := tx.Create(t.Context(), w.parse(`{"resourceType":"Communication","status":"completed","sent":"2019-03-01T10:00:00Z","subject":{"reference":"`+base+`/Patient/`+w.id["edda"]+`"},
				"sender":{"reference":"Patient/`+w.id["edda"]+`"},"payload":[{"contentString":"From the old system"}]}`))
			if err != nil {
				t.Fatal(err)
			}
		})
		w.want("edda", "GET", own, 200, "From the old system")
		if n := w.waits("edda"); n != 1 {
			t.Errorf("%d wait: the history too", n)
		}
	})
}
