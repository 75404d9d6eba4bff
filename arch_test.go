// Package mitral_test holds the walls of Mitral as a table, and fails when the code crosses one.
package mitral_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/mitral-health/mitral"

// walls says which top-level folders each top-level folder may import. A folder that is not here is
// refused: whoever adds one must say what it may touch.
var walls = map[string][]string{
	"platform": {},
	"audit":    {"platform"},
	"ui":       {"platform"},
	"identity": {"platform", "audit", "ui"},
	"gate":     {"platform", "audit", "ui", "identity"},
	"social":   {"platform", "audit", "ui", "identity", "gate"},
	"clinical": {"platform", "audit", "ui", "identity", "gate"},
	"server":   {"platform", "audit", "ui", "identity", "gate", "social", "clinical"},
	"cmd":      {"platform", "identity", "gate", "server"},
	"e2e":      {"platform"},
	"bench":    {"platform", "audit", "ui", "identity", "gate", "social", "clinical", "server"},
}

// orders says, for a folder of sibling packages, which may import which: only those before it.
var orders = map[string][]string{
	"social/internal":   {"revision", "media", "plain", "profiles", "topics", "posts", "timeline", "voices", "drafts"},
	"gate":              {"tag", "sense", "scan", "measure", "learn", "policy", "ledger", "rulebook", "review", ".", "pages"},
	"platform":          {"fault", "clock", "id", "page", "logs", "db", "db/dbtest", "jobs", "blob", "mail", "web", "photo", "backup"},
	"clinical/internal": {"outcome", "resource", "spec", "spec/gen", "fhirpath", "validate", "patch", "search", "vitals", "wearables", "thresholds", "alerts", "access", "records", "chart", "people", "show", "door", "triage", "talk", "plans", "control", "reminders", "bring", "care", "bundle", "smart", "intake", "fhir"},
	"ui":                {"text", "art", "."},
}

// pure packages import nothing of Mitral but each other, and nothing that reaches outside the process.
var pure = []string{"gate/tag", "gate/sense", "gate/scan"}

// calm packages decide and translate; they may read the time that they are given, and nothing from outside the process.
var calm = []string{"clinical/internal/outcome", "clinical/internal/resource", "clinical/internal/spec", "clinical/internal/fhirpath", "clinical/internal/validate", "clinical/internal/patch", "clinical/internal/search", "clinical/internal/vitals", "clinical/internal/thresholds", "clinical/internal/alerts", "clinical/internal/access"}

var outside = []string{"net", "net/http", "os", "os/exec", "database/sql", "time", "io/fs", "syscall", "math/rand", "math/rand/v2", "crypto/rand"}

var reaching = []string{"net", "os", "os/exec", "database/sql", "syscall"}

type file struct {
	pkg     string // folder, slash separated, relative to the module
	name    string
	imports []string // every import path
	ast     *ast.File
	test    bool
}

