package policy

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits on what is read, so that no folder can fill the memory.
const (
	maxFile  = 512 << 10
	maxFiles = 64
	maxTerms = 40_000
)

// packFile is a file as written. A pack is one or more of them; one has the header.
type packFile struct {
	Pack          scalar               `yaml:"pack"`
	Version       int                  `yaml:"version"`
	Title         messageFile          `yaml:"title"`
	About         messageFile          `yaml:"about"`
	Jurisdictions []scalar             `yaml:"jurisdictions"`
	Lists         map[string]wordsFile `yaml:"lists"`
	Extend        map[string]wordsFile `yaml:"extend"`
	Rules         []ruleFile           `yaml:"rules"`
	Override      []overrideFile       `yaml:"override"`
	Allow         allowFile            `yaml:"allow"`
	Tests         []testFile           `yaml:"tests"`
}

// allowFile is what belongs to the organisation beyond what its configuration says. A template is the
// scan.TemplateHash of a text that was approved as it stands.
type allowFile struct {
	Staff     []scalar `yaml:"staff"`
	Phones    []scalar `yaml:"phones"`
	Places    []scalar `yaml:"places"`
	Handles   []scalar `yaml:"handles"`
	Public    []scalar `yaml:"public"`
	Templates []scalar `yaml:"templates"`
}

// wordsFile is a list's terms by language; the split is for the reader, all are looked for.
type wordsFile struct {
	Any []scalar `yaml:"any"`
	EN  []scalar `yaml:"en"`
	ES  []scalar `yaml:"es"`
}

type messageFile struct {
	EN string `yaml:"en"`
	ES string `yaml:"es"`
}

type whenFile struct {
	Kind     []scalar `yaml:"kind"`
	Lang     []scalar `yaml:"lang"`
	Channel  []scalar `yaml:"channel"`
	Role     []scalar `yaml:"role"`
	NotRole  []scalar `yaml:"not-role"`
	Location []scalar `yaml:"jurisdiction"`
}

type nearFile struct {
	Any     []scalar `yaml:"any"`
	N       *int     `yaml:"n"`
	Ordered scalar   `yaml:"ordered"` // before, after
	Join    bool     `yaml:"join"`
	Text    bool     `yaml:"text"` // anywhere in the text; only under not
}

type matchFile struct {
	Any         []scalar   `yaml:"any"`
	Near        []nearFile `yaml:"near"`
	Not         []nearFile `yaml:"not"`
	Sum         sumFile    `yaml:"sum"`
	Parent      []scalar   `yaml:"parent"`
	ParentFinds []scalar   `yaml:"parent-finds"`
	Unless      []scalar   `yaml:"unless"`
	NewToParent bool       `yaml:"new-to-parent"`
	Whole       bool       `yaml:"whole"`
	Reads       string     `yaml:"reads"`
	Need        int        `yaml:"need"`
	Alone       bool       `yaml:"alone"`
	Doubt       int        `yaml:"doubt"`
}

// sumFile is what several pieces must weigh together.
type sumFile struct {
	Need int        `yaml:"need"`
	N    int        `yaml:"n"`
	Join bool       `yaml:"join"`
	Of   []partFile `yaml:"of"`
}

type partFile struct {
	Any    []scalar    `yaml:"any"`
	Weight int         `yaml:"weight"`
	N      int         `yaml:"n"`
	Before bool        `yaml:"before"`
	Label  messageFile `yaml:"label"`
}

type plainFile struct {
	Term    scalar `yaml:"term"`
	Wording string `yaml:"wording"`
}

type ruleFile struct {
	ID         scalar      `yaml:"id"`
	Kind       scalar      `yaml:"kind"`
	Severity   scalar      `yaml:"severity"`
	When       whenFile    `yaml:"when"`
	Match      matchFile   `yaml:"match"`
	Plain      []plainFile `yaml:"plain"`
	Covers     []scalar    `yaml:"covers"`
	Reason     messageFile `yaml:"reason"`
	Suggestion messageFile `yaml:"suggestion"`
	Answer     messageFile `yaml:"answer"`
}

