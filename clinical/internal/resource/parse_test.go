package resource_test

import (
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

func TestParseKeepsEveryDigitAndOrder(t *testing.T) {
	const in = `{"resourceType":"Observation","z":1.50,"a":[1e3,-0.0,{"x":null}],"b":true,"s":"á\"\\"}`
	n, err := resource.Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(n.Bytes()); got != in {
		t.Errorf("got  %s\nwant %s", got, in)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{``, `{`, `{"a":1,"a":2}`, `{"a":{"b":1,"b":1}}`, `[1] 2`, "\"\xff\"", `{"a":01}`, `nul`} {
		if _, err := resource.Parse([]byte(in)); err == nil {
			t.Errorf("%q was accepted", in)
		}
	}
}
