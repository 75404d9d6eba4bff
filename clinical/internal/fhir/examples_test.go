package fhir_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// TestOfficialExamples puts each of HL7's examples under its id and gets it back equal, but for its
// version and the time.
func TestOfficialExamples(t *testing.T) {
	dir := os.Getenv("MITRAL_DATA")
	if dir == "" {
		t.Skip("MITRAL_DATA is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "fhir-examples", "*.json"))
	if err != nil || len(files) < 300 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	each(t, func(t *testing.T, w *world) {
		bad := 0
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var head struct{ ResourceType, ID string }
			if err := json.Unmarshal(b, &head); err != nil {
				t.Fatal(err)
			}
			const as = "system"
			at := "/fhir/" + head.ResourceType + "/" + head.ID
			put := w.do(as, "PUT "+at, string(b))
			if put.code != 200 && put.code != 201 {
				bad++
				t.Errorf("%s: PUT %d %.400s", filepath.Base(f), put.code, put.body)
				continue
			}
			got := w.do(as, "GET "+at, "")
			if got.code != 200 || bare(t, got.body) != bare(t, string(b)) {
				bad++
				t.Errorf("%s: GET %d differs: %.300s", filepath.Base(f), got.code, difference(bare(t, got.body), bare(t, string(b))))
			}
		}
		t.Logf("%d of %d come back equal", len(files)-bad, len(files))
	})
}

// bare is a resource without what a server sets in meta.
func bare(t *testing.T, s string) string {
	t.Helper()
	n, err := resource.Parse([]byte(s))
	if err != nil {
		return s
	}
	if m := n.Get("meta"); m != nil {
		m.Remove("versionId")
		m.Remove("lastUpdated")
		if len(m.Kids) == 0 {
			n.Remove("meta")
		} else { // where meta stands is no matter
			meta := m.Clone()
			n.Remove("meta")
			n.Kids = append(n.Kids, resource.M("meta", meta))
		}
	}
	id := n.ID()
	n.Remove("id")
	n.Kids = append(n.Kids, resource.M("id", resource.S(id)))
	return string(n.Bytes())
}

func difference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from := max(0, i-60)
	return "…" + strings.ToValidUTF8(a[from:min(len(a), i+60)], "?") + "… is not …" + strings.ToValidUTF8(b[from:min(len(b), i+60)], "?") + "…"
}
