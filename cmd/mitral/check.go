package main

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/scan"
)

const checkUsage = `mitral check [flags] FILE|-

Reads a text and says what in it could identify a patient or hurt somebody. Nothing is stored or sent.

  --lang en|es          language of the text; without it, guessed
  --kind KIND           post (default), article, reply, comment
  --parent TEXT         the text that is being answered
  --jurisdiction J      us, es, uk, eu; without it, all rules
  --role ROLE           who writes: communications, clinician, front_desk, member
  --channel NAME        where it goes
  --packs DIR           rule packs of your own, besides the built-in ones
  --org FILE            YAML or JSON: name, phones, emails, domains, address, staff, places, handles
                        of the organisation, which are never findings
  --json                one JSON object instead of text
  --jsonl               each line of the input is a JSON object with "id" and "text", and may have
                        lang, jurisdiction, kind, channel, author_role, parent; one line of output each
  --entities            with --json or --jsonl: also list whatever identifies somebody, even where the rules
                        let it pass

Exit status: 0 nothing, or notes only; 3 warning; 4 held for review; 5 blocked or urgent;
1 the input could not be read; 2 the call was not understood. With --jsonl: 0 if every line was judged, 1 if not.
`

// maxCheck is how much text check reads at once.
const maxCheck = 1 << 20

type checkFlags struct {
	context     scan.Context
	packs, org  string
	json, jsonl bool
	entities    bool
	file        string
}

func runCheck(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	f, code := parseCheck(args, stdout, stderr)
	if code >= 0 {
		return code
	}
	fail := func(err error) int {
		_, _ = fmt.Fprintln(stderr, "mitral check:", err)
		return 1
	}
	engine, err := checkEngine(f)
	if err != nil {
		return fail(err)
	}
	in := stdin
	if f.file != "-" {
		file, err := os.Open(f.file)
		if err != nil {
			return fail(err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	if f.jsonl {
		if err := checkLines(engine, f, in, stdout); err != nil {
			return fail(err)
		}
		return 0
	}
	body, err := io.ReadAll(io.LimitReader(in, maxCheck+1))
	if err != nil {
		return fail(err)
	}
	if len(body) > maxCheck {
		return fail(fmt.Errorf("the text is larger than 1 MiB; split it, or use --jsonl"))
	}
	text := string(body)
	found := engine.Scan(text, f.context)
	if f.json {
		if err := writeVerdict(stdout, nil, found, engine, text, f.entities); err != nil {
			return fail(err)
		}
	} else {
		if f.context.Lang == "" {
			f.context.Lang = engine.Language(text)
		}
		printFindings(stdout, f, text, found)
	}
	return exitCode(scan.Verdict(found))
}

func exitCode(v scan.Severity) int {
	switch {
	case v >= scan.Block:
		return 5
	case v == scan.Hold:
		return 4
	case v == scan.Warn:
		return 3
	}
	return 0
}

// parseCheck returns an exit status from 0 if there is nothing more to do.
func parseCheck(args []string, stdout, stderr io.Writer) (checkFlags, int) {
	var f checkFlags
	set := flag.NewFlagSet("check", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	c := &f.context
	set.StringVar(&c.Lang, "lang", "", "")
	set.StringVar(&c.Kind, "kind", scan.Post, "")
	set.StringVar(&c.Parent, "parent", "", "")
	set.StringVar(&c.Jurisdiction, "jurisdiction", "", "")
	set.StringVar(&c.AuthorRole, "role", "", "")
	set.StringVar(&c.Channel, "channel", "", "")
	set.StringVar(&f.packs, "packs", "", "")
	set.StringVar(&f.org, "org", "", "")
	set.BoolVar(&f.json, "json", false, "")
	set.BoolVar(&f.jsonl, "jsonl", false, "")
	set.BoolVar(&f.entities, "entities", false, "")
	wrong := func(text string) (checkFlags, int) {
		_, _ = fmt.Fprintf(stderr, "mitral check: %s\n\n%s", text, checkUsage)
		return f, 2
	}
	switch err := set.Parse(args); {
	case err == flag.ErrHelp:
		_, _ = io.WriteString(stdout, checkUsage)
		return f, 0
	case err != nil:
		return wrong(err.Error())
	}
	switch rest := set.Args(); {
	case len(rest) == 0 && f.jsonl:
		f.file = "-"
	case len(rest) != 1:
		return wrong("one FILE is needed, or - for standard input (flags go before it)")
	default:
		f.file = rest[0]
	}
	switch {
	case !slices.Contains([]string{scan.Post, scan.Article, scan.Reply, scan.Comment}, c.Kind):
		return wrong(fmt.Sprintf("%q is no kind of text", c.Kind))
	case !slices.Contains([]string{"", "us", "es", "uk", "eu"}, c.Jurisdiction):
		return wrong(fmt.Sprintf("%q is no jurisdiction", c.Jurisdiction))
	}
	return f, -1
}

func checkEngine(f checkFlags) (*scan.Engine, error) {
	sources := []fs.FS{policy.Builtin()}
	if f.packs != "" {
		sources = append(sources, os.DirFS(f.packs))
	}
	packs, err := policy.Load(sources...)
	if err != nil {
		return nil, err
	}
	var org policy.Org
	if f.org != "" {
		body, err := os.ReadFile(f.org)
		if err != nil {
			return nil, err
		}
		if org, err = policy.ReadOrg(f.org, body); err != nil {
			return nil, err
		}
	}
	return packs.Engine(org)
}

// printFindings writes for people: place, severity, words, why, what to write instead.
func printFindings(w io.Writer, f checkFlags, text string, found []scan.Finding) {
	name := f.file
	if name == "-" {
		name = "text"
	}
	for _, x := range found {
		line, column := place(text, x.Start)
		_, _ = fmt.Fprintf(w, "%s:%d:%d: %s: %q\n    %s\n", name, line, column, x.Severity, text[x.Start:x.End], x.Reason.In(f.context.Lang))
		if s := x.Suggestion.In(f.context.Lang); s != "" {
			_, _ = fmt.Fprintf(w, "    → %s\n", s)
		}
		_, _ = fmt.Fprintf(w, "    (%s, %s)\n", x.Rule, x.Pack)
	}
	_, _ = fmt.Fprintf(w, "%s: %s\n", name, next(scan.Verdict(found), f.context))
}

// next says what a verdict asks of whoever reads it.
func next(v scan.Severity, in scan.Context) string {
	switch {
	case v == scan.Urgent:
		return "urgent: somebody may be at risk; whoever is on call acts now"
	case v >= scan.Hold && in.AuthorRole == "member":
		return "held: keep it hidden until a reviewer has decided, and ask the author to say it without who it is, or in private"
	case v == scan.Block:
		return "blocked: it can't go out as it is"
	case v == scan.Hold && in.Kind == scan.Reply:
		return "held: a reviewer decides; an answer that says nothing of anybody's care can go out without one"
	case v == scan.Hold:
		return "held: a reviewer decides; leave out what is marked, or have the person's written permission on record"
	case v == scan.Warn:
		return "change it, or attest that it is meant"
	case v == scan.Note:
		return "notes only: it can go out"
	}
	return "nothing found: it can go out"
}

// place turns a byte offset into line and column, counting characters from 1.
func place(text string, at int) (line, column int) {
	before := text[:at]
	line = strings.Count(before, "\n") + 1
	return line, len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
}
