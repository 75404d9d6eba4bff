package text

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

const root = "../.."

// use is one place in the sources that speaks to people.
type use struct {
	at, key string
	args    int // arguments given; -1 is unknown
	plural  bool
}

// sources is what the scan of the tree found.
type sources struct {
	uses  []use
	bare  []string // words that are not translated
	other []string // keys that are no literals
}

// speakers maps a function to the positions of its keys and the number of arguments before those
// that fill them.
var speakers = map[string]struct {
	keys  []int
	first int
}{
	"text.T": {[]int{1}, 2}, "text.N": {[]int{2, 3}, 4}, "text.Key": {[]int{0}, -1},
	"fault.New": {[]int{1}, 2}, "fault.Wrap": {[]int{2}, 3},
}

// labels are components and the positions of their arguments that people read.
var labels = map[string][]int{
	"ui.Chip": {1}, "ui.ChipIcon": {2}, "ui.Submit": {0}, "ui.Button": {0}, "ui.LinkButton": {1}, "ui.Empty": {0, 1},
	"ui.Notice": {1}, "ui.Status": {1}, "ui.Loading": {0}, "ui.Meter": {0, 1},
}

// fields are those of structs that people read.
var fields = map[string]string{
	"ui.Page": "Title Description Says", "ui.FieldSpec": "Label Hint Error", "ui.Option": "Label Hint",
	"ui.FieldError": "Text", "ui.FindingView": "Word",
}

// names are the same in every language: those of languages, which are written in themselves, and of
// formats.
var names = map[string]bool{"English": true, "Español": true, "RSS": true, "Atom": true, "JSON Feed": true, "Markdown": true}

func scan(t *testing.T) *sources {
	t.Helper()
	s := &sources{}
	dirs := map[string][]*ast.File{}
	paths := map[*ast.File]string{}
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && p != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "e2e" || name == "bench" || name == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, p, nil, 0)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			t.Errorf("%s does not parse: %v", p, err)
			return nil
		}
		dirs[filepath.Dir(p)] = append(dirs[filepath.Dir(p)], f)
		paths[f] = strings.TrimPrefix(p, root+"/")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, list := range dirs {
		consts := map[string]string{}
		for _, f := range list {
			maps.Copy(consts, constants(f))
		}
		for _, f := range list {
			s.file(fset, f, paths[f], strings.TrimPrefix(dir, root+"/"), consts)
		}
	}
	return s
}

func (s *sources) file(fset *token.FileSet, f *ast.File, name, dir string, consts map[string]string) {
	own := map[string]string{"ui/text": "text", "ui": "ui", "platform/fault": "fault"}[dir]
	called := map[string]string{} // local name → package
	for _, im := range f.Imports {
		p, _ := strconv.Unquote(im.Path.Value)
		for suffix, pkg := range map[string]string{"/mitral/ui/text": "text", "/mitral/ui": "ui", "/mitral/platform/fault": "fault"} {
			if strings.HasSuffix(p, suffix) {
				called[pkg] = pkg
				if im.Name != nil {
					delete(called, pkg)
					called[im.Name.Name] = pkg
				}
			}
		}
	}
	where := func(n ast.Node) string { return name + ":" + strconv.Itoa(fset.Position(n.Pos()).Line) }
	qualified := func(e ast.Expr) string {
		switch x := e.(type) {
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok && called[id.Name] != "" {
				return called[id.Name] + "." + x.Sel.Name
			}
		case *ast.Ident:
			if own != "" {
				return own + "." + x.Name
			}
		case *ast.IndexExpr:
			return ""
		}
		return ""
	}
	causes := map[ast.Node]bool{} // faults that another one wraps: nobody is shown them
	visit := func(n ast.Node, consts map[string]string) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			fn := qualified(x.Fun)
			if fn == "fault.Wrap" && len(x.Args) > 0 {
				causes[x.Args[0]] = true
			}
			if causes[x] {
				return true
			}
			if sp, ok := speakers[fn]; ok && !s.internal(fn, x) {
				for _, i := range sp.keys {
					s.key(where(x), fn, x, i, sp.first, own, consts)
				}
			}
			for _, i := range labels[fn] {
				if i < len(x.Args) {
					s.word(where(x), fn, x.Args[i])
				}
			}
		case *ast.CompositeLit:
			typ := qualified(x.Type)
			for _, e := range x.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				id, ok := kv.Key.(*ast.Ident)
				if !ok {
					continue
				}
				if typ == "fault.Error" && id.Name == "Text" && own != "fault" {
					if v, ok := literal(kv.Value, consts); ok {
						s.uses = append(s.uses, use{where(kv), v, -1, false})
					}
				}
				for _, f := range strings.Fields(fields[typ]) {
					if f == id.Name {
						s.word(where(kv), typ+"."+f, kv.Value)
					}
				}
			}
		}
		return true
	}
	for _, d := range f.Decls {
		known := maps.Clone(consts)
		maps.Copy(known, constants(d)) // a function's own constants hide the package's
		ast.Inspect(d, func(n ast.Node) bool { return visit(n, known) })
	}
	if strings.HasSuffix(name, "_templ.go") {
		s.templates(f, name)
	}
}

// internal reports a fault that nobody is shown: its text needs no Spanish.
func (s *sources) internal(fn string, x *ast.CallExpr) bool {
	at := map[string]int{"fault.New": 0, "fault.Wrap": 1}
	i, ok := at[fn]
	if !ok || i >= len(x.Args) {
		return false
	}
	sel, ok := x.Args[i].(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Internal"
}

func (s *sources) key(at, fn string, x *ast.CallExpr, i, first int, own string, consts map[string]string) {
	if i >= len(x.Args) {
		return
	}
	key, ok := literal(x.Args[i], consts)
	if sel, is := x.Args[i].(*ast.SelectorExpr); is && sel.Sel.Name == "Text" {
		return // the text of another fault, which was seen where it was made
	}
	if !ok {
		if own != "text" && own != "fault" {
			s.other = append(s.other, at+": "+fn+" wants a literal, so that this test can see it; text.Key marks the sentences of a table")
		}
		return
	}
	args := -1
	if first >= 0 && !x.Ellipsis.IsValid() {
		args = len(x.Args) - first
	}
	s.uses = append(s.uses, use{at, key, args, fn == "text.N"})
}

func (s *sources) word(at, what string, e ast.Expr) {
	if v, ok := literal(e, nil); ok && strings.ContainsFunc(v, unicode.IsLetter) && !names[v] {
		s.bare = append(s.bare, at+": "+what+" has the bare words "+strconv.Quote(v))
	}
}

// literal returns the value of a string literal, of several joined by +, or of a constant of the
// package.
func literal(e ast.Expr, consts map[string]string) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			v, err := strconv.Unquote(x.Value)
			return v, err == nil
		}
	case *ast.ParenExpr:
		return literal(x.X, consts)
	case *ast.BinaryExpr:
		a, ok1 := literal(x.X, consts)
		b, ok2 := literal(x.Y, consts)
		return a + b, x.Op == token.ADD && ok1 && ok2
	case *ast.Ident:
		v, ok := consts[x.Name]
		return v, ok
	}
	return "", false
}

// constants returns the string constants that are declared in a node.
func constants(in ast.Node) map[string]string {
	out := map[string]string{}
	ast.Inspect(in, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, name := range v.Names {
			if i < len(v.Values) && (name.Obj == nil || name.Obj.Kind == ast.Con) {
				if s, ok := literal(v.Values[i], nil); ok {
					out[name.Name] = s
				}
			}
		}
		return true
	})
	return out
}
