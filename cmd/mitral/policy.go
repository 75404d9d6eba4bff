package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/mitral-health/mitral/gate/policy"
)

const policyUsage = `mitral policy test [DIR]
mitral policy eval [flags] SET…

Runs the tests inside the rule packs: the built-in ones and, if given, those in the folder DIR.
eval measures the gate on labelled sets; see mitral policy eval -h.
Exit status: 0 all as they should be, 1 not, 2 the call was not understood.
`

func runPolicy(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && (args[0] == "-h" || args[0] == "--help" || args[0] == "help") {
		_, _ = io.WriteString(stdout, policyUsage)
		return 0
	}
	if len(args) > 0 && args[0] == "eval" {
		return runEval(args[1:], stdout, stderr)
	}
	if len(args) == 0 || args[0] != "test" || len(args) > 2 {
		_, _ = io.WriteString(stderr, policyUsage)
		return 2
	}
	sources := []fs.FS{policy.Builtin()}
	if len(args) == 2 {
		if info, err := os.Stat(args[1]); err != nil || !info.IsDir() {
			_, _ = fmt.Fprintf(stderr, "mitral policy: %s is no folder\n", args[1])
			return 1
		}
		sources = append(sources, os.DirFS(args[1]))
	}
	packs, err := policy.Load(sources...)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "mitral policy:", err)
		return 1
	}
	tests := 0
	for i := range packs.Packs {
		p := &packs.Packs[i]
		tests += len(p.Tests)
		_, _ = fmt.Fprintf(stdout, "%s: %d rules, %d tests\n", p.Name(), len(p.Rules), len(p.Tests))
	}
	failed := packs.Test()
	for _, f := range failed {
		_, _ = fmt.Fprintln(stdout, f)
	}
	if len(failed) > 0 {
		_, _ = fmt.Fprintf(stdout, "%d of %d tests failed\n", len(failed), tests)
		return 1
	}
	_, _ = fmt.Fprintf(stdout, "all %d tests passed; packs %s\n", tests, packs.Version())
	return 0
}
