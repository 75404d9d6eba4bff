package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed assets/css assets/js assets/fonts assets/img assets/icons.svg assets/icons-LICENSE.txt
var files embed.FS

// sheets is the order of the stylesheet: ours first, then one file for each area.
var sheets = []string{"tokens", "base", "parts", "site", "compose", "gate", "identity"}

const bundle = "css/mitral.css"

// inside is the sheet of the private chamber's pages, beside the others: readers of the public ones need not fetch it.
const inside = "css/care.css"

// asset is one file as it is served: its bytes, and the same compressed where that helps.
type asset struct {
	name, hash, mime string
	body, gz         []byte
	needs            []string // of a script: the addresses of all that it imports
}

// address is where the asset lives, with the hash of its content in the name: the browser may keep
// it for ever.
func (a *asset) address() string {
	ext := path.Ext(a.name)
	return "/assets/" + strings.TrimSuffix(a.name, ext) + "." + a.hash + ext
}

type assetSet struct {
	byName    map[string]*asset // css/mitral.css
	byAddress map[string]*asset // /assets/css/mitral.0123456789.css
	icons     map[string]string // what is drawn, by the icon's name
	open, own *carried          // styles of a first visit: public pages and the way in; the private chamber
}

// loaded is every asset, built from the embedded files when the first page needs it.
var loaded = sync.OnceValue(func() *assetSet {
	s := &assetSet{byName: map[string]*asset{}, byAddress: map[string]*asset{}}
	var modules []string
	_ = fs.WalkDir(files, "assets", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			panic("ui: " + err.Error())
		}
		name := strings.TrimPrefix(p, "assets/")
		switch ext := path.Ext(p); {
		case d.IsDir() || ext == ".css" || mimes[ext] == "" || name == "icons.svg":
		case ext == ".js":
			modules = append(modules, name)
		default:
			s.add(name, read(name))
		}
		return nil
	})
	for _, m := range modules {
		s.module(m, 0)
	}
	var css bytes.Buffer
	for _, sheet := range sheets {
		css.Write(read("css/" + sheet + ".css"))
		css.WriteByte('\n')
	}
	s.add(bundle, s.refer(minify(css.Bytes())))
	s.add(inside, minify(read(inside)))
	s.open, s.own = s.carry(late, "tokens", "base", "parts", "site", "identity"), s.carry(without, "tokens", "base", "parts", "identity", "care")
	s.icons = icons(read("icons.svg"))
	return s
})

// refer gives the files that a stylesheet names their addresses.
func (s *assetSet) refer(css []byte) []byte {
	return references.ReplaceAllFunc(css, func(ref []byte) []byte {
		name := string(references.FindSubmatch(ref)[1])
		if a := s.byName[name]; a != nil {
			return []byte("url(" + a.address() + ")")
		}
		panic("ui: the stylesheet refers to " + name + ", which is no asset")
	})
}

var (
	references = regexp.MustCompile(`url\("?((?:fonts|img)/[a-z0-9./-]+)"?\)`)
	imports    = regexp.MustCompile(`((?:from|import)\s*\(?\s*["'])\./([a-z0-9-]+\.js)(["'])`)
)

var mimes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".png": "image/png", ".txt": "text/plain; charset=utf-8",
}

func read(name string) []byte {
	b, err := files.ReadFile("assets/" + name)
	if err != nil {
		panic("ui: " + err.Error())
	}
	return b
}

func (s *assetSet) add(name string, body []byte) *asset {
	sum := sha256.Sum256(body)
	a := &asset{name: name, hash: hex.EncodeToString(sum[:5]), mime: mimes[path.Ext(name)], body: body}
	if ext := path.Ext(name); ext != ".woff2" && ext != ".png" {
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		_, _ = w.Write(body)
		_ = w.Close()
		a.gz = b.Bytes()
	}
	s.byName[name], s.byAddress[a.address()] = a, a
	return a
}

// module adds a script after the ones that it imports, whose hashed names it is given.
func (s *assetSet) module(name string, depth int) *asset {
	if a := s.byName[name]; a != nil {
		return a
	}
	if depth > 16 {
		panic("ui: " + name + " imports itself")
	}
	var needs []string
	body := imports.ReplaceAllFunc(read(name), func(m []byte) []byte {
		p := imports.FindSubmatch(m)
		dep := s.module("js/"+string(p[2]), depth+1)
		if bytes.HasPrefix(m, []byte("from")) { // import() waits until it is needed
			needs = append(append(needs, dep.needs...), dep.address())
		}
		return []byte(string(p[1]) + "./" + path.Base(dep.address()) + string(p[3]))
	})
	a := s.add(name, body)
	a.needs = needs
	return a
}

// Asset returns the address of an asset by its name under ui/assets: "css/mitral.css" is the whole
// stylesheet, "js/compose.js", "img/mark.svg". An unknown name panics: it is a mistake in a page.
func Asset(name string) string {
	a := loaded().byName[name]
	if a == nil {
		panic("ui: no asset " + name)
	}
	return a.address()
}

// imported is what these scripts import, each once, and none of themselves.
func imported(names []string) []string {
	var out []string
	for _, name := range names {
		for _, address := range loaded().byName["js/"+name].needs {
			if a := loaded().byAddress[address]; !slices.Contains(out, address) && !slices.Contains(names, strings.TrimPrefix(a.name, "js/")) {
				out = append(out, address)
			}
		}
	}
	return out
}

// Load reads and compresses the assets, so that the first page need not.
func Load() { loaded() }

// icon is the drawing itself, within the page: a sprite would be one more thing to wait for.
func icon(name string) string { return loaded().icons[name] }

var symbol = regexp.MustCompile(`(?s)<symbol id="i-([a-z0-9-]+)" viewBox="0 0 24 24">(.*?)</symbol>`)

func icons(sprite []byte) map[string]string {
	all := map[string]string{}
	for _, m := range symbol.FindAllSubmatch(sprite, -1) {
		all[string(m[1])] = string(m[2])
	}
	return all
}

// minify takes comments and needless space out of a stylesheet. Strings keep theirs.
func minify(css []byte) []byte {
	css = comments.ReplaceAll(css, nil)
	parts := quoted.FindAllIndex(css, -1)
	var out bytes.Buffer
	at := 0
	squeeze := func(b []byte) {
		b = space.ReplaceAll(b, []byte(" "))
		out.Write(around.ReplaceAll(b, []byte("$1$2")))
	}
	for _, p := range parts {
		squeeze(css[at:p[0]])
		out.Write(css[p[0]:p[1]])
		at = p[1]
	}
	squeeze(css[at:])
	return bytes.ReplaceAll(bytes.TrimSpace(out.Bytes()), []byte(";}"), []byte("}"))
}

var (
	comments = regexp.MustCompile(`(?s)/\*.*?\*/`)
	quoted   = regexp.MustCompile(`"[^"\n]*"`)
	space    = regexp.MustCompile(`\s+`)
	around   = regexp.MustCompile(`\s*([{};,>])\s*|(:)\s+`) // not before a colon: "a :hover" is not "a:hover"
)
