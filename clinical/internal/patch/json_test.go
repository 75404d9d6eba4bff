package patch_test

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/patch"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

func parsed(t testing.TB, text string) *resource.Node {
	t.Helper()
	n, err := resource.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// doc makes a Basic from further members.
func doc(members string) string {
	return strings.TrimSuffix(`{"resourceType":"Basic","id":"1",`+members, ",") + "}"
}

func TestJSON(t *testing.T) {
	for _, c := range []struct{ name, before, ops, after string }{
		{"a member", `"a":1`, `[{"op":"add","path":"/b","value":[1.50,1e3]}]`, `"a":1,"b":[1.50,1e3]`},
		{"a member anew", `"a":1`, `[{"op":"add","path":"/a","value":2.0}]`, `"a":2.0`},
		{"an element", `"a":[1,3]`, `[{"op":"add","path":"/a/1","value":2}]`, `"a":[1,2,3]`},
		{"an element at the end", `"a":[1]`, `[{"op":"add","path":"/a/-","value":2},{"op":"add","path":"/a/2","value":3}]`, `"a":[1,2,3]`},
		{"an array in an array", `"a":[1]`, `[{"op":"add","path":"/a/-","value":[2]}]`, `"a":[1,[2]]`},
		{"removing a member", `"a":1,"b":2`, `[{"op":"remove","path":"/a"}]`, `"b":2`},
		{"removing an element", `"a":[1,2,3]`, `[{"op":"remove","path":"/a/1"}]`, `"a":[1,3]`},
		{"the last element takes the array along", `"a":[1],"b":{"c":[{"d":1}]}`, `[{"op":"remove","path":"/a/0"},{"op":"remove","path":"/b/c/0/d"}]`, ``},
		{"replacing", `"a":{"b":1}`, `[{"op":"replace","path":"/a/b","value":{"c":0.10}}]`, `"a":{"b":{"c":0.10}}`},
		{"moving", `"a":{"b":1,"c":2},"d":{"e":3}`, `[{"op":"move","from":"/a/b","path":"/d/f"}]`, `"a":{"c":2},"d":{"e":3,"f":1}`},
		{"moving in an array", `"a":[1,2,3,4]`, `[{"op":"move","from":"/a/1","path":"/a/3"}]`, `"a":[1,3,4,2]`},
		{"moving to where it is", `"a":1`, `[{"op":"move","from":"/a","path":"/a"}]`, `"a":1`},
		{"copying", `"a":{"b":[1]}`, `[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/b/-","value":2}]`, `"a":{"b":[1]},"c":{"b":[1,2]}`},
		{"copying into itself", `"a":{"b":1}`, `[{"op":"copy","from":"/a","path":"/a/c"}]`, `"a":{"b":1,"c":{"b":1}}`},
		{"a test", `"a":{"b":[1.0,"x",null,true]}`, `[{"op":"test","path":"/a","value":{"b":[1,"x",null,true]}},{"op":"add","path":"/c","value":1}]`, `"a":{"b":[1.0,"x",null,true]},"c":1`},
		{"numbers by value", `"a":100,"b":0.0,"c":-1.5e1`, `[{"op":"test","path":"/a","value":1E+2},{"op":"test","path":"/b","value":-0},{"op":"test","path":"/c","value":-15.0}]`, `"a":100,"b":0.0,"c":-1.5e1`},
		{"members in any order", `"a":{"b":1,"c":2}`, `[{"op":"test","path":"/a","value":{"c":2,"b":1}}]`, `"a":{"b":1,"c":2}`},
		{"escapes", `"a/b":1,"m~n":2,"~1":3,"":4`, `[{"op":"remove","path":"/a~1b"},{"op":"replace","path":"/m~0n","value":5},{"op":"test","path":"/~01","value":3},{"op":"remove","path":"/"}]`, `"m~n":5,"~1":3`},
		{"the whole", `"a":1`, `[{"op":"replace","path":"","value":{"resourceType":"Basic","id":"1","b":2}}]`, `"b":2`},
		{"what else stands in an operation", `"a":1`, `[{"op":"remove","path":"/a","xyz":1}]`, ``},
		{"nothing", `"a":1`, `[]`, `"a":1`},
		{"digits of a name are a name in an object", `"a":{"0":1}`, `[{"op":"replace","path":"/a/0","value":2}]`, `"a":{"0":2}`},
	} {
		before := parsed(t, doc(c.before))
		after, err := patch.JSON(before, parsed(t, c.ops))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := string(after.Bytes()); got != doc(c.after) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, doc(c.after))
		}
		if string(before.Bytes()) != doc(c.before) {
			t.Errorf("%s changed the document", c.name)
		}
	}
}

