// Package measure says how well the gate finds what labelled sets mark: precision, recall, F1 and F2 by
// set, entity, language and kind of text, what is taken for what, and the worst misses. It reads the
// files that it is given and imports nothing of Mitral.
package measure

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"strings"
)

// Record is a line of a labelled set.
type Record struct {
	ID       string `json:"id"`
	Src      string `json:"src"`
	Lang     string `json:"lang"`
	Text     string `json:"text"`
	Template int    `json:"template_id"`
	Spans    []Mark `json:"spans"`

	// in sets with verdicts
	Kind         string `json:"kind"`
	Verdict      string `json:"verdict"`
	Parent       string `json:"parent"`
	AuthorRole   string `json:"author_role"`
	Channel      string `json:"channel"`
	Jurisdiction string `json:"jurisdiction"`
	Class        string `json:"class"` // what sort of leak, or of clean text
}

// named says that something in the text names or numbers a person, so that the leak is no riddle; advice
// and cries for help count as named, because they are no leaks.
func (r *Record) named() bool {
	for _, m := range r.Spans {
		switch m.Kind {
		case "name", "id", "phone", "email", "handle":
			return true
		}
	}
	return r.Class == "advice" || r.Class == "urgent"
}

// Mark is a labelled place in bytes of the text.
type Mark struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	U     string `json:"u"`
	Kind  string `json:"kind"` // in sets with verdicts
}

// Read reads a set.
func Read(path string) ([]Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	var out []Record
	for s.Scan() {
		var r Record
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, len(out)+1, err)
		}
		out = append(out, r)
	}
	return out, s.Err()
}

// Folds is into how many parts the sets are divided: each is judged by what was learned from the others.
const Folds = 5

// Fold says which part a record belongs to. Records that share a template, or come from the same
// stretch of a set, stay together, so that the parts have nothing in common.
func (r *Record) Fold() int {
	key := r.ID
	if i := strings.LastIndexByte(r.ID, '-'); i > 0 {
		n, err := strconv.Atoi(r.ID[i+1:])
		switch {
		case strings.HasPrefix(r.Src, "presidio"):
			key = "template " + strconv.Itoa(r.Template)
		case err == nil && (strings.HasPrefix(r.Src, "btc") || strings.HasPrefix(r.Src, "wnut") || strings.HasPrefix(r.Src, "uner")):
			key = r.Src + " " + strconv.Itoa(n/25)
		}
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	return int(h.Sum32() >> 8 % Folds)
}

// section says where in a Spanish clinical case an offset lies: its header of fields, its body, or the
// line of who sends it.
func section(r *Record, at int) string {
	if r.Src != "meddocan" {
		return ""
	}
	if i := strings.Index(r.Text, "Informe clínico"); i >= 0 && at < i {
		return "header"
	}
	for _, by := range []string{"\nRemitido por", "\nResponsable clínico"} {
		if i := strings.LastIndex(r.Text, by); i >= 0 && at > i {
			return "sender"
		}
	}
	return "body"
}
