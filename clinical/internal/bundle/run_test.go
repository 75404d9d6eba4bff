package bundle

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

// desk is a runner on an empty store, and somebody who may everything.
type desk struct {
	*testing.T
	x   *Runner
	ask records.Ask
}

func each(t *testing.T, f func(d *desk)) {
	dbtest.Each(t, "clinical", records.Migrations(), func(t *testing.T, store *db.DB) {
		log := slog.New(slog.DiscardHandler)
		s, err := records.Open(records.Deps{DB: store, Clock: clock.System{}, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		scopes, err := access.ParseScopes("system/*.cruds")
		if err != nil {
			t.Fatal(err)
		}
		f(&desk{T: t, ask: records.Ask{Who: access.Who{Kind: access.System, ID: "lab", Name: "Laboratory", Scopes: scopes}},
			x: &Runner{Store: s, Clock: clock.System{}, Log: log, Base: "https://orlena.example/fhir", Look: look}})
	})
}

// look answers reads, as far as these tests ask for them.
func look(ctx context.Context, tx *records.Tx, r Request) (Result, error) {
	rec, err := tx.Read(ctx, r.Type, r.ID)
	return Result{Status: http.StatusOK, Body: rec.Body}, err
}

// run sends a bundle and returns the answer, or the refusal.
func (d *desk) run(kind, entries string) (*resource.Node, *outcome.Error) {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), 20*time.Second)
	defer cancel()
	b := parse(d.T, `{"resourceType":"Bundle","type":"`+kind+`","entry":[`+entries+`]}`)
	out, err := d.x.Run(ctx, d.ask, b, true)
	if err != nil {
		if outcome.Of(err) == nil {
			d.Fatalf("%.500s: %v", entries, err)
		}
		return nil, outcome.Of(err)
	}
	return parse(d.T, string(out)), nil
}

// done sends a transaction that must work and returns the statuses in one line.
func (d *desk) done(entries ...string) (statuses string, answer *resource.Node) {
	d.Helper()
	answer, refused := d.run("transaction", strings.Join(entries, ","))
	if refused != nil {
		d.Fatalf("%.500v refused: %v", entries, refused)
	}
	return statusesOf(answer), answer
}

func statusesOf(answer *resource.Node) string {
	var s []string
	for _, e := range answer.Get("entry").Each() {
		s = append(s, e.Path("response", "status").Str()[:3])
	}
	return strings.Join(s, " ")
}

// refused sends a transaction that must be refused in whole, with this status, for this entry.
func (d *desk) refused(status int, expression string, entries ...string) {
	d.Helper()
	before := d.count()
	answer, refused := d.run("transaction", strings.Join(entries, ","))
	if refused == nil {
		d.Errorf("%v was accepted: %s", entries, answer.Bytes())
		return
	}
	if refused.Status != status || !strings.HasPrefix(refused.Issues[0].Expression, expression) {
		d.Errorf("%v: %d %s, want %d at %s", entries, refused.Status, refused, status, expression)
	}
	if after := d.count(); after != before {
		d.Errorf("%v was refused, and yet there are %d versions, not %d", entries, after, before)
	}
}

// count is how many versions of records there are, AuditEvents apart.
func (d *desk) count() (n int) {
	d.Helper()
	for _, typ := range []string{"Patient", "Observation"} {
		err := d.x.Store.Look(d.Context(), d.ask, func(tx *records.Tx) error {
			h, err := tx.History(d.Context(), typ, "", records.HistoryQuery{Count: 1000})
			n += len(h.Records)
			return err
		})
		if err != nil {
			d.Fatal(err)
		}
	}
	return n
}

func (d *desk) read(typ, id string) *resource.Node {
	d.Helper()
	var rec records.Record
	err := d.x.Store.Look(d.Context(), d.ask, func(tx *records.Tx) (err error) {
		rec, err = tx.Read(d.Context(), typ, id)
		return err
	})
	if err != nil {
		d.Fatalf("%s/%s: %v", typ, id, err)
	}
	return parse(d.T, string(rec.Body))
}

// place is "Patient/12" of the location of an entry of the answer.
func place(answer *resource.Node, i int) string {
	s, _, _ := strings.Cut(answer.Get("entry").At(i).Path("response", "location").Str(), "/_history/")
	return s
}

