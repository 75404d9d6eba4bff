package validate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

// data returns the files of a folder of MITRAL_DATA.
func data(t testing.TB, folder string, least int) []string {
	t.Helper()
	root := os.Getenv("MITRAL_DATA")
	if root == "" {
		t.Skip("MITRAL_DATA is not set")
	}
	files, err := filepath.Glob(filepath.Join(root, folder, "*.json"))
	if err != nil || len(files) < least {
		t.Fatalf("%d files in %s, want %d: %v", len(files), folder, least, err)
	}
	return files
}

func open(t testing.TB, file string) *resource.Node {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n, err := resource.Parse(b)
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(file), err)
	}
	return n
}

func TestOfficialExamplesAreRight(t *testing.T) {
	for _, f := range data(t, "fhir-examples", 362) {
		right(t, f)
	}
}

func TestSyntheaIsRight(t *testing.T) {
	if testing.Short() {
		t.Skip("30 MB")
	}
	for _, f := range data(t, "synthea", 20) {
		right(t, f)
	}
}

func right(t *testing.T, file string) {
	t.Helper()
	for _, is := range validate.Resource(open(t, file)) {
		if is.Severity == outcome.Err {
			t.Errorf("%s: %s: %s", filepath.Base(file), is.Expression, is.Diagnostics)
		}
	}
}