func TestJSONRefuses(t *testing.T) {
	many := `[` + strings.Repeat(`{"op":"test","path":"/a","value":1},`, patch.MaxOperations) + `{"op":"test","path":"/a","value":1}]`
	deep := `[{"op":"copy","from":"/b","path":"/b/0/0"}` + strings.Repeat(`,{"op":"copy","from":"/b","path":"/b/0/0/0"}`, 40) + `]`
	bomb := `[{"op":"add","path":"/c","value":"` + strings.Repeat("x", 1000) + `"}` + strings.Repeat(`,{"op":"copy","from":"/b","path":"/b/-"},{"op":"copy","from":"/c","path":"/b/-"}`, 40) + `]`
	for _, c := range []struct {
		name, ops string
		status    int
		says      string
	}{
		{"no array", `{"op":"remove","path":"/a"}`, 400, "array"},
		{"no object", `[1]`, 400, "Operation 1"},
		{"no op", `[{"path":"/a"}]`, 400, "op is missing"},
		{"an unknown op", `[{"op":"grow","path":"/a"}]`, 400, "grow"},
		{"no path", `[{"op":"remove"}]`, 400, "path"},
		{"a path that is no pointer", `[{"op":"remove","path":"a"}]`, 400, "JSON Pointer"},
		{"a bad escape", `[{"op":"remove","path":"/a~2"}]`, 400, "~0"},
		{"no value", `[{"op":"add","path":"/a"}]`, 400, "value"},
		{"no from", `[{"op":"move","path":"/a"}]`, 400, "from"},
		{"nothing there", `[{"op":"remove","path":"/nosuch"}]`, 422, "/nosuch"},
		{"no parent", `[{"op":"add","path":"/x/y","value":1}]`, 422, "«/x»"},
		{"in a string", `[{"op":"add","path":"/a/y","value":1}]`, 422, "«/a»"},
		{"past the end", `[{"op":"add","path":"/b/3","value":1}]`, 422, "array of 2"},
		{"no index", `[{"op":"add","path":"/b/01","value":1}]`, 422, "/b/01"},
		{"a negative index", `[{"op":"remove","path":"/b/-1"}]`, 422, "/b/-1"},
		{"the end is nothing", `[{"op":"remove","path":"/b/-"}]`, 422, "/b/-"},
		{"replacing what is not there", `[{"op":"replace","path":"/x","value":1}]`, 422, "/x"},
		{"a test that fails, and the change before it", `[{"op":"remove","path":"/a"},{"op":"test","path":"/b","value":[1,3]}]`, 422, "Operation 2"},
		{"a string is no number", `[{"op":"test","path":"/a","value":"1"}]`, 422, "test"},
		{"moving into itself", `[{"op":"move","from":"/b","path":"/b/0"}]`, 400, "into itself"},
		{"removing all", `[{"op":"remove","path":""}]`, 422, "whole"},
		{"another type", `[{"op":"replace","path":"/resourceType","value":"Patient"}]`, 422, "type"},
		{"no type", `[{"op":"remove","path":"/resourceType"}]`, 422, "type"},
		{"no object any more", `[{"op":"replace","path":"","value":7}]`, 422, "type"},
		{"another id", `[{"op":"replace","path":"/id","value":"2"}]`, 422, "id"},
		{"no id", `[{"op":"remove","path":"/id"}]`, 422, "id"},
		{"many operations", many, 422, "operations"},
		{"a bomb of copies", bomb, 422, "grow"},
		{"ever deeper", deep, 422, ""},
	} {
		before := doc(`"a":1,"b":[[[1]],2]`)
		d := parsed(t, before)
		after, err := patch.JSON(d, parsed(t, c.ops))
		o := outcome.Of(err)
		if o == nil {
			t.Errorf("%s: %v gave %.200s", c.name, err, after.Bytes())
			continue
		}
		if o.Status != c.status || !strings.Contains(o.Error(), c.says) {
			t.Errorf("%s: %d %v", c.name, o.Status, o)
		}
		if string(d.Bytes()) != before {
			t.Errorf("%s changed the document", c.name)
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, ops := range []string{
		`[{"op":"add","path":"/b","value":[1.50]},{"op":"copy","from":"/b","path":"/b/-"},{"op":"move","from":"/b/0","path":"/c"}]`,
		`[{"op":"test","path":"/a","value":1e400},{"op":"remove","path":"/b/0/0"},{"op":"replace","path":"","value":{}}]`,
	} {
		f.Add(doc(`"a":1,"b":[[1],2],"_c":[null,{}]`), ops)
	}
	f.Fuzz(func(t *testing.T, before, ops string) {
		d, err := resource.Parse([]byte(before))
		if err != nil {
			return
		}
		o, err := resource.Parse([]byte(ops))
		if err != nil {
			return
		}
		was := string(d.Bytes())
		after, err := patch.JSON(d, o)
		check(t, d, &after, err, was)
	})
}

// check is what holds for every patch.
func check(t *testing.T, d, after *resource.Node, err error, was string) {
	t.Helper()
	if string(d.Bytes()) != was {
		t.Fatalf("the document was changed: %s", d.Bytes())
	}
	if err != nil {
		if outcome.Of(err) == nil {
			t.Fatal(err)
		}
		return
	}
	if after.Type() != d.Type() || after.ID() != d.ID() {
		t.Fatalf("type or id changed: %s", after.Bytes())
	}
	if _, err := resource.Parse(after.Bytes()); err != nil {
		t.Fatalf("the result can't be read: %v: %s", err, after.Bytes())
	}
}
