package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mitral-health/mitral/platform/fault"
)

func TestFormRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"not UTF-8": "a=%ff", "not UTF-8 in a name": "%ff=a", "NUL": "a=%00", "broken escape": "a=%zz",
		"too many fields": strings.Repeat("a&", maxFields) + "a", "semicolon": "a=1;b=2",
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if f, err := Form(r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, %v", name, f, err)
		}
		r.URL.RawQuery = body
		if q, err := Query(r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s in the address: %v, %v", name, q, err)
		}
	}
	r := httptest.NewRequest("POST", "/?a=1", nil)
	if f, err := Form(r); err != nil || len(f) != 0 {
		t.Errorf("without body: %v, %v", f, err)
	}
}

func FuzzForm(f *testing.F) {
	for _, s := range []string{"a=b&c=d", "a=%00", "a=\xff", "a;b", "=%E0%A4", "a=%0d%0ab"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parseForm(s)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "%") {
				t.Errorf("%v", err)
			}
			return
		}
		for name, values := range v {
			for _, s := range append(values, name) {
				if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
					t.Errorf("let %q through", s)
				}
			}
		}
	})
}
