package bundle

import (
	"slices"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

func parse(t testing.TB, s string) *resource.Node {
	t.Helper()
	n, err := resource.Parse([]byte(s))
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return n
}

const mother = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"

func TestRewrite(t *testing.T) {
	links := Links{mother: "Patient/1", "http://a.example/fhir/Patient/7": "Patient/2", "urn:oid:1.2.3": "Binary/3", "Patient/9": "Patient/4"}
	for name, c := range map[string]struct{ from, in, want string }{
		"a reference":                {"", `{"resourceType":"Observation","subject":{"reference":"` + mother + `"}}`, `{"resourceType":"Observation","subject":{"reference":"Patient/1"}}`},
		"in a list":                  {"", `{"resourceType":"Observation","performer":[{"display":"x"},{"reference":"` + mother + `"}]}`, `{"resourceType":"Observation","performer":[{"display":"x"},{"reference":"Patient/1"}]}`},
		"in an extension":            {"", `{"resourceType":"Observation","extension":[{"url":"http://x","valueReference":{"reference":"` + mother + `"}}]}`, `{"resourceType":"Observation","extension":[{"url":"http://x","valueReference":{"reference":"Patient/1"}}]}`},
		"in what is contained":       {"", `{"resourceType":"Observation","contained":[{"resourceType":"DocumentReference","content":[{"attachment":{"url":"urn:oid:1.2.3"}}]}]}`, `{"resourceType":"Observation","contained":[{"resourceType":"DocumentReference","content":[{"attachment":{"url":"Binary/3"}}]}]}`},
		"an attachment":              {"", `{"resourceType":"Patient","photo":[{"url":"urn:oid:1.2.3"}]}`, `{"resourceType":"Patient","photo":[{"url":"Binary/3"}]}`},
		"with a fragment":            {"", `{"resourceType":"Observation","subject":{"reference":"` + mother + `#x"}}`, `{"resourceType":"Observation","subject":{"reference":"Patient/1#x"}}`},
		"a choice of type uri":       {"", `{"resourceType":"Observation","extension":[{"url":"http://x","valueUri":"` + mother + `"}]}`, `{"resourceType":"Observation","extension":[{"url":"http://x","valueUri":"Patient/1"}]}`},
		"absolute":                   {"", `{"resourceType":"Observation","subject":{"reference":"http://a.example/fhir/Patient/7"}}`, `{"resourceType":"Observation","subject":{"reference":"Patient/2"}}`},
		"relative":                   {"http://a.example/fhir/Observation/1", `{"resourceType":"Observation","subject":{"reference":"Patient/7"}}`, `{"resourceType":"Observation","subject":{"reference":"Patient/2"}}`},
		"relative to another":        {"http://b.example/fhir/Observation/1", `{"resourceType":"Observation","subject":{"reference":"Patient/7"}}`, ``},
		"relative to nothing":        {mother, `{"resourceType":"Observation","subject":{"reference":"Patient/7"}}`, ``},
		"a fullUrl that is relative": {"", `{"resourceType":"Observation","subject":{"reference":"Patient/9"}}`, `{"resourceType":"Observation","subject":{"reference":"Patient/4"}}`},
		"the narrative":              {"", `{"resourceType":"Observation","text":{"div":"<div><a class='x' href=\"` + mother + `\">her</a><img src='urn:oid:1.2.3'/> href= ` + mother + `</div>"}}`, `{"resourceType":"Observation","text":{"div":"<div><a class='x' href=\"Patient/1\">her</a><img src='Binary/3'/> href= ` + mother + `</div>"}}`},
		"an identifier's value":      {"", `{"resourceType":"Patient","identifier":[{"system":"urn:ietf:rfc:3986","value":"` + mother + `"}]}`, ``},
		"a canonical":                {"", `{"resourceType":"Patient","meta":{"profile":["` + mother + `"]}}`, ``},
		"canonicals in a list":       {"", `{"resourceType":"CarePlan","instantiatesCanonical":["` + mother + `"],"instantiatesUri":["` + mother + `"]}`, `{"resourceType":"CarePlan","instantiatesCanonical":["` + mother + `"],"instantiatesUri":["Patient/1"]}`},
		"a bundle within":            {"", `{"resourceType":"Parameters","parameter":[{"name":"x","resource":{"resourceType":"Bundle","entry":[{"fullUrl":"` + mother + `"}]}}]}`, ``},
		"within the resource":        {"", `{"resourceType":"Observation","subject":{"reference":"#p"}}`, ``},
	} {
		n := parse(t, c.in)
		want, changes := c.want, c.want != ""
		if !changes {
			want = c.in
		}
		if got := links.Rewrite(n, c.from); got != changes || string(n.Bytes()) != want {
			t.Errorf("%s: changed %v\ngot  %s\nwant %s", name, got, n.Bytes(), want)
		}
	}
}

func TestConditional(t *testing.T) {
	n := parse(t, `{"resourceType":"Observation","subject":{"reference":"Patient?identifier=a|1"},"performer":[{"reference":"Patient?identifier=a|1"},{"reference":"Practitioner/1"},{"reference":"Nothing?x=1"},{"reference":"Patient?"}]}`)
	if got := Conditional(n); !slices.Equal(got, []string{"Patient?identifier=a|1"}) {
		t.Errorf("conditional: %q", got)
	}
	if !(Links{"Patient?identifier=a|1": "Patient/8", "Practitioner/1": "Practitioner/2"}).Rewrite(n, "") || Conditional(n) != nil ||
		n.Get("performer").At(0).Get("reference").Str() != "Patient/8" || n.Get("performer").At(1).Get("reference").Str() != "Practitioner/2" {
		t.Errorf("%s", n.Bytes())
	}
}

// FuzzRewrite: what is rewritten stays JSON, and nothing is left to rewrite.
func FuzzRewrite(f *testing.F) {
	f.Add(`{"resourceType":"Observation","subject":{"reference":"`+mother+`"},"text":{"div":"<div><a href='`+mother+`'/></div>"}}`, "http://a.example/fhir/Observation/1")
	f.Add(`{"resourceType":"Patient","contained":[{"resourceType":"Bundle"},{"photo":[{"url":"`+mother+`"}]}]}`, "")
	links := Links{mother: "Patient/1", "http://a.example/fhir/Patient/7": "Patient/2"}
	f.Fuzz(func(t *testing.T, s, from string) {
		n, err := resource.Parse([]byte(s))
		if err != nil {
			return
		}
		links.Rewrite(n, from)
		if _, err := resource.Parse(n.Bytes()); err != nil {
			t.Errorf("%s became %s", s, n.Bytes())
		}
		if links.Rewrite(n, from) {
			t.Errorf("%s: something was left", s)
		}
		Conditional(n)
		readEntry(n, 0, "")
	})
}
