package fhir

import (
	"net/http"
	"net/url"
	"reflect"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
)

func TestAccept(t *testing.T) {
	for _, c := range []struct {
		accept, format string
		ok             bool
	}{
		{"", "", true}, {"*/*", "", true}, {"application/fhir+json", "", true}, {"application/json", "", true},
		{"application/fhir+json; fhirVersion=4.0", "", true}, {"application/fhir+json; fhirVersion=3.0", "", false},
		{"application/fhir+xml", "", false}, {"application/fhir+xml, application/fhir+json;q=0.1", "", true},
		{"application/fhir+json;q=0", "", false}, {"application/fhir+json;q=0.0, text/html", "", false}, {"application/fhir+json;q=0.01", "", true},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", true}, {"text/turtle", "", false},
		{"application/*", "", true}, {"image/png", "", false}, {"application/fhir+xml", "json", true},
		{"application/fhir+xml", "application/fhir json", true}, {"", "xml", false}, {"application/json", "application/fhir+xml", false},
		{"", "application/json", true}, {"", "text/json", true}, {"", "ttl", false}, {"", "", true}, {"garbage", "", false}, {",,", "", true},
	} {
		h, v := http.Header{}, url.Values{}
		if c.accept != "" {
			h.Set("Accept", c.accept)
		}
		if c.format != "" {
			v.Set("_format", c.format)
		}
		_, err := readForm(h, v, false)
		if refused := outcome.Of(err); (refused == nil) != c.ok || refused != nil && refused.Status != 406 {
			t.Errorf("Accept %q, _format %q: %v", c.accept, c.format, err)
		}
		if refused := outcome.Of(err); refused == nil && len(v) != 0 {
			t.Errorf("left: %v", v)
		}
	}
}

func TestForm(t *testing.T) {
	read := func(q string, search bool) (form, url.Values, error) {
		v, _ := url.ParseQuery(q)
		f, err := readForm(http.Header{}, v, search)
		return f, v, err
	}
	f, v, err := read("_pretty=true&_summary=text&_elements=name,Patient.birthDate&_elements=id&x=1", false)
	if err != nil || !reflect.DeepEqual(f, form{true, "text", []string{"name", "birthDate", "id"}}) || v.Encode() != "x=1" {
		t.Errorf("%+v %v %v", f, v, err)
	}
	if _, v, _ := read("_pretty=true&_summary=text&_elements=name&x=1", true); v.Encode() != "_elements=name&_summary=text&x=1" {
		t.Errorf("a search keeps %s", v.Encode())
	}
	if f, _, err := read("_summary=false", false); err != nil || f.summary != "" {
		t.Errorf("%+v %v", f, err)
	}
	for _, q := range []string{"_pretty=yes", "_summary=all"} {
		if _, _, err := read(q, false); outcome.Of(err) == nil || outcome.Of(err).Status != 400 {
			t.Errorf("%s: %v", q, err)
		}
	}
}

func TestContentType(t *testing.T) {
	for kind, ok := range map[string]bool{
		"application/fhir+json": true, "application/fhir+json; charset=UTF-8": true, "application/json": true, "application/fhir+json;fhirVersion=4.0": true,
		"": false, "application/fhir+xml": false, "text/plain": false, "application/fhir+json; charset=latin1": false,
		"application/fhir+json;fhirVersion=5.0": false, "application/json-patch+json": false, "a b c": false,
	} {
		h := http.Header{}
		if kind != "" {
			h.Set("Content-Type", kind)
		}
		_, err := checkType(h, typeFHIR, typeJSON)
		if refused := outcome.Of(err); (refused == nil) != ok || refused != nil && refused.Status != 415 {
			t.Errorf("%q: %v", kind, err)
		}
	}
	if _, err := checkType(http.Header{"Content-Type": {typeJSON}, "Content-Encoding": {"gzip"}}, typeJSON); outcome.Of(err) == nil {
		t.Error("a compressed body is read as it is")
	}
	if _, err := checkType(http.Header{"Content-Type": {typeJSON, typeForm}}, typeJSON); outcome.Of(err) == nil {
		t.Error("two content types are taken for one")
	}
}

func TestPrefer(t *testing.T) {
	for line, want := range map[string]preference{
		"": {"representation", false, false}, "return=minimal": {"minimal", true, false}, "return=OperationOutcome, handling=strict": {"OperationOutcome", true, true},
		"handling=lenient; return=representation": {"representation", true, false}, `return="minimal"`: {"minimal", true, false}, "return=everything": {"representation", false, false},
		"respond-async, handling=strict": {"representation", false, true},
	} {
		if got := readPreference(http.Header{"Prefer": {line}}); got != want {
			t.Errorf("%q: %+v", line, got)
		}
	}
}
