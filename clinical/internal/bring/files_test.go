package bring

import (
	"archive/zip"
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

func (w *world) upload(as, name string, content []byte) *httptest.ResponseRecorder {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("file", name)
	if err != nil {
		w.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = m.Close()
	r := httptest.NewRequest("POST", "/my/import", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Test-Session", as)
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec
}

// settled waits until nobody works on the file, and returns its page.
func (w *world) settled(path string) string {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if page := w.do("edda", "GET", path, "", nil).Body.String(); !strings.Contains(page, "data-working") {
			return page
		}
	}
	w.t.Fatal("the file is worked on for ever")
	return ""
}

// bringAlong uploads a file and returns its path and first page.
func (w *world) bringAlong(name string, content []byte) (path, page string) {
	w.t.Helper()
	rec := w.upload("edda", name, content)
	if path = rec.Header().Get("Location"); rec.Code != http.StatusSeeOther {
		w.t.Fatalf("%s: %d %.300s", name, rec.Code, rec.Body)
	}
	return path, w.settled(path)
}

func (w *world) act(path string, nameValue ...string) {
	w.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(nameValue); i += 2 {
		form.Add(nameValue[i], nameValue[i+1])
	}
	if rec := w.do("edda", "POST", path, "application/x-www-form-urlencoded", []byte(form.Encode())); rec.Code != http.StatusSeeOther {
		w.t.Fatalf("%v: %d %.300s", nameValue, rec.Code, rec.Body)
	}
}

func (w *world) says(page string, words ...string) {
	w.t.Helper()
	for _, want := range words {
		if !strings.Contains(page, want) {
			at := max(0, strings.Index(page, "<main"))
			w.t.Errorf("no %q in %.1500s", want, page[at:])
		}
	}
}

func apple(now time.Time, days int) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><HealthData locale="en_ES">`)
	for i := range days {
		at := now.AddDate(0, 0, -i).Format("2006-01-02 15:04:05 -0700")
		fmt.Fprintf(&b, `<Record type="HKQuantityTypeIdentifierBodyMass" sourceName="Scale" unit="kg" creationDate="%[1]s" startDate="%[1]s" endDate="%[1]s" value="7%d.%d"/>`, at, i%3, i%10)
	}
	at := now.Format("2006-01-02 15:04:05 -0700")
	fmt.Fprintf(&b, `<Record type="HKQuantityTypeIdentifierHeartRate" sourceName="Watch" unit="count/min" startDate="%[1]s" endDate="%[1]s" value="much"/></HealthData>`, at)
	return b.String()
}

func zipped(t *testing.T, name, content string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte(content))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestAppleExport: what is in it, what of it is wanted, stored once, as history.
func TestAppleExport(t *testing.T) {
	each(t, func(w *world) {
		export := zipped(t, "apple_health_export/export.xml", apple(w.clock.Now(), 250))
		path, page := w.bringAlong("export.zip", export)
		w.says(page, "250 readings, from ", "One could not be read. Why?", "no number that can be understood", `value="weight" checked`, "The last three months")
		if n := len(w.readings("edda")); n != 0 {
			t.Fatalf("%d readings before anybody chose", n)
		}
		if rec := w.do("ciro", "GET", path, "", nil); rec.Code != http.StatusNotFound {
			t.Errorf("somebody else's file: %d", rec.Code)
		}
		w.act(path, "do", "store", "measure", "weight", "since", "quarter")
		w.says(w.settled(path), "93 readings are in your record now.")
		all := w.readings("edda")
		if len(all) != 93 || all[0].Clock != vitals.History || all[92].Clock == vitals.History || all[0].Device != "Scale" {
			t.Fatalf("%d readings, %+v", len(all), all[0])
		}
		// Again, all of it: what is there is there.
		path, _ = w.bringAlong("export.zip", export)
		w.act(path, "do", "store", "measure", "weight", "since", "all")
		w.says(w.settled(path), "157 readings are in your record now.", "93 were there already.")
		if n := len(w.readings("edda")); n != 250 {
			t.Errorf("%d readings", n)
		}
		if err := w.files.List(t.Context(), func(key string, _ int64) error { t.Errorf("%s is left", key); return nil }); err != nil {
			t.Error(err)
		}
	})
}

func TestQuestions(t *testing.T) {
	each(t, func(w *world) {
		path, page := w.bringAlong("glucose.csv", []byte("date,glucose\n03/04/2026 08:00,5.6\n05/06/2026 08:00,6.1\n"))
		answered := 0
		for ; answered < 4 && strings.Contains(page, "One question first"); answered++ {
			if strings.Contains(page, "day-first") {
				w.act(path, "do", "answer", "choice", "day-first")
			} else {
				w.says(page, "In which unit is this: Blood sugar?")
				w.act(path, "do", "answer", "choice", "mmol/L")
			}
			page = w.settled(path)
		}
		if answered != 2 {
			t.Errorf("%d questions", answered)
		}
		w.says(page, "2 readings, from 3 April 2026 to 5 June 2026.")
		w.act(path, "do", "stop")
		w.says(w.settled(path), "the file is deleted")
	})
}

func TestFHIRFile(t *testing.T) {
	each(t, func(w *world) {
		obs := `{"resourceType":"Observation","id":"%d","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2339-0"}]},"subject":{"reference":"Patient/other"},"effectiveDateTime":"2026-03-04T08:00:0%dZ","valueQuantity":{"value":%s,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}`
		one, two := fmt.Sprintf(obs, 1, 1, "88.5349"), fmt.Sprintf(obs, 2, 2, "140")
		bundle := `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"other"}},{"resource":` + one + `},{"resource":` + two + `},{"resource":` + fmt.Sprintf(obs, 3, 3, "9999") + `}],"total":4}`
		path, page := w.bringAlong("bundle.json", []byte(bundle))
		w.says(page, "2 readings, of 4 March 2026.", "One could not be read. Why?")
		w.act(path, "do", "store", "measure", "glucose", "since", "all")
		w.says(w.settled(path), "2 readings are in your record now.")
		// The same as lines is the same.
		path, page = w.bringAlong("lines.ndjson", []byte(one+"\n"+two+"\n"))
		w.says(page, "2 readings, of 4 March 2026.")
		w.act(path, "do", "store", "measure", "glucose", "since", "all")
		w.says(w.settled(path), "Nothing new was in it.", "2 were there already.")
		if all := w.readings("edda"); len(all) != 2 || all[0].Values[0].String() != "89" {
			t.Errorf("%+v", all)
		}
	})
}

// TestHostileFiles: a plain sentence, and nothing is kept.
func TestHostileFiles(t *testing.T) {
	each(t, func(w *world) {
		for name, content := range map[string][]byte{
			"bomb.zip":     zipped(t, "apple_health_export/export.xml", `<HealthData>`+strings.Repeat(" ", 80<<20)),
			"not a zip":    []byte("PK\x03\x04 and then nothing"),
			"other.zip":    zipped(t, "photo.jpg", "x"),
			"entity.xml":   []byte(`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><HealthData><Record type="&a;"/></HealthData><<<`),
			"cut.json":     []byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation"`),
			"deep.json":    []byte(`{"resourceType":` + strings.Repeat("[", 100_000)),
			"endless.json": []byte(`{"resourceType":"Bundle","x":"` + strings.Repeat("a", maxItem+100_000) + `"}`),
			"picture.csv":  {0x89, 'P', 'N', 'G', 0, 0, 0},
		} {
			_, page := w.bringAlong(name, content)
			if !strings.Contains(page, "That file can’t be read") {
				at := max(0, strings.Index(page, "<main"))
				t.Errorf("%s: %.800s", name, page[at:])
			}
		}
		if rec := w.upload("edda", "empty", nil); rec.Code != http.StatusUnprocessableEntity && rec.Code != http.StatusBadRequest {
			t.Errorf("nothing: %d", rec.Code)
		}
		if err := w.files.List(t.Context(), func(key string, _ int64) error { t.Errorf("%s is left", key); return nil }); err != nil {
			t.Error(err)
		}
	})
}

