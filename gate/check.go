package gate

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/platform/fault"
)

// The largest text that the gate reads. A limit that is reached is told, never cut.
const (
	MaxTitle = 300     // characters
	MaxText  = 100_000 // bytes of everything that is to be published, and of what it answers
)

// ErrDown is what authors are told when the gate can't check: then nothing is published.
var ErrDown = fault.New(fault.Unavailable, "The gate can't check texts at the moment, so nothing is published. Your text is safe; try again in a few minutes.")

// Check finds what should not be public in a draft. It records nothing and takes no decision: it is
// for marking the text while it is written. When the engine fails, the answer is fault.Unavailable.
func (g *Gate) Check(ctx context.Context, d Draft) (Result, error) {
	return g.checkBy(ctx, d, g.current(ctx))
}

func (g *Gate) checkBy(ctx context.Context, d Draft, r *rules) (Result, error) {
	if err := d.valid(); err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	return g.check(d, r.engine)
}

// check is what an engine finds in a draft that can be read.
func (g *Gate) check(d Draft, e Engine) (Result, error) {
	text, starts := d.joined()
	c := scan.Context{Kind: d.Kind, Lang: d.Lang, Channel: d.Channel, AuthorRole: d.Author.Role, Parent: d.Parent, Before: d.Before}
	found, err := g.scan(e, text, c)
	if err != nil {
		return Result{}, err
	}
	var res Result
	for _, f := range found {
		if !sound(f, text) {
			g.log.Error(nonsense, "rule", f.Rule, "pack", f.Pack)
			return Result{}, ErrDown
		}
		res.Findings = append(res.Findings, d.place(f, starts))
	}
	more, err := g.alsoShown(e, d, text, found, c)
	if err != nil {
		return Result{}, err
	}
	res.Findings = append(res.Findings, more...)
	for _, f := range res.Findings {
		res.Verdict = max(res.Verdict, f.Severity)
	}
	return res, nil
}

const nonsense = "gate: the engine returned a finding that makes no sense"

// bar is what stands in the way of going out. An answer that sends somebody for help is urgent, so that nobody
// overlooks whom it answers; kept back it could come too late, so it only asks to be meant. Where a hospital made that rule's
// severity another one, that counts.
func (r Result) bar() (s scan.Severity) {
	for _, f := range r.Findings {
		if f.Kind == scan.Answered && f.Severity == scan.Urgent {
			s = max(s, scan.Warn)
		} else {
			s = max(s, f.Severity)
		}
	}
	return s
}

// sound reports whether a finding in text can be what an engine means.
func sound(f scan.Finding, text string) bool {
	return f.Severity >= scan.Note && f.Severity <= scan.Urgent && f.Start >= 0 && f.End >= f.Start && f.End <= len(text)
}

// scan runs the engine. Whatever it throws becomes ErrDown: the gate fails closed.
func (g *Gate) scan(e Engine, text string, c scan.Context) (found []scan.Finding, err error) {
	defer g.closed(&err)
	return e.Scan(text, c), nil
}

// closed, deferred, turns a panic into ErrDown.
func (g *Gate) closed(err *error) {
	if p := recover(); p != nil {
		// What was thrown may quote the text; its type and the stack don't.
		g.log.Error("gate: the engine panicked", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		*err = ErrDown
	}
}

// between separates fields for the engine, as paragraphs are separated.
const between = "\n\n"

// joined is what the engine reads: all fields as one text, so that a name in the title and an
// operation in the body are seen together. starts says where each field begins.
func (d Draft) joined() (text string, starts []int) {
	var b strings.Builder
	for i, f := range d.Fields {
		if i > 0 {
			b.WriteString(between)
		}
		starts = append(starts, b.Len())
		b.WriteString(f.Text)
	}
	return b.String(), starts
}

// place puts a finding of the joined text into the field in which most of it stands.
func (d Draft) place(f scan.Finding, starts []int) Finding {
	at, most := -1, -1
	for i, start := range starts {
		if n := min(f.End, start+len(d.Fields[i].Text)) - max(f.Start, start); n > most {
			at, most = i, n
		}
	}
	if at < 0 {
		return Finding{Finding: f}
	}
	n := len(d.Fields[at].Text)
	f.Start, f.End = min(max(f.Start-starts[at], 0), n), min(f.End-starts[at], n)
	return Finding{Field: d.Fields[at].Name, Finding: f}
}

// valid refuses what the gate can't read or what no one should want to publish.
func (d Draft) valid() error {
	switch {
	case d.ID == "" || len(d.ID) > 100 || len(d.Fields) == 0 || len(d.Fields) > 100 || len(d.Media) > 100 || len(d.Extra) > 100 || len(d.Before) > 100:
		return fault.New(fault.Invalid, "This draft is incomplete, so the gate can't read it.")
	case d.Kind != scan.Post && d.Kind != scan.Article && d.Kind != scan.Reply && d.Kind != scan.Comment:
		return fault.New(fault.Invalid, "This draft is incomplete, so the gate can't read it.")
	}
	size := 0
	all := []string{d.ID, d.Lang, d.Channel, d.Speaker, d.Parent, d.Author.Name, d.Author.Role}
	for _, f := range d.Fields {
		if f.Name == "title" && utf8.RuneCountInString(f.Text) > MaxTitle {
			return fault.New(fault.TooLarge, "The title is too long. The limit is %d characters.", MaxTitle)
		}
		size += len(f.Text)
		all = append(all, f.Name, f.Text)
	}
	if size > MaxText || len(d.Parent) > MaxText {
		return fault.New(fault.TooLarge, "This text is too long for the gate. The limit is %d KB.", MaxText/1000)
	}
	for _, s := range slices.Concat(all, d.Media, d.Extra, d.Before) {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return fault.New(fault.Invalid, "This text holds characters that are not text. Paste it again as plain text.")
		}
	}
	return nil
}

// title is how lists call the draft: its title, or how its text begins.
func (d Draft) title() string {
	const longest = 90
	for _, f := range d.Fields {
		if f.Name != "title" && f.Name != "body" {
			continue
		}
		s := strings.Join(strings.Fields(f.Text), " ")
		if s == "" {
			continue
		}
		if utf8.RuneCountInString(s) <= longest {
			return s
		}
		s = string([]rune(s)[:longest])
		if i := strings.LastIndexByte(s, ' '); i > longest/2 {
			s = s[:i]
		}
		return s + "…"
	}
	return ""
}
