package text

import (
	"go/ast"
	"io"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// dynamic stands in the text of a template for whatever the program writes there.
const dynamic = "\x00"

// templates looks at what the components of a generated file write as it stands: no word that nobody
// translated, and nothing that the content security policy forbids.
func (s *sources) templates(f *ast.File, name string) {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		var b strings.Builder
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			x, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := x.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "WriteString" && len(x.Args) == 3 {
				if v, ok := literal(x.Args[2], nil); ok {
					b.WriteString(v)
				}
			} else if ok && sel.Sel.Name == "JoinStringErrs" && len(x.Args) == 1 {
				if v, ok := literal(x.Args[0], nil); ok {
					b.WriteString(html.EscapeString(v))
				}
			} else if !ok || (sel.Sel.Name != "WriteWatchModeString" && sel.Sel.Name != "NopComponent") {
				b.WriteString(dynamic)
			}
			return true
		})
		for _, w := range bareWords(b.String()) {
			s.bare = append(s.bare, name+": "+fn.Name.Name+" has "+w)
		}
	}
}

// bareWords returns what a page must not have: words outside of text.T, and inline styles or scripts.
func bareWords(page string) []string {
	var out []string
	var quiet []bool // for each open element: not to be translated
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				out = append(out, z.Err().Error())
			}
			return out
		case html.TextToken:
			words := strings.TrimSpace(strings.ReplaceAll(string(z.Text()), dynamic, " "))
			if strings.ContainsFunc(words, unicode.IsLetter) && !names[words] && (len(quiet) == 0 || !quiet[len(quiet)-1]) {
				out = append(out, "the bare words "+strconv.Quote(words))
			}
		case html.StartTagToken:
			tok := z.Token()
			bad, skip := attributes(tok)
			out = append(out, bad...)
			if !void[tok.Data] {
				quiet = append(quiet, skip || tok.Data == "script" || (len(quiet) > 0 && quiet[len(quiet)-1]))
			}
		case html.SelfClosingTagToken:
			bad, _ := attributes(z.Token())
			out = append(out, bad...)
		case html.EndTagToken:
			if len(quiet) > 0 {
				quiet = quiet[:len(quiet)-1]
			}
		}
	}
}

var void = map[string]bool{"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true, "link": true, "meta": true, "source": true, "track": true, "wbr": true}

func attributes(tok html.Token) (bad []string, quiet bool) {
	src, kind := false, ""
	for _, a := range tok.Attr {
		switch {
		case a.Key == "translate" && a.Val == "no":
			quiet = true
		case a.Key == "src":
			src = true
		case a.Key == "type":
			kind = a.Val
		case a.Key == "style":
			bad = append(bad, "an inline style on <"+tok.Data+">: "+a.Val)
		case len(a.Key) > 2 && strings.HasPrefix(a.Key, "on"):
			bad = append(bad, "an inline script, "+a.Key+", on <"+tok.Data+">")
		case a.Key == "alt" || a.Key == "title" || a.Key == "placeholder" || a.Key == "aria-label" || a.Key == "aria-description" || a.Key == "aria-roledescription":
			if strings.ContainsFunc(a.Val, unicode.IsLetter) {
				bad = append(bad, "the bare words "+strconv.Quote(a.Val)+" in "+a.Key)
			}
		}
	}
	if tok.Data == "script" && !src && kind != "application/ld+json" && kind != "application/json" {
		bad = append(bad, "an inline script")
	}
	if tok.Data == "style" {
		bad = append(bad, "an inline style sheet")
	}
	return bad, quiet
}
