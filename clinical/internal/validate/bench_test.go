package validate_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

// BenchmarkObservation reads and validates a blood pressure such as Synthea writes it.
func BenchmarkObservation(b *testing.B) {
	in := []byte(vitals)
	b.ReportAllocs()
	for b.Loop() {
		n, err := resource.Parse(in)
		if err != nil {
			b.Fatal(err)
		}
		if len(validate.Resource(n)) > 0 {
			b.Fatal("it is wrong")
		}
	}
}

// BenchmarkBundle reads and validates a transaction of 296 resources.
func BenchmarkBundle(b *testing.B) {
	kinds := []string{"Observation", "Observation", "Observation", "Patient", "Condition", "Encounter", "MedicationRequest", "Claim"}
	var s strings.Builder
	s.WriteString(`{"resourceType":"Bundle","type":"transaction","entry":[`)
	for i := range 296 {
		if i > 0 {
			s.WriteByte(',')
		}
		kind := kinds[i%len(kinds)]
		fmt.Fprintf(&s, `{"fullUrl":"urn:uuid:00000000-0000-0000-0000-%012d","resource":%s,"request":{"method":"POST","url":"%s"}}`, i, sound[kind], kind)
	}
	s.WriteString(`]}`)
	bench(b, []byte(s.String()))
}

// BenchmarkSynthea takes one of Synthea's own bundles, as it stands in its file.
func BenchmarkSynthea(b *testing.B) {
	in, err := os.ReadFile(data(b, "synthea", 20)[0])
	if err != nil {
		b.Fatal(err)
	}
	bench(b, in)
}

func bench(b *testing.B, in []byte) {
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	entries := 0
	for b.Loop() {
		n, err := resource.Parse(in)
		if err != nil {
			b.Fatal(err)
		}
		if validate.Refused(validate.Resource(n)) {
			b.Fatal("it is wrong")
		}
		entries = len(n.Get("entry").Kids)
	}
	b.ReportMetric(float64(entries), "entries")
}

// BenchmarkHostile is resources made to cost: the bytes per second must not fall as they grow.
func BenchmarkHostile(b *testing.B) {
	list := func(one string, n int) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	for name, make := range map[string]func(n int) string{
		"components": func(n int) string {
			return `{"resourceType":"Observation","status":"final","valueString":"x","code":{"coding":[` + list(`{"system":"a","code":"b"}`, n) +
				`]},"component":[` + list(`{"code":{"coding":[{"system":"a","code":"c"}]},"valueString":"x"}`, n) + `]}`
		},
		"items": func(n int) string {
			return `{"resourceType":"Questionnaire","name":"Q","status":"draft","item":[` + list(`{"linkId":"a","type":"string"}`, n) + `]}`
		},
		"narrative": func(n int) string {
			return `{"resourceType":"Patient","text":{"status":"generated","div":"<div>` + strings.Repeat("<p>&amp;", n) + strings.Repeat("</p>", n) + `</div>"}}`
		},
		"unknown": func(n int) string {
			var s strings.Builder
			for i := range n {
				fmt.Fprintf(&s, `"_x%d":1,`, i)
			}
			return `{` + s.String() + `"resourceType":"Patient"}`
		},
	} {
		for _, n := range []int{1_000, 16_000} {
			root := parse(b, make(n))
			b.Run(fmt.Sprint(name, n), func(b *testing.B) {
				b.SetBytes(int64(len(root.Bytes())))
				for b.Loop() {
					validate.Resource(root)
				}
			})
		}
	}
}
