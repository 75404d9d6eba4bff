package control

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

// fill gives somebody a long record.
func (w *world) fill(name string, n int) {
	w.t.Helper()
	put := func(texts ...string) {
		err := w.records.Do(w.t.Context(), w.doctor(), func(tx *records.Tx) error {
			for _, text := range texts {
				n, err := resource.Parse([]byte(strings.ReplaceAll(text, "PATIENT", "Patient/"+w.id[name])))
				if err == nil {
					_, err = tx.Create(w.t.Context(), n)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"PATIENT"},"performer":[{"reference":"PATIENT"}],
			"effectiveDateTime":"2026-11-%02dT%02d:00:00Z","valueQuantity":{"value":%d,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`, 1+i%20, i%24, 50+i%40))
	}
	put(all...)
	put(`{"resourceType":"Communication","status":"completed","subject":{"reference":"PATIENT"},"sent":"2026-11-20T10:00:00Z","sender":{"reference":"Practitioner/d","display":"Marisol Quenby"},"payload":[{"contentString":"Take <b>half</b> of it, `+name+`."}]}`,
		`{"resourceType":"Goal","lifecycleStatus":"active","description":{"text":"Walk to the harbour"},"subject":{"reference":"PATIENT"}}`,
		`{"resourceType":"QuestionnaireResponse","status":"completed","subject":{"reference":"PATIENT"},"authored":"2026-11-20T10:00:00Z","item":[{"linkId":"1","text":"How do you sleep?","answer":[{"valueString":"Well"}]}]}`,
		`{"resourceType":"Observation","status":"final","code":{"text":"Gait"},"subject":{"reference":"PATIENT"},"effectiveDateTime":"2026-11-20T10:00:00Z","valueString":"steady"}`)
}

func TestDownload(t *testing.T) {
	each(t, func(w *world) {
		w.fill("bernat", 503)
		w.fill("ciro", 3)
		if err := w.accept("irune", w.invite("")); err != nil {
			t.Fatal(err)
		}
		w.want("irune", "POST", "/for/"+w.id["bernat"]+"/add", 200, "")
		w.want("bernat", "GET", "/my/me/download", 200, "505 readings")
		rec := w.do("bernat", "POST", "/my/me/download")
		if rec.Code != 200 || rec.Header().Get("Content-Type") != "application/zip" || !strings.Contains(rec.Header().Get("Content-Disposition"), "my-record-2026-11-23.zip") {
			t.Fatalf("%d %v", rec.Code, rec.Header())
		}
		z, err := zip.NewReader(bytes.NewReader(rec.Body.Bytes()), int64(rec.Body.Len()))
		if err != nil {
			t.Fatal(err)
		}
		texts, types := map[string]string{}, map[string]int{}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			texts[f.Name] = string(b)
			if strings.Contains(texts[f.Name], w.id["ciro"]) || strings.Contains(texts[f.Name], "ciro") {
				t.Errorf("%s holds something of another patient", f.Name)
			}
			if !strings.HasPrefix(f.Name, "record/") {
				continue
			}
			n, err := resource.Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			if issues := validate.Resource(n); len(issues) > 0 {
				t.Errorf("%s is not valid: %v", f.Name, issues[:min(3, len(issues))])
			}
			for _, e := range n.Get("entry").Each() {
				types[e.Get("resource").Type()]++
			}
		}
		for typ, want := range map[string]int{"Observation": 505, "Communication": 1, "Patient": 1, "Goal": 1, "Consent": 1, "RelatedPerson": 1, "QuestionnaireResponse": 1, "AuditEvent": 0} {
			if types[typ] != want {
				t.Errorf("%d %s, want %d", types[typ], typ, want)
			}
		}
		if texts["record/0002.json"] == "" {
			t.Error("a long record is in one piece")
		}
		for name, want := range map[string][]string{
			"index.html": {"Bernat Olza", `href="readings.html"`, "Research", "FHIR R4"}, "readings.html": {"Pulse", "61 ", "Gait", "steady", "Irune, for Bernat Olza"},
			"messages.html": {"Marisol Quenby", "Take &lt;b&gt;half&lt;/b&gt; of it, bernat."}, "plan.html": {"Walk to the harbour", "How do you sleep?: Well"},
			"who-looked.html": {"Irune Otxoa, for you", "Marisol Quenby, your care team"}} {
			for _, s := range want {
				if !strings.Contains(texts[name], s) {
					t.Errorf("%s lacks %q\n%.1500s", name, s, texts[name])
				}
			}
			for _, no := range []string{"<script", "<link", "http://", "https://", "src="} {
				if strings.Contains(texts[name], no) {
					t.Errorf("%s is not by itself: %s", name, no)
				}
			}
			if strings.Count(texts[name], "<tr>") != strings.Count(texts[name], "</tr>") || !strings.HasSuffix(texts[name], "</html>\n") {
				t.Errorf("%s is not whole", name)
			}
		}
		if n := strings.Count(texts["readings.html"], "<tr><td>"); n != 505 {
			t.Errorf("%d readings to read", n)
		}
		for range 8 { // a limit, too
			rec = w.do("bernat", "POST", "/my/me/download")
		}
		if rec.Code != http.StatusTooManyRequests {
			t.Errorf("the tenth in a minute: %d", rec.Code)
		}
	})
}

// cut takes the account's record away at the first byte of the answer.
type cut struct {
	http.ResponseWriter
	once func()
}

func (c *cut) Write(b []byte) (int, error) {
	if c.once != nil {
		c.once()
		c.once = nil
	}
	return c.ResponseWriter.Write(b)
}

func TestDownloadIsCut(t *testing.T) {
	each(t, func(w *world) {
		w.fill("bernat", 503)
		house := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			w.h.ServeHTTP(&cut{rw, func() {
				if err := w.people.Connect(t.Context(), w.subject("new"), "Frida", w.id["bernat"]); err != nil {
					t.Error(err)
				}
			}}, r)
		}))
		defer house.Close()
		req, _ := http.NewRequest("POST", house.URL+"/my/me/download", http.NoBody)
		req.Header.Set("Test-Session", "bernat")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return // cut before the first byte arrived
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err == nil {
			t.Errorf("%d bytes look whole", len(b))
		}
		if _, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); err == nil {
			t.Error("half a file opens")
		}
	})
}

func TestLeave(t *testing.T) {
	each(t, func(w *world) {
		bernat := "/for/" + w.id["bernat"]
		if err := w.accept("irune", w.invite("")); err != nil {
			t.Fatal(err)
		}
		guardian := "/care/" + w.id["bernat"] + "/caregivers"
		w.want("doctor", "POST", guardian, 303, "", "name", "Ama", "relation", "SIB", "ground", "attorney", "paper", "Notary 12/2026")
		w.want("bernat", "POST", "/my/me/consents", 303, "", "purpose", "sharing", "do", "stop")
		w.want("bernat", "GET", "/my/me/leave", 200, "The law asks the centre to keep")
		w.want("bernat", "POST", "/my/me/leave", 422, "Tick the box")
		w.want("irune", "GET", bernat, 200, "")
		w.want("bernat", "POST", "/my/me/leave", 303, "/left", "sure", "on")
		if w.left != 1 || w.out != 1 {
			t.Errorf("%d hooks, %d signed out", w.left, w.out)
		}
		w.want("", "GET", "/left", 200, "You have left")
		w.want("bernat", "GET", "/my", 303, "/join")
		w.want("bernat", "GET", "/my/me", 303, "/join")
		w.want("bernat", "POST", "/my/add", 403, "")
		w.want("irune", "GET", bernat, 404, "")
		w.want("doctor", "GET", guardian, 200, "Notary 12/2026") // what rests on the law stays
		follows := func(want bool) {
			t.Helper()
			if ok, err := w.control.Allowed(t.Context(), w.id["bernat"], Following); err != nil || ok != want {
				t.Errorf("following: %v %v", ok, err)
			}
			if ok, err := w.control.Allowed(t.Context(), w.id["bernat"], Sharing); err != nil || ok {
				t.Errorf("sharing: %v %v", ok, err)
			}
		}
		follows(false)
		if len(w.all("Patient", "bernat")) != 1 {
			t.Error("the record is gone")
		}
		// Back with a new invitation: followed again, and what was said otherwise stands. Irune stays out.
		v, err := w.people.Invite(t.Context(), w.doctor(), w.id["bernat"], "", "en")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.accept("bernat", v.Code); err != nil {
			t.Fatal(err)
		}
		w.want("bernat", "GET", "/my/me", 200, "2 of 4 allowed")
		w.want("irune", "GET", bernat, 404, "")
		follows(true)
		if got := len(w.told); got != 2 || !strings.HasSuffix(w.told[0], "false") || !strings.HasSuffix(w.told[1], "true") {
			t.Errorf("the team was told %v", w.told)
		}
		w.all("Consent", "bernat")
	})
}
