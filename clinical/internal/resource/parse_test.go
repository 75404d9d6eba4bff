package resource_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
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

func TestParseReadsEscapes(t *testing.T) {
	n, err := resource.Parse([]byte(` "a\u00e9\ud83d\ude00\n\/\"\\\b\f\r\tz" `))
	if err != nil || n.Text != "aé😀\n/\"\\\b\f\r\tz" {
		t.Errorf("%q %v", n.Str(), err)
	}
}

func TestParseRefuses(t *testing.T) {
	wide := "{"
	for i := range 40 {
		wide += fmt.Sprintf(`"n%d":0,`, i)
	}
	for _, in := range []string{
		``, ` `, `{`, `}`, `[`, `[1`, `[1,`, `[1,]`, `[,1]`, `{"a"`, `{"a":`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `{"a" 1}`,
		`{"a":1,"a":2}`, `{"a":{"b":1,"b":1}}`, `{"a":1,"\u0061":2}`, wide + `"n3":1}`, wide + `"n39":1}`, `[1] 2`, `1 2`,
		"\"\xff\"", "\"\n\"", `"\x"`, `"\u12"`, `"\u12g4"`, `"\ud800"`, `"\ud800x"`, `"\ud800\u0041"`, `"\udc00\ud800"`, `"abc`, `"abc\`,
		`{"a":01}`, `-`, `+1`, `1.`, `.5`, `1e`, `1e+`, `0x1`, `NaN`, `nul`, `nulL`, `truE`, `fals`, "\ufeff{}", "{}\x00",
		strings.Repeat("[", 66) + strings.Repeat("]", 66),
	} {
		n, err := resource.Parse([]byte(in))
		if e := outcome.Of(err); e == nil || e.Status != 400 || n != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
	if _, err := resource.Parse([]byte(strings.Repeat("[", 65) + strings.Repeat("]", 65))); err != nil {
		t.Errorf("65 levels: %v", err)
	}
	if _, err := resource.Parse([]byte(wide + `"n40":1}`)); err != nil {
		t.Errorf("41 names: %v", err)
	}
}

// TestAppendingTouchesNoNeighbour: nodes lie beside each other in memory.
func TestAppendingTouchesNoNeighbour(t *testing.T) {
	n, err := resource.Parse([]byte(`{"a":{"x":1},"b":{"y":2},"c":[3]}`))
	if err != nil {
		t.Fatal(err)
	}
	n.Get("a").Set("z", resource.S("new"))
	n.Set("d", resource.B(true))
	n.Get("c").Kids = append(n.Get("c").Kids, resource.N("4"))
	if got, want := string(n.Bytes()), `{"a":{"x":1,"z":"new"},"b":{"y":2},"c":[3,4],"d":true}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestExamplesComeBackEqual(t *testing.T) {
	folder := os.Getenv("MITRAL_DATA")
	if folder == "" {
		t.Skip("MITRAL_DATA is not set")
	}
	files, _ := filepath.Glob(folder + "/fhir-examples/*.json")
	if len(files) < 300 {
		t.Fatalf("%d examples", len(files))
	}
	for _, f := range files {
		in, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		n, err := resource.Parse(in)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(f), err)
			continue
		}
		want := jsontext.Value(in)
		if err := want.Compact(); err != nil {
			t.Fatal(err)
		}
		want = canonicalStrings(t, want)
		if !bytes.Equal(n.Bytes(), want) {
			t.Errorf("%s comes back otherwise", filepath.Base(f))
		}
	}
}

// canonicalStrings writes each string in one way, and leaves numbers alone.
func canonicalStrings(t *testing.T, v jsontext.Value) jsontext.Value {
	t.Helper()
	n, err := reference(v)
	if err != nil {
		t.Fatal(err)
	}
	return n.Bytes()
}

// reference is a second reader, by another hand: what Parse must agree with.
func reference(data []byte) (*resource.Node, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(data))
	var n resource.Node
	if err := refRead(dec, &n, 0); err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more")
	}
	return &n, nil
}

func refRead(dec *jsontext.Decoder, n *resource.Node, depth int) error {
	if depth > resource.MaxDepth {
		return errors.New("deep")
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch k := tok.Kind(); k {
	case '"':
		n.Kind, n.Text = resource.String, tok.String()
	case '0':
		n.Kind, n.Text = resource.Number, tok.String()
	case 't', 'f':
		n.Kind, n.Text = resource.Bool, tok.String()
	case '[', '{':
		n.Kind = map[jsontext.Kind]resource.Kind{'[': resource.Array, '{': resource.Object}[k]
		for dec.PeekKind() != k+2 {
			var kid resource.Node
			if k == '{' {
				name, err := dec.ReadToken()
				if err != nil {
					return err
				}
				kid.Name = name.String()
			}
			if err := refRead(dec, &kid, depth+1); err != nil {
				return err
			}
			n.Kids = append(n.Kids, kid)
		}
		_, err = dec.ReadToken()
	}
	return err
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.50,{"b":null}],"c":"\u00e9\ud83d\ude00"}`, `[[],{},"",-0.0e+1,true,false]`, `{"a":1,"a":2}`, `"\ud800"`, "\"\xff\"", ` [ 1 , 2 ] `, `{"":{"":""}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := resource.Parse(bytes.Clone(in))
		want, wantErr := reference(in)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v, but the other reader says %v", in, err, wantErr)
		}
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %s, but the other reader has %s", in, got.Bytes(), want.Bytes())
		}
		if err == nil {
			if again, err := resource.Parse(got.Bytes()); err != nil || !reflect.DeepEqual(again, got) {
				t.Fatalf("%q is written as %s: %v", in, got.Bytes(), err)
			}
		}
	})
}

const vitals = `{"resourceType":"Observation","id":"b1","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"85354-9","display":"Blood pressure panel"}],"text":"Blood pressure"},"subject":{"reference":"urn:uuid:6b1c2a34-9f6e-4f0b-8d8c-0d6c3b7c9a11"},"encounter":{"reference":"urn:uuid:0f1d2a34-9f6e-4f0b-8d8c-0d6c3b7c9a12"},"effectiveDateTime":"2019-04-02T08:15:30+02:00","issued":"2019-04-02T08:15:30.512+02:00","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4","display":"Diastolic"}],"text":"Diastolic"},"valueQuantity":{"value":81.25,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic"}],"text":"Systolic"},"valueQuantity":{"value":124.5,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`

func BenchmarkParseObservation(b *testing.B) {
	in := []byte(vitals)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, err := resource.Parse(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendObservation(b *testing.B) {
	n, err := resource.Parse([]byte(vitals))
	if err != nil {
		b.Fatal(err)
	}
	var out []byte
	for b.Loop() {
		out = n.Append(out[:0])
	}
	b.SetBytes(int64(len(out)))
}

// BenchmarkParseHostile is one object of many names that begin alike: the time per byte must not grow.
func BenchmarkParseHostile(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		var in bytes.Buffer
		in.WriteByte('{')
		for i := range n {
			fmt.Fprintf(&in, `"%032d":0,`, i)
		}
		in.WriteString(`"z":0}`)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(in.Len()))
			for b.Loop() {
				if _, err := resource.Parse(in.Bytes()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A short text must not take much memory.
func TestManyValuesAreRefused(t *testing.T) {
	ok, many := strings.Repeat("1,", resource.MaxValues-2)+"1", strings.Repeat("1,", resource.MaxValues)+"1"
	if _, err := resource.Parse([]byte("[" + ok + "]")); err != nil {
		t.Error(err)
	}
	if _, err := resource.Parse([]byte("[" + many + "]")); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("%v", err)
	}
}