type testFile struct {
	Text         scalar   `yaml:"text"`
	Verdict      scalar   `yaml:"verdict"`
	Rules        []scalar `yaml:"rules"`
	Marks        []scalar `yaml:"marks"`
	Kind         string   `yaml:"kind"`
	Lang         string   `yaml:"lang"`
	Jurisdiction string   `yaml:"jurisdiction"`
	Channel      string   `yaml:"channel"`
	Role         string   `yaml:"role"`
	Parent       string   `yaml:"parent"`
}

// scalar is a text that knows where it stands.
type scalar struct {
	text string
	line int
	file string
}

// UnmarshalYAML takes a plain value only.
func (s *scalar) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: a single value is expected here", n.Line)
	}
	s.text, s.line = n.Value, n.Line
	return nil
}

func (s scalar) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: "+format, append([]any{s.file, s.line}, args...)...)
}

type overrideFile struct {
	Rule     scalar `yaml:"rule"`
	Severity scalar `yaml:"severity"`
	Why      string `yaml:"why"`
	severity severity
}

// source is a file before it is parsed.
type source struct {
	name string
	body []byte
}

// sources lists the files of a file system by pack: folder or single file at the top.
func sources(fsys fs.FS, sum hash.Hash) ([][]source, error) {
	var out [][]source
	files := 0
	read := func(name string) (source, error) {
		files++
		if files > maxFiles {
			return source{}, fmt.Errorf("%s: more than %d files", name, maxFiles)
		}
		f, err := fsys.Open(name)
		if err != nil {
			return source{}, err
		}
		defer func() { _ = f.Close() }()
		body, err := io.ReadAll(io.LimitReader(f, maxFile+1))
		if err == nil && len(body) > maxFile {
			err = fmt.Errorf("%s: larger than %d KiB", name, maxFile>>10)
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n", name, len(body))
		_, _ = sum.Write(body)
		return source{name, body}, err
	}
	top, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	for _, entry := range top {
		var pack []source
		switch {
		case strings.HasPrefix(entry.Name(), "."):
			continue
		case entry.IsDir():
			inside, err := fs.ReadDir(fsys, entry.Name())
			if err != nil {
				return nil, err
			}
			for _, f := range inside {
				if !f.IsDir() && yamlName(f.Name()) {
					src, err := read(path.Join(entry.Name(), f.Name()))
					if err != nil {
						return nil, err
					}
					pack = append(pack, src)
				}
			}
		case yamlName(entry.Name()):
			src, err := read(entry.Name())
			if err != nil {
				return nil, err
			}
			pack = append(pack, src)
		}
		if len(pack) > 0 {
			out = append(out, pack)
		}
	}
	return out, nil
}

func yamlName(name string) bool {
	return !strings.HasPrefix(name, ".") && (strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml"))
}

// parse reads one file strictly: unknown or double keys, anchors and several documents are refused.
func parse(src source) (*packFile, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(src.body, &root); err != nil {
		return nil, located(src.name, err)
	}
	if n := anchored(&root); n != nil {
		return nil, fmt.Errorf("%s:%d: anchors and references are not used in packs", src.name, n.Line)
	}
	var f packFile
	dec := yaml.NewDecoder(bytes.NewReader(src.body))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, located(src.name, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one document in a file", src.name)
	}
	return &f, nil
}

func anchored(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return n
	}
	for _, c := range n.Content {
		if found := anchored(c); found != nil {
			return found
		}
	}
	return nil
}

var (
	lineOf  = regexp.MustCompile(`line (\d+): `)
	unknown = regexp.MustCompile(`field (\S+) not found in type \S+`)
)

// located turns the parser's words into ours: "core/names.yaml:12: …".
func located(file string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n  ")
	text, _, _ = strings.Cut(text, "\n")
	line := ""
	if m := lineOf.FindStringSubmatchIndex(text); m != nil {
		line = ":" + text[m[2]:m[3]]
		text = text[:m[0]] + text[m[1]:]
	}
	text = unknown.ReplaceAllString(text, "unknown key $1")
	return fmt.Errorf("%s%s: %s", file, line, text)
}
