package intake_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/intake"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

type desk struct {
	*testing.T
	deps intake.Deps
	ask  records.Ask
}

func each(t *testing.T, f func(d *desk)) {
	dbtest.Each(t, "clinical", append(records.Migrations(), intake.Migrations()...), func(t *testing.T, store *db.DB) {
		log := slog.New(slog.DiscardHandler)
		s, err := records.Open(records.Deps{DB: store, Clock: clock.System{}, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		scopes, err := access.ParseScopes("system/*.cruds")
		if err != nil {
			t.Fatal(err)
		}
		f(&desk{t, intake.Deps{Store: s, Clock: clock.System{}, Log: log, Base: "https://orlena.example/fhir"},
			records.Ask{Who: access.Who{Kind: access.System, ID: "lab", Name: "Laboratory", Scopes: scopes}}})
	})
}

// run imports and returns what was refused, a line each.
func (d *desk) run(o intake.Options, paths ...string) (intake.Progress, string) {
	d.Helper()
	var refused []string
	o.Refused = func(r intake.Refusal) {
		refused = append(refused, strings.TrimSpace(fmt.Sprintf("%s %s %s", filepath.Base(r.File), r.Place, r.Expression)))
	}
	p, err := intake.Run(d.Context(), d.deps, paths, o)
	if err != nil {
		d.Fatal(err)
	}
	return p, strings.Join(refused, "\n")
}

func (d *desk) read(typ, id string) (n *resource.Node) {
	d.Helper()
	err := d.deps.Store.Look(d.Context(), d.ask, func(tx *records.Tx) error {
		rec, err := tx.Read(d.Context(), typ, id)
		if err == nil {
			n, err = resource.Parse(rec.Body)
		}
		return err
	})
	if err != nil {
		d.Errorf("%s/%s: %v", typ, id, err)
	}
	return n
}

// versions is how many versions there are of a type.
func (d *desk) versions(typ string) (n int) {
	d.Helper()
	err := d.deps.Store.Look(d.Context(), d.ask, func(tx *records.Tx) error {
		n = 0
		for q := (records.HistoryQuery{Count: 500}); ; {
			page, err := tx.History(d.Context(), typ, "", q)
			if n += len(page.Records); err != nil || page.Next == "" {
				return err
			}
			q.Cursor = page.Next
		}
	})
	if err != nil {
		d.Fatal(err)
	}
	return n
}

const (
	ana   = "11111111-1111-4111-8111-111111111111"
	pulse = `{"resourceType":"Observation","status":"final","code":{"text":"pulse"},"subject":{"reference":"%s"}}`
)

func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if strings.HasSuffix(name, ".gz") {
		z := gzip.NewWriter(f)
		_, err = z.Write([]byte(text))
		err = errors.Join(err, z.Close())
	} else {
		_, err = f.WriteString(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func bundle(kind string, entries ...string) string {
	return `{"resourceType":"Bundle","type":"` + kind + `","entry":[` + strings.Join(entries, ",") + `]}`
}

func post(fullURL, typ, resource string, more ...string) string {
	return `{"fullUrl":"` + fullURL + `","request":{"method":"POST","url":"` + typ + `"` + strings.Join(more, "") + `},"resource":` + resource + `}`
}

func TestImport(t *testing.T) {
	dir := t.TempDir()
	patient := `{"resourceType":"Patient","identifier":[{"system":"urn:x","value":"1"}]}`
	write(t, dir, "1-transaction.json", bundle("transaction",
		post("urn:uuid:"+ana, "Patient", patient),
		post("urn:uuid:22222222-2222-4222-8222-222222222222", "Observation", strings.Replace(fmt.Sprintf(pulse, "urn:uuid:"+ana), `{"text":"pulse"}`, `{"coding":[{"system":"http://loinc.org","code":"55284-4"}]}`, 1)),
		post("urn:uuid:33333333-3333-4333-8333-333333333333", "Observation", fmt.Sprintf(pulse, "Patient?identifier=urn:x|1"))))
	write(t, dir, "2-wrong.json", bundle("transaction",
		post("urn:uuid:44444444-4444-4444-8444-444444444444", "Patient", patient),
		post("urn:uuid:55555555-5555-4555-8555-555555555555", "Patient", `{"resourceType":"Patient","gender":"blue"}`)))
	write(t, dir, "3-lines.ndjson.gz", `{"resourceType":"Patient","id":"line1"}`+"\n\n"+
		`{"resourceType":"Patient","id":"line3","gender":"blue"}`+"\n"+
		`{"resourceType":"Patient"`+"\n"+
		fmt.Sprintf(pulse, "Patient/line1")+"\n"+
		bundle("collection", `{"resource":{"resourceType":"Patient","id":"line6"}}`, `{"resource":{"resourceType":"Unheard"}}`)+"\n"+
		`{"resourceType":"AuditEvent","id":"incomplete"}`+"\n"+
		`{"resourceType":"Patient","id":"line8"}`)
	write(t, dir, "4-history.json", bundle("history",
		`{"resource":{"resourceType":"Patient","id":"h","active":true},"request":{"method":"PUT","url":"Patient/h"}}`,
		`{"resource":{"resourceType":"Patient","id":"h","active":false},"request":{"method":"POST","url":"Patient"}}`,
		`{"request":{"method":"DELETE","url":"Patient/gone"}}`,
		`{"resource":{"resourceType":"Patient","id":"gone"},"request":{"method":"POST","url":"Patient"}}`))
	write(t, dir, "5-one.json", "\n"+`{"resourceType": "Patient", "id": "alone"}`+"\n")
	write(t, dir, "6-nobody.json", bundle("transaction", post("urn:uuid:66666666-6666-4666-8666-666666666666", "Observation", fmt.Sprintf(pulse, "Patient?identifier=urn:x|nobody"))))
	write(t, dir, "7-search.json", bundle("searchset",
		`{"fullUrl":"https://elsewhere.example/fhir/Patient/far","resource":{"resourceType":"Patient","id":"far"},"search":{"mode":"match"}}`,
		`{"resource":{"resourceType":"OperationOutcome","issue":[]},"search":{"mode":"outcome"}}`))
	write(t, dir, "8-some.ndjson", fmt.Sprintf(pulse, "Patient?identifier=urn:x|nobody")+"\n"+fmt.Sprintf(pulse, "Patient?identifier=urn:x|1")+"\n"+`{"resourceType":"Patient","id":"a b"}`)
	// A file may refer to what stands in a later one, and that again.
	write(t, dir, "0-early.json", bundle("transaction", post("urn:uuid:77777777-7777-4777-8777-777777777777", "Patient",
		`{"resourceType":"Patient","identifier":[{"system":"urn:x","value":"7"}],"generalPractitioner":[{"reference":"Practitioner?identifier=urn:x|late"}]}`)))
	write(t, dir, "0-before.ndjson", fmt.Sprintf(pulse, "Patient/line1")+"\n"+fmt.Sprintf(pulse, "Patient?identifier=urn:x|7"))
	write(t, dir, "9-late.json", `{"resourceType":"Practitioner","id":"late","identifier":[{"system":"urn:x","value":"late"}]}`)
	write(t, dir, "readme.txt", "not this")
	const refused = `2-wrong.json  Bundle.entry[1].resource.gender
2-wrong.json
3-lines.ndjson.gz line 4
3-lines.ndjson.gz line 3 gender
3-lines.ndjson.gz line 6, entry 1
3-lines.ndjson.gz line 7 type
3-lines.ndjson.gz line 7 recorded
3-lines.ndjson.gz line 7 agent
3-lines.ndjson.gz line 7 source
6-nobody.json  Bundle.entry[0]
6-nobody.json
8-some.ndjson line 3 Patient.id
8-some.ndjson line 1`

	each(t, func(d *desk) {
		dry, said := d.run(intake.Options{DryRun: true}, dir)
		if want := strings.NewReplacer("6-nobody.json  Bundle.entry[0]\n6-nobody.json\n", "", "\n8-some.ndjson line 1", "").Replace(refused); dry.Resources != 17 || said != want {
			d.Errorf("dry run: %+v\n%s", dry, said)
		}
		if n := d.versions("Patient"); n != 0 {
			d.Errorf("the dry run stored %d", n)
		}
		p, said := d.run(intake.Options{}, dir)
		if p.Resources != 15 || p.Refused != 2+4+1+2 || p.Files != 11 || p.Of != 11 || said != refused {
			d.Errorf("%+v\n%s", p, said)
		}
		d.read("Patient", ana)
		if ref := d.read("Patient", "77777777-7777-4777-8777-777777777777").Path("generalPractitioner", "reference").Str(); ref != "Practitioner/late" {
			d.Errorf("what came later: %s", ref)
		}
		for _, id := range []string{"line1", "line6", "line8", "alone", "far"} {
			d.read("Patient", id)
		}
		panel := d.read("Observation", "22222222-2222-4222-8222-222222222222")
		coding := panel.Path("code").Get("coding")
		if coding.At(0).Get("code").Str() != "85354-9" || coding.At(1).Get("code").Str() != "55284-4" || panel.Path("subject", "reference").Str() != "Patient/"+ana {
			d.Errorf("%s", panel.Bytes())
		}
		if ref := d.read("Observation", "33333333-3333-4333-8333-333333333333").Path("subject", "reference").Str(); ref != "Patient/"+ana {
			d.Errorf("conditional reference: %s", ref)
		}
		if active := d.read("Patient", "h").Get("active"); active == nil || active.Text != "true" {
			d.Errorf("of a history the newest version is taken, not %v", active)
		}
		patients, observations := d.versions("Patient"), d.versions("Observation")

		// Once more: everything was there.
		p, said = d.run(intake.Options{}, dir)
		if p.Before != 11 || p.Resources != 0 || said != "" {
			d.Errorf("again: %+v\n%s", p, said)
		}
		p, _ = d.run(intake.Options{Again: true}, dir)
		if p.Same != 15 || p.Resources != 15 {
			d.Errorf("once more, by force: %+v", p)
		}
		if d.versions("Patient") != patients || d.versions("Observation") != observations {
			d.Error("something was stored twice")
		}
	})
}

// TestResume ends an import in the middle, as often as it takes.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	const n = 1700
	var lines, entries []string
	for i := range n {
		lines = append(lines, fmt.Sprintf(pulse, fmt.Sprint("Patient/line", i)))
		entries = append(entries, `{"resource":`+fmt.Sprintf(pulse, fmt.Sprint("Patient/entry", i))+`}`)
	}
	write(t, dir, "a.ndjson", strings.Join(lines, "\n"))
	write(t, dir, "b.json", bundle("collection", entries...))
	each(t, func(d *desk) {
		stored := 0
		for run := 0; ; run++ {
			if run > 20 {
				d.Fatal("it comes to no end")
			}
			ctx, cancel := context.WithCancel(d.Context())
			parts := 0
			p, err := intake.Run(ctx, d.deps, []string{dir}, intake.Options{Progress: func(intake.Progress) {
				if parts++; parts == 2 {
					cancel()
				}
			}})
			cancel()
			stored += p.Resources
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				d.Fatal(err)
			}
		}
		if got := d.versions("Observation"); got != 2*n || stored != 2*n {
			d.Errorf("%d are there, %d were stored, of %d", got, stored, 2*n)
		}
	})
}

// TestSynthea: what a widely used generator makes is taken in whole.
func TestSynthea(t *testing.T) {
	data := os.Getenv("MITRAL_DATA")
	if data == "" {
		t.Skip("Synthea: skipped, MITRAL_DATA is not set")
	}
	files, err := filepath.Glob(filepath.Join(data, "synthea", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v: no bundles in %s", err, data)
	}
	if len(files) > 3 {
		files = files[:3]
	}
	each(t, func(d *desk) {
		p, said := d.run(intake.Options{}, files...)
		if p.Refused > 0 || p.Files != len(files) {
			d.Errorf("%+v\n%s", p, said)
		}
		d.Logf("%d resources in %v", p.Resources, p.Elapsed)
	})
}
