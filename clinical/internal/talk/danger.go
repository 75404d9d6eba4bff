package talk

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/scan"
)

//go:embed danger
var files embed.FS

// danger knows wording that must not wait for an answer. It is made of the rules that Mitral comes with and no others:
// what a centre changes for its public side changes nothing here.
// It is made when it is first asked.
type danger struct {
	engine func() (*scan.Engine, error)
}

func newDanger() *danger { return &danger{sync.OnceValues(readDanger)} }

func readDanger() (*scan.Engine, error) {
	set, err := dangerRules()
	if err != nil {
		return nil, err
	}
	for i := range set.Packs {
		set.Packs[i].Rules = slices.DeleteFunc(set.Packs[i].Rules, func(r policy.Rule) bool { return r.Severity != scan.Urgent })
	}
	return set.Engine(policy.Org{})
}

func dangerRules() (*policy.Set, error) {
	own, err := fs.Sub(files, "danger")
	if err != nil {
		return nil, err
	}
	return policy.Load(policy.Builtin(), own)
}

// span is a stretch of a text, in bytes.
type span struct{ from, to int }

// find returns what in a text reads like danger, in order and without overlaps, and whether anything does. A text
// that the engine fails to read is taken for danger: it costs a look.
func (d *danger) find(text string) (where []span, is bool) {
	defer func() {
		if recover() != nil {
			where, is = nil, true
		}
	}()
	engine, err := d.engine()
	if err != nil {
		return nil, true
	}
	for _, f := range engine.Scan(text, scan.Context{Kind: scan.Comment, AuthorRole: "member"}) {
		if f.Severity != scan.Urgent || f.Start < 0 || f.End > len(text) || f.Start >= f.End || denied(text[:f.Start]) {
			continue
		}
		is = true
		if n := len(where); n > 0 && f.Start <= where[n-1].to {
			where[n-1].to = max(where[n-1].to, f.End)
			continue
		}
		where = append(where, span{f.Start, f.End})
	}
	return where, is
}

func (d *danger) in(text string) bool {
	_, is := d.find(text)
	return is
}

// denied reports whether what follows before is denied: "no tengo dolor", "I have no chest pain".
func denied(before string) bool {
	b := strings.ToLower(before)
	return strings.HasSuffix(" "+b, " no ")
}