// source parses every Go file of the module inside this process, so that the test's result can't be
// a cached one.
func source(t *testing.T, root string) []file {
	t.Helper()
	var files []file
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); p != root && (strings.HasPrefix(n, ".") || strings.HasPrefix(n, "_") || n == "testdata" || n == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		a, err := parser.ParseFile(fset, p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		f := file{pkg: path.Dir(filepath.ToSlash(rel)), name: d.Name(), ast: a, test: strings.HasSuffix(p, "_test.go")}
		for _, im := range a.Imports {
			v, _ := strconv.Unquote(im.Path.Value)
			f.imports = append(f.imports, v)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d Go files found under %s: this test would prove nothing", len(files), root)
	}
	return files
}

// crossings lists every import that the tables forbid.
func crossings(files []file) []string {
	var bad []string
	say := func(f file, im, why string) { bad = append(bad, path.Join(f.pkg, f.name)+" imports "+im+": "+why) }
	for _, f := range files {
		if f.pkg == "." {
			continue
		}
		from, _, _ := strings.Cut(f.pkg, "/")
		allowed, known := walls[from]
		if !known {
			bad = append(bad, f.pkg+": the folder "+from+" is not in the table of walls")
			continue
		}
		for _, im := range f.imports {
			target, ours := strings.CutPrefix(im, module+"/")
			if !ours {
				if im == module {
					say(f, im, "the root holds only tests")
				}
				continue
			}
			to, _, _ := strings.Cut(target, "/")
			if to != from && !slices.Contains(allowed, to) {
				say(f, target, from+" may not import "+to)
			}
		}
		for folder, order := range orders {
			at, inside := sibling(order, folder, f.pkg)
			if !inside {
				continue
			}
			if at < 0 {
				bad = append(bad, f.pkg+" is not in the order of "+folder)
				continue
			}
			for _, im := range f.imports {
				target, ours := strings.CutPrefix(im, module+"/")
				if !ours || f.test {
					continue // a test may build what stands above it
				}
				if to, in := sibling(order, folder, target); in && to > at {
					say(f, target, "within "+folder+" imports go down the order only")
				}
			}
		}
		if slices.Contains(calm, f.pkg) && !f.test {
			for _, im := range f.imports {
				target, ours := strings.CutPrefix(im, module+"/")
				if slices.Contains(reaching, im) || ours && !slices.Contains(calm, target) {
					say(f, im, f.pkg+" decides, and reaches for nothing")
				}
			}
		}
		if slices.Contains(pure, f.pkg) && !f.test {
			for _, im := range f.imports {
				target, ours := strings.CutPrefix(im, module+"/")
				if slices.Contains(outside, im) || ours && !slices.Contains(pure, target) {
					say(f, im, f.pkg+" is pure")
				}
			}
		}
	}
	return bad
}

// sibling returns where pkg stands in the order of folder: -1 if it is inside but not listed.
func sibling(order []string, folder, pkg string) (at int, inside bool) {
	rest, below := strings.CutPrefix(pkg, folder+"/")
	if pkg == folder {
		rest, below = ".", slices.Contains(order, ".")
	}
	if !below {
		return 0, false
	}
	for i, o := range order {
		if rest == o || strings.HasPrefix(rest, o+"/") && !slices.Contains(order, rest) {
			at, inside = i, true
			if rest == o {
				return i, true
			}
		}
	}
	if inside {
		return at, true
	}
	return -1, true
}

func TestWalls(t *testing.T) {
	for _, c := range crossings(source(t, ".")) {
		t.Error(c)
	}
}

// TestWallsHold breaks each wall on purpose and expects the table to notice.
func TestWallsHold(t *testing.T) {
	try := func(pkg, im string) bool {
		return len(crossings([]file{{pkg: pkg, name: "x.go", imports: []string{im}}})) > 0
	}
	for _, c := range [][2]string{
		{"social", module + "/clinical"},
		{"social/internal/posts", module + "/clinical/internal/records"},
		{"clinical", module + "/social"},
		{"clinical/internal/records", module + "/social/internal/posts"},
		{"gate", module + "/social"},
		{"gate/review", module + "/clinical"},
		{"identity", module + "/gate"},
		{"ui", module + "/identity"},
		{"platform/web", module + "/ui"},
		{"audit", module + "/gate"},
		{"gate/scan", module + "/platform/fault"},
		{"gate/scan", "net/http"},
		{"gate/scan", "time"},
		{"social/internal/media", module + "/social/internal/posts"},
		{"social/internal/unheardof", "fmt"},
		{"clinical/internal/access", module + "/clinical/internal/records"},
		{"clinical/internal/search", module + "/platform/db"},
		{"cmd/mitral", module + "/social"},
		{"newfolder", "fmt"},
	} {
		if !try(c[0], c[1]) {
			t.Errorf("%s may import %s and nobody notices", c[0], c[1])
		}
	}
	for _, c := range [][2]string{
		{"social/internal/posts", module + "/gate"},
		{"server", module + "/clinical"},
		{"social/internal/drafts", module + "/social/internal/posts"},
	} {
		if try(c[0], c[1]) {
			t.Errorf("%s may not import %s any more", c[0], c[1])
		}
	}
}

// TestChambersShowOnlyTheirFacade: everything of a chamber but its façade lives under its internal/.
func TestChambersShowOnlyTheirFacade(t *testing.T) {
	for _, f := range source(t, ".") {
		for _, chamber := range []string{"social", "clinical"} {
			if strings.HasPrefix(f.pkg, chamber+"/") && !strings.HasPrefix(f.pkg, chamber+"/internal") {
				t.Errorf("%s: a package of %s outside its internal/", f.pkg, chamber)
			}
		}
	}
}

// TestOnlyClockTellsTheTime: time is injected everywhere else.
func TestOnlyClockTellsTheTime(t *testing.T) {
	for _, f := range source(t, ".") {
		if f.pkg == "platform/clock" || f.test || strings.HasPrefix(f.pkg, "bench") || strings.HasPrefix(f.pkg, "e2e") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since" || s.Sel.Name == "Until") {
					t.Errorf("%s/%s calls time.%s: take a clock.Clock", f.pkg, f.name, s.Sel.Name)
				}
			}
			return true
		})
	}
}

// TestEveryPackageSaysWhatItIsFor: a package doc, in one file at least.
func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	doc := map[string]bool{}
	for _, f := range source(t, ".") {
		if f.pkg != "." && !f.test {
			doc[f.pkg] = doc[f.pkg] || f.ast.Doc != nil && strings.TrimSpace(f.ast.Doc.Text()) != ""
		}
		if f.ast.Name.Name == "util" || f.ast.Name.Name == "common" || f.ast.Name.Name == "helpers" {
			t.Errorf("%s: a package named %s", f.pkg, f.ast.Name.Name)
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s/%s has an init: register in an explicit list", f.pkg, f.name)
			}
		}
	}
	for pkg, ok := range doc {
		if !ok {
			t.Errorf("%s has no package doc", pkg)
		}
	}
}

// TestFilesStaySmall: no file of ours is past 500 lines; generated ones are not ours.
func TestFilesStaySmall(t *testing.T) {
	for _, f := range source(t, ".") {
		if strings.HasSuffix(f.name, "_templ.go") || strings.HasSuffix(f.name, "_gen.go") || f.test {
			continue
		}
		b, err := os.ReadFile(filepath.Join(f.pkg, f.name))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(b), "\n"); n > 500 {
			t.Errorf("%s/%s has %d lines: what is it about?", f.pkg, f.name, n)
		}
	}
}
