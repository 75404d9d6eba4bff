package control

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
)

// Every purpose, given and taken back: what holds, what the record says, and who is told.
func TestConsents(t *testing.T) {
	each(t, func(w *world) {
		holds := func(p Purpose, want bool) {
			t.Helper()
			if got, err := w.control.Allowed(t.Context(), w.id["bernat"], p); err != nil || got != want {
				t.Errorf("%s: %v %v, want %v", p, got, err, want)
			}
			if got, err := w.control.Allowed(t.Context(), w.id["ciro"], p); err != nil || got != Standing(p) {
				t.Errorf("%s of another: %v %v", p, got, err)
			}
		}
		w.want("bernat", "GET", "/my/me/consents", 200, "as part of your care, until you say otherwise")
		for _, p := range Purposes() {
			holds(p, Standing(p))
			for i, do := range []string{"stop", "stop", "allow", "stop", "allow"} { // twice the same is one
				w.clock.Advance(time.Minute)
				w.want("bernat", "POST", "/my/me/consents", 303, "done="+string(p), "purpose", string(p), "do", do)
				holds(p, do == "allow")
				if i == 0 && Standing(p) {
					page := w.want("bernat", "GET", "/my/me/consents?done="+string(p), 200, "Undo")
					if !strings.Contains(page, "you stopped it") {
						t.Error("no history")
					}
				}
			}
		}
		all := w.all("Consent", "bernat")
		if len(all) != len(Purposes()) {
			t.Errorf("%d consents", len(all))
		}
		for _, n := range all {
			if n.Path("provision", "type").Str() != "permit" || n.Path("policyRule", "coding", "code").Str() != "OPTIN" {
				t.Errorf("the newest says %s", n.Bytes())
			}
			// Four said something new (of research, which did not hold, three): each is a version.
			err := w.records.Look(t.Context(), w.doctor(), func(tx *records.Tx) error {
				h, err := tx.History(t.Context(), "Consent", n.ID(), records.HistoryQuery{})
				want := 4
				if strings.HasPrefix(n.Path("identifier", "value").Str(), "research") {
					want = 3
				}
				if len(h.Records) != want {
					t.Errorf("%d versions, want %d", len(h.Records), want)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		id := w.id["bernat"]
		if got := strings.Join(w.told, ","); got != id+" false,"+id+" true,"+id+" false,"+id+" true" {
			t.Errorf("the team was told %s", got)
		}
		w.want("bernat", "POST", "/my/me/consents", 404, "", "purpose", "anything", "do", "allow")
		w.want("doctor", "POST", "/my/me/consents", 403, "", "purpose", "sharing", "do", "stop")
		w.want("new", "POST", "/my/me/consents", 403, "", "purpose", "sharing", "do", "stop")
		w.want("doctor", "GET", "/care/"+id+"/caregivers", 200, "Reading by programs of others")
	})
}

// A patient changes what they signed in the app, and no other consent.
func TestPaperConsentsStay(t *testing.T) {
	each(t, func(w *world) {
		var paper string
		text := func(id, system string) string {
			if id != "" {
				id = `"id":"` + id + `",`
			}
			return `{"resourceType":"Consent",` + id + `"identifier":[{"system":"` + system + `","value":"1"}],"status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"treatment"}]},
				"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/` + w.id["bernat"] + `"},"policyRule":{"text":"on paper"}}`
		}
		parse := func(s string) *resource.Node {
			n, err := resource.Parse([]byte(s))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		err := w.records.Do(t.Context(), w.doctor(), func(tx *records.Tx) error {
			r, err := tx.Create(t.Context(), parse(text("", "urn:paper")))
			paper = r.ID
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		me := records.Ask{Who: access.Who{Kind: access.Patient, ID: "b", Patient: w.id["bernat"]}}
		for _, s := range []string{text(paper, "urn:paper"), text(paper, access.ConsentSystem)} {
			err := w.records.Do(t.Context(), me, func(tx *records.Tx) error {
				_, _, err := tx.Update(t.Context(), parse(strings.Replace(s, "active", "inactive", 1)), records.Any)
				return err
			})
			if o := outcome.Of(err); o == nil || o.Status != 404 {
				t.Errorf("a patient changed a consent on paper: %v", err)
			}
		}
		err = w.records.Do(t.Context(), me, func(tx *records.Tx) error { _, err := tx.Create(t.Context(), parse(text("", "urn:paper"))); return err })
		if o := outcome.Of(err); o == nil || o.Status != 404 {
			t.Errorf("a patient made a consent on paper: %v", err)
		}
		// Nor does whoever acts for them see any.
		for _, do := range []func(*records.Tx) error{
			func(tx *records.Tx) error { _, err := tx.Read(t.Context(), "Consent", paper); return err },
			func(tx *records.Tx) error { return w.control.Say(t.Context(), tx, w.id["bernat"], Research, true) },
			func(tx *records.Tx) error { return w.control.Say(t.Context(), tx, w.id["bernat"], Sharing, false) },
		} {
			err := w.records.Do(t.Context(), records.Ask{Who: access.Who{Kind: access.Caregiver, ID: "i", Patient: w.id["bernat"]}}, do)
			if o := outcome.Of(err); o == nil || o.Status != 404 {
				t.Errorf("a caregiver reached a consent: %v", err)
			}
		}
	})
}

// Taking sharing back hides everything from a program of others at once; the records' own tests say by which ways.
func TestSharingHolds(t *testing.T) {
	each(t, func(w *world) {
		w.want("bernat", "POST", "/my/add", 200, "")
		scopes, err := access.ParseScopes("system/*.rs")
		if err != nil {
			t.Fatal(err)
		}
		lab := records.Ask{Who: access.Who{Kind: access.System, ID: "lab", Scopes: scopes, Outside: true}}
		sees := func() bool {
			return w.records.Look(t.Context(), lab, func(tx *records.Tx) error { _, err := tx.Read(t.Context(), "Patient", w.id["bernat"]); return err }) == nil
		}
		for _, do := range []string{"stop", "allow", "stop"} {
			w.want("bernat", "POST", "/my/me/consents", 303, "", "purpose", "sharing", "do", do)
			if sees() != (do == "allow") {
				t.Errorf("after %s a program sees: %v", do, sees())
			}
		}
		// It is in the same transaction: undone, it never was.
		err = w.records.Do(t.Context(), records.Ask{Who: access.Who{Kind: access.Patient, ID: "b", Patient: w.id["bernat"]}}, func(tx *records.Tx) error {
			if err := w.control.Say(t.Context(), tx, w.id["bernat"], Sharing, true); err != nil {
				return err
			}
			return context.Canceled
		})
		if err == nil || sees() {
			t.Errorf("a consent that was undone holds: %v", err)
		}
	})
}

// A list of many patients that somebody looked at is one entry of each; none names another.
func TestLookedNamesNobodyElse(t *testing.T) {
	each(t, func(w *world) {
		if page := w.want("bernat", "GET", "/my/me/looked", 200, "Who looked"); strings.Contains(page, "looked at the record") {
			t.Error("somebody looked who has not")
		}
		err := w.records.Look(t.Context(), w.doctor(), func(tx *records.Tx) error {
			q, err := search.Parse("Patient", url.Values{}, search.Asked{Strict: true, Base: base, Now: tx.Now()})
			if err == nil {
				_, err = tx.Search(t.Context(), q)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for me, other := range map[string]string{"bernat": "ciro", "ciro": "bernat"} {
			page := w.want(me, "GET", "/my/me/looked", 200, "Marisol Quenby, your care team")
			if strings.Contains(page, w.id[other]) || strings.Contains(page, w.who[other].Name) {
				t.Error("the list names another patient")
			}
			w.want(me, "GET", "/my/me/looked?who=Nobody", 200, "Nothing here")
			w.want("doctor", "GET", "/my/me/looked", 403, "")
		}
	})
}