// What never becomes an import leaves nothing behind, and what another file takes the place of goes at once.
func TestFilesGo(t *testing.T) {
	each(t, func(w *world) {
		kept := func() (n int) {
			_ = w.files.List(t.Context(), func(string, int64) error { n++; return nil })
			return n
		}
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		for range 2 {
			part, _ := m.CreateFormFile("file", "export.xml")
			_, _ = part.Write([]byte(apple(w.clock.Now(), 3)))
		}
		cut := body.Len()
		_ = m.Close()
		two := body.Bytes()
		for what, sent := range map[string][]byte{"two files": two, "a file whose end never came": two[:cut/2+20], "half of a second one": two[:cut-20]} {
			rec := w.do("edda", "POST", "/my/import", m.FormDataContentType(), sent)
			if n := kept(); rec.Code < 400 || n != 0 {
				t.Errorf("%s: %d, %d files are left", what, rec.Code, n)
			}
		}
		if rec := w.do("edda", "GET", "/my/import", "", nil); rec.Code != http.StatusOK {
			t.Errorf("the page leads to %s", rec.Header().Get("Location"))
		}
		for range 3 {
			w.bringAlong("export.xml", []byte(apple(w.clock.Now(), 3)))
		}
		if n := kept(); n != 1 {
			t.Errorf("%d files are kept of three, want the last", n)
		}
	})
}

// A time that has not come was measured by nobody: such readings would stand first, and alert.
func TestFilesFromTheFuture(t *testing.T) {
	each(t, func(w *world) {
		path, page := w.bringAlong("export.xml", []byte(apple(w.clock.Now().AddDate(0, 0, 10), 12)))
		w.says(page, "3 readings, from ", "could not be read")
		w.act(path, "do", "store", "measure", "weight", "since", "")
		w.settled(path)
		if all := w.readings("edda"); len(all) != 3 {
			t.Errorf("%d readings, want those of today, yesterday and tomorrow, which is today elsewhere", len(all))
		}
	})
}

// More than an import takes is refused before anything of it is stored.
func TestTooManyAtOnce(t *testing.T) {
	d := detail{Found: map[vitals.Measure]*content{"weight": {N: maxSaved, Year: 7, Quarter: 5}, "heart-rate": {N: 1, Year: 1}}, Want: []vitals.Measure{"weight", "heart-rate"}}
	if all, year, quarter := d.wanted(""), d.wanted("year"), d.wanted("quarter"); all <= maxSaved || year != 8 || quarter != 5 {
		t.Errorf("%d %d %d", all, year, quarter)
	}
}
