package fhir_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/db/dbtest"
)

// FuzzRequest sends any address with any headers and a body: whatever comes, the answer is well formed
// and is not our mistake.
func FuzzRequest(f *testing.F) {
	w := newWorld(f, dbtest.SQLite(f, "clinical", migrations()))
	w.put(patient("ana", "Quenby"), observation("o1", "ana", "8867-4", "60", "2026-01-01"))
	for _, s := range [][4]string{
		{"GET", "/fhir/Patient/ana?_elements=a", "If-None-Match: W/\"1\"\nAccept: */*", ""},
		{"GET", "/fhir/Observation?code=a|b,c&_sort=-date&_count=2&_include=*", "Prefer: handling=strict", ""},
		{"GET", "/fhir/Patient/ana/$everything?start=2020&_type=Observation", "", ""},
		{"GET", "/fhir/Patient/ana/_history/1", "If-Modified-Since: Mon, 23 Nov 2026 13:00:00 GMT", ""},
		{"GET", "/fhir/_history?_since=2020&_cursor=zz", "", ""},
		{"POST", "/fhir/Patient?_pretty=true", "Content-Type: application/fhir+json\nIf-None-Exist: family=x", patient("a", "b")},
		{"PUT", "/fhir/Patient?identifier=a|b", "Content-Type: application/json\nIf-Match: W/\"2\"", patient("a", "b")},
		{"PATCH", "/fhir/Patient/ana", "Content-Type: application/json-patch+json", `[{"op":"add","path":"/language","value":"en"}]`},
		{"DELETE", "/fhir/Patient?family=x", "Prefer: return=OperationOutcome", ""},
		{"POST", "/fhir/Patient/_search", "Content-Type: application/x-www-form-urlencoded", "name:exact=x&_has:Observation:patient:code=1"},
		{"POST", "/fhir/Patient/$validate", "Content-Type: application/fhir+json", `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient"}}]}`},
		{"POST", "/fhir", "Content-Type: application/fhir+json", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/ana/_history"}}]}`},
		{"OPTIONS", "/fhir/a//b/../%2e%2e/c", "", ""},
	} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, method, target, headers, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(u.Path, "/fhir") || strings.ContainsAny(method, " \r\n\t") || method == "" {
			t.Skip()
		}
		r := httptest.NewRequest("GET", "/fhir", strings.NewReader(body))
		r.Method, r.URL, r.RequestURI = method, u, target
		for line := range strings.SplitSeq(headers, "\n") {
			if name, value, ok := strings.Cut(line, ": "); ok {
				r.Header.Add(name, value)
			}
		}
		r.Header.Set("Authorization", "Bearer "+w.tokens["system"])
		rec := httptest.NewRecorder()
		w.h.ServeHTTP(rec, r)
		got := reply{rec.Code, rec.Result().Header, rec.Body.String()}
		if got.code >= 500 && got.code != http.StatusNotImplemented {
			t.Fatalf("%s %s: %d %s\n%s", method, target, got.code, got.body, w.log)
		}
		if got.code >= 300 && got.code < 400 || strings.HasPrefix(u.Path, "/fhir/auth/") || got.header.Get("Content-Encoding") != "" || !strings.HasPrefix(u.Path, "/fhir/") && u.Path != "/fhir" {
			return
		}
		got.wellFormed(t, target)
	})
}