func entry(method, url, resource string, more ...string) string {
	s := `{"request":{"method":"` + method + `","url":"` + url + `"`
	full := ""
	for i := 0; i+1 < len(more); i += 2 {
		if more[i] == "fullUrl" {
			full = `,"fullUrl":"` + more[i+1] + `"`
			continue
		}
		s += `,"` + more[i] + `":"` + more[i+1] + `"`
	}
	if resource != "" {
		resource = `,"resource":` + resource
	}
	return s + "}" + resource + full + "}"
}

func patient(id, value string) string {
	if id != "" {
		id = `"id":"` + id + `",`
	}
	return `{"resourceType":"Patient",` + id + `"identifier":[{"system":"urn:x","value":"` + value + `"}]}`
}

func observation(subject string) string {
	return `{"resourceType":"Observation","status":"final","code":{"text":"pulse"},"subject":{"reference":"` + subject + `"}}`
}

func TestTransaction(t *testing.T) {
	each(t, func(d *desk) {
		one, two := "urn:uuid:11111111-1111-4111-8111-111111111111", "urn:uuid:22222222-2222-4222-8222-222222222222"

		// References go both ways, whatever the order.
		got, answer := d.done(
			entry("POST", "Observation", strings.Replace(observation(one), `}}`, `},"derivedFrom":[{"reference":"`+two+`"}]}`, 1)),
			entry("POST", "Patient", patient("", "1"), "fullUrl", one),
			entry("POST", "Observation", strings.Replace(observation(one), `}}`, `},"hasMember":[{"reference":"`+two+`"}]}`, 1), "fullUrl", two))
		if got != "201 201 201" {
			d.Fatalf("%s: %s", got, answer.Bytes())
		}
		first := d.read("Observation", strings.TrimPrefix(place(answer, 0), "Observation/"))
		if first.Path("subject", "reference").Str() != place(answer, 1) || first.Path("derivedFrom", "reference").Str() != place(answer, 2) {
			d.Errorf("%s", first.Bytes())
		}
		self := d.read("Observation", strings.TrimPrefix(place(answer, 2), "Observation/"))
		if self.Path("hasMember", "reference").Str() != place(answer, 2) {
			d.Errorf("to itself: %s", self.Bytes())
		}
		response := answer.Get("entry").At(1).Get("response")
		if response.Get("etag").Str() != `W/"1"` || response.Get("lastModified").Str() == "" || answer.Get("entry").At(1).Get("resource").Type() != "Patient" {
			d.Errorf("%s", answer.Bytes())
		}
		who := strings.TrimPrefix(place(answer, 1), "Patient/")

		// Conditions.
		got, answer = d.done(
			entry("POST", "Patient", patient("", "1"), "ifNoneExist", "identifier=urn:x|1", "fullUrl", one),
			entry("PUT", "Patient?identifier=urn:x|2", patient("", "2"), "fullUrl", two),
			entry("POST", "Observation", observation(one)),
			entry("POST", "Observation", observation("Patient?identifier=urn:x|2")),
			entry("GET", "Patient/"+who, ""),
			entry("DELETE", "Patient?identifier=urn:x|nobody", ""))
		if got != "200 201 201 201 200 204" || place(answer, 0) != "Patient/"+who {
			d.Errorf("%s: %s", got, answer.Bytes())
		}
		for i, want := range map[int]string{2: "Patient/" + who, 3: place(answer, 1)} {
			if ref := answer.Get("entry").At(i).Path("resource", "subject", "reference").Str(); ref != want {
				d.Errorf("entry %d is about %s, not %s", i, ref, want)
			}
		}
		second := place(answer, 1)
		got, answer = d.done(entry("PUT", "Patient?identifier=urn:x|2", strings.Replace(patient("", "2"), `]}`, `],"active":true}`, 1), "fullUrl", two), entry("POST", "Observation", observation(two)))
		if got != "200 201" || place(answer, 0) != second || answer.Get("entry").At(1).Path("resource", "subject", "reference").Str() != second {
			d.Errorf("%s: %s", got, answer.Bytes())
		}
		got, answer = d.done(entry("POST", "Patient", patient("", "3"), "ifNoneExist", "identifier=urn:x|3"), entry("POST", "Patient", patient("", "3"), "ifNoneExist", "identifier=urn:x|3"))
		if got != "201 200" || place(answer, 0) != place(answer, 1) {
			d.Errorf("the same condition twice: %s: %s", got, answer.Bytes())
		}

		// Patches.
		json := base64.StdEncoding.EncodeToString([]byte(`[{"op":"add","path":"/gender","value":"other"}]`))
		got, answer = d.done(
			entry("PATCH", "Patient/"+who, `{"resourceType":"Binary","contentType":"application/json-patch+json","data":"`+json+`"}`, "ifMatch", `W/\"1\"`),
			entry("PATCH", "Patient?identifier=urn:x|2", `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.active"},{"name":"value","valueBoolean":false}]}]}`))
		if got != "200 200" || d.read("Patient", who).Get("gender").Str() != "other" {
			d.Errorf("%s: %s", got, answer.Bytes())
		}

		// A read comes last: it sees what was written.
		got, answer = d.done(entry("GET", "Patient/here", ""), entry("PUT", "https://orlena.example/fhir/Patient/here", patient("here", "9")))
		if got != "200 201" || answer.Get("entry").At(0).Get("resource").ID() != "here" {
			d.Errorf("%s: %s", got, answer.Bytes())
		}

		// A delete comes first: what it frees can be made again.
		got, answer = d.done(entry("POST", "Patient", patient("", "3"), "ifNoneExist", "identifier=urn:x|3"), entry("DELETE", "Patient?identifier=urn:x|3", ""))
		if got != "201 204" {
			d.Errorf("%s: %s", got, answer.Bytes())
		}
	})
}

