package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/fault"
)

func TestReadJSON(t *testing.T) {
	type draft struct {
		Title string `json:"title"`
		Parts []struct {
			Text string `json:"text"`
		} `json:"parts"`
		Any any `json:"any"`
	}
	for _, c := range []struct {
		name, body string
		ok         bool
	}{
		{"good", `{"title":"a","parts":[{"text":"b"}]}`, true},
		{"escapes", `{"title":"a\\u0000 \"{[ \u00e9"}`, true},
		{"empty", ``, false},
		{"name twice", `{"title":"a","title":"b"}`, false},
		{"name twice deep", `{"any":{"x":1,"x":2}}`, false},
		{"unknown member", `{"title":"a","state":"cleared"}`, false},
		{"another case", `{"Title":"a"}`, false},
		{"not UTF-8", "{\"title\":\"\xff\"}", false},
		{"half a surrogate", `{"title":"\ud800"}`, false},
		{"NUL", `{"title":"a\u0000"}`, false},
		{"NUL after escape", `{"title":"\\\u0000"}`, false},
		{"two values", `{"title":"a"} {}`, false},
		{"as deep as allowed", `{"any":` + strings.Repeat("[", maxDepth-1) + strings.Repeat("]", maxDepth-1) + `}`, true},
		{"too deep", `{"any":` + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + `}`, false},
		{"wrong type", `{"title":1}`, false},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		var d draft
		if err := ReadJSON(r, &d); (err == nil) != c.ok || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader(`{}`))
	r.Header.Set("Content-Type", "text/plain")
	if err := ReadJSON(r, &draft{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("as text: %v", err)
	}
	r = httptest.NewRequest("POST", "/", strings.NewReader(`{"title":"`+strings.Repeat("a", 100)+`"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Body = http.MaxBytesReader(nil, r.Body, 50)
	if err := ReadJSON(r, &draft{}); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too large: %v", err)
	}
}

func FuzzReadJSON(f *testing.F) {
	for _, s := range []string{`{"a":"\u0000"}`, `{"a":"\\u0000"}`, `[[[]]]`, `{"a":1,"a":2}`, `"\ud800"`, strings.Repeat("[", 40)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var v any
		if parseJSON(b, &v) == nil {
			storable(t, v, 0)
		}
	})
}

func storable(t *testing.T, v any, depth int) {
	if depth > maxDepth {
		t.Error("too deep")
	}
	switch v := v.(type) {
	case string:
		if !plain(v) {
			t.Errorf("%q can't be stored", v)
		}
	case []any:
		for _, e := range v {
			storable(t, e, depth+1)
		}
	case map[string]any:
		for k, e := range v {
			storable(t, k, depth)
			storable(t, e, depth+1)
		}
	}
}
