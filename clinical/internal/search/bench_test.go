package search

import (
	"net/url"
	"testing"
)

const pulse = `{"resourceType":"Observation","id":"58671","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/vitalsigns"]},"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}],"text":"Heart rate"},"subject":{"reference":"Patient/0e2a9d38-8f9c-4a7d-a5ad-0a4e7a0b9a2f"},"encounter":{"reference":"Encounter/6b0c6b0c-8f9c-4a7d-a5ad-0a4e7a0b9a2f"},"effectiveDateTime":"2019-08-18T01:57:13+02:00","issued":"2019-08-18T01:57:13.114+02:00","valueQuantity":{"value":72,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`

func BenchmarkExtract(b *testing.B) {
	for name, text := range map[string]string{"pulse": pulse, "pressure": pressure} {
		b.Run(name, func(b *testing.B) {
			n := node(b, text)
			terms := Extract(n, stored, Options{Base: base})
			rows := 0
			for range terms.Index() {
				rows++
			}
			b.ReportAllocs()
			for b.Loop() {
				Extract(n, stored, Options{Base: base})
			}
			b.ReportMetric(float64(rows), "rows")
			b.ReportMetric(float64(len(terms.Pack())), "packed-bytes")
		})
	}
}

func BenchmarkExtractExamples(b *testing.B) {
	all := examples(b)
	b.ResetTimer()
	for b.Loop() {
		for _, n := range all {
			Extract(n, stored, Options{})
		}
	}
	b.ReportMetric(float64(len(all)), "resources/op")
}

func BenchmarkPack(b *testing.B) {
	terms := Extract(node(b, pulse), stored, Options{})
	b.Run("pack", func(b *testing.B) {
		for b.Loop() {
			terms.Pack()
		}
	})
	packed := terms.Pack()
	b.Run("unpack", func(b *testing.B) {
		for b.Loop() {
			_, _ = Unpack(packed)
		}
	})
}

func BenchmarkParseAndMatch(b *testing.B) {
	terms := Extract(node(b, pulse), stored, Options{})
	for name, query := range map[string]string{
		"code-date":         "code=http://loinc.org|8867-4&patient=0e2a9d38-8f9c-4a7d-a5ad-0a4e7a0b9a2f&date=ge2019&_sort=-date&_count=50",
		"composite-in-unit": "code-value-quantity=http://loinc.org|8867-4$gt1|http://unitsofmeasure.org|Hz",
		"chain":             "subject:Patient.name=x",
	} {
		v, _ := url.ParseQuery(query)
		b.Run("parse/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse("Observation", v, Asked{Now: now}); err != nil {
					b.Fatal(err)
				}
			}
		})
		q, _ := Parse("Observation", v, Asked{Now: now})
		b.Run("match/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q.Match(terms)
			}
		})
	}
}