func TestTransactionRefused(t *testing.T) {
	each(t, func(d *desk) {
		d.done(entry("PUT", "Patient/p", patient("p", "1")), entry("POST", "Patient", patient("", "twin")), entry("POST", "Patient", patient("", "twin")))
		good := entry("POST", "Patient", patient("", "new"))
		one := "urn:uuid:11111111-1111-4111-8111-111111111111"
		for expression, c := range map[string]struct {
			status int
			wrong  string
		}{
			"Bundle.entry[1].resource.gender":        {400, entry("POST", "Patient", `{"resourceType":"Patient","gender":"blue"}`)},
			"Bundle.entry[1].resource":               {400, entry("POST", "Patient", observation("Patient/p"))},
			"Bundle.entry[1].request":                {400, `{"resource":{"resourceType":"Patient"}}`},
			"Bundle.entry[1].request.method":         {400, entry("TRACE", "Patient/p", "")},
			"Bundle.entry[1].request.url":            {400, entry("POST", "Patient/p", patient("p", "1"))},
			"Bundle.entry[1].resource.id":            {400, entry("PUT", "Patient/p", patient("q", "1"))},
			"Bundle.entry[1].request.ifNoneExist":    {412, entry("POST", "Patient", patient("", "9"), "ifNoneExist", "_count=3")},
			"Bundle.entry[1]":                        {412, entry("PUT", "Patient/p", patient("p", "2"), "ifMatch", `W/\"7\"`)},
			"Bundle.entry[1]\x00several":             {412, entry("DELETE", "Patient?identifier=urn:x|twin", "")},
			"Bundle.entry[1]\x00several2":            {412, entry("POST", "Patient", patient("", "9"), "ifNoneExist", "identifier=urn:x|twin")},
			"Bundle.entry[1]\x00nobody":              {412, entry("POST", "Observation", observation("Patient?identifier=urn:x|nobody"))},
			"Bundle.entry[1]\x00twins":               {412, entry("POST", "Observation", observation("Patient?identifier=urn:x|twin"))},
			"Bundle.entry[1]\x00absent":              {404, entry("GET", "Patient/nobody", "")},
			"Bundle.entry[1]\x00no patch":            {400, entry("PATCH", "Patient/p", patient("p", "2"))},
			"Bundle.entry[1]\x00another version":     {412, entry("PATCH", "Patient/p", `{"resourceType":"Parameters"}`, "ifMatch", `W/\"7\"`)},
			"Bundle.entry[1]\x00patch of nobody":     {404, entry("PATCH", "Patient/nobody", `{"resourceType":"Parameters"}`)},
			"Bundle.entry[2].fullUrl":                {400, entry("POST", "Patient", patient("", "8"), "fullUrl", one) + "," + entry("POST", "Patient", patient("", "9"), "fullUrl", one)},
			"Bundle.entry[2].request.url":            {400, entry("PUT", "Patient/p", patient("p", "8")) + "," + entry("DELETE", "Patient/p", "")},
			"Bundle.entry[2]":                        {400, entry("PUT", "Patient/p", patient("p", "1")) + "," + entry("PUT", "Patient?identifier=urn:x|1", patient("", "1"))},
			"Bundle.entry[2]\x00made twice":          {400, entry("PUT", "Patient?identifier=urn:x|5", patient("", "5")) + "," + entry("PUT", "Patient?identifier=urn:x|5", patient("", "5"))},
			"Bundle.entry[1]\x00any, and none there": {412, entry("PUT", "Patient/nobody", patient("nobody", "2"), "ifMatch", "*")},
			"Bundle.entry[1]\x00none, and one there": {412, entry("PUT", "Patient/p", patient("p", "2"), "ifNoneMatch", "*")},
			"Bundle.entry[1]\x00a taken id":          {412, entry("PUT", "Patient?identifier=urn:x|77", patient("p", "77"))},
			"Bundle.entry[1].resource.meta.tag":      {422, entry("PUT", "Patient/p", `{"resourceType":"Patient","id":"p","meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}}`)},
			"Bundle.entry[1].request.url\x00strange": {400, entry("PUT", "Patient?shoesize=43", patient("", "5"))},
		} {
			expression, _, _ = strings.Cut(expression, "\x00")
			d.refused(c.status, expression, good, c.wrong)
		}
		if _, refused := d.run("collection", good); refused == nil || refused.Issues[0].Expression != "Bundle.type" {
			d.Errorf("a collection: %v", refused)
		}
		d.x.Entries = 2
		d.refused(http.StatusRequestEntityTooLarge, "Bundle.entry", good, good, good)
	})
}

