package fhir_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// page reads the ids and the next link (its path) of a bundle.
func page(t *testing.T, body string) (ids []string, next string) {
	t.Helper()
	var b struct {
		Link  []struct{ Relation, URL string }
		Entry []struct {
			FullURL  string `json:"fullUrl"`
			Resource struct{ Meta struct{ VersionID string } }
		}
	}
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		t.Fatal(err)
	}
	for _, l := range b.Link {
		if l.Relation == "next" {
			next = strings.TrimPrefix(l.URL, "https://orlena.example")
		}
	}
	for _, e := range b.Entry {
		ids = append(ids, e.FullURL+"@"+e.Resource.Meta.VersionID)
	}
	return ids, next
}