func TestBatch(t *testing.T) {
	each(t, func(d *desk) {
		answer, refused := d.run("batch", strings.Join([]string{
			entry("GET", "Patient/p", ""),
			entry("POST", "Patient", `{"resourceType":"Patient","gender":"blue"}`),
			entry("PUT", "Patient/p", patient("p", "1")),
			`{"resource":{"resourceType":"Patient"}}`,
			entry("DELETE", "Patient/q", ""),
			entry("PUT", "Patient/p", patient("p", "2"), "ifMatch", `W/\"1\"`),
			entry("PUT", "Patient/p", patient("p", "3"), "ifMatch", `W/\"1\"`),
		}, ","))
		if refused != nil {
			d.Fatal(refused)
		}
		if got := statusesOf(answer); !strings.HasPrefix(got, "200 400 201 400 ") || !strings.HasSuffix(got, " 200 412") {
			d.Errorf("%s: %s", got, answer.Bytes())
		}
		issue := answer.Get("entry").At(1).Path("response", "outcome", "issue")
		if got := issue.Path("expression").At(0).Str(); got != "Bundle.entry[1].resource.gender" {
			d.Errorf("expression %q: %s", got, answer.Bytes())
		}
	})
}

// TestLongTransaction: as many entries as are taken, each with conditions, in reasonable time.
func TestLongTransaction(t *testing.T) {
	each(t, func(d *desk) {
		const n = 600
		var entries []string
		for i := range n {
			value := fmt.Sprint("long", i)
			entries = append(entries, entry("POST", "Patient", patient("", value), "ifNoneExist", "identifier=urn:x|"+value),
				entry("POST", "Observation", observation("Patient?identifier=urn:x|"+value)))
		}
		begun := time.Now()
		got, answer := d.done(entries...)
		if strings.Count(got, "201") != 2*n {
			d.Fatal(got)
		}
		if ref := answer.Get("entry").At(1).Path("resource", "subject", "reference").Str(); ref != place(answer, 0) {
			d.Errorf("%s is not %s", ref, place(answer, 0))
		}
		d.Logf("%d entries: %v", 2*n, time.Since(begun))
	})
}
