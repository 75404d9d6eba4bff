// Command mitral is the server on which a health organisation meets its community: verbs, flags,
// signals and exit codes, nothing else. See "mitral help".
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // time zones also on a machine without them
)

const usage = `mitral: the server on which a health organisation meets its community

  mitral demo      an invented health centre in a temporary folder, to look around
  mitral serve     the real thing
  mitral check     the gate on the command line: what in this text could identify a patient?
  mitral fhir      take patients' records in
  mitral policy    test the gate's rule packs
  mitral admin     first account, staff, tokens for other systems, PostgreSQL roles, ledger
  mitral backup    everything into one file, while the server runs
  mitral restore   back from such a file, into an empty place
  mitral migrate   bring the databases to this program's version
  mitral version   which mitral this is

"mitral VERB -h" says more about each.
Exit status: 0 done, 1 failed, 2 the call was not understood; check has its own, see "mitral check -h".
`

// stdio is what a verb reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run is main without the process: it returns the exit status.
func run(ctx context.Context, args []string, std stdio) int {
	if len(args) == 0 {
		fmt.Fprint(std.err, usage)
		return 2
	}
	verb, rest := args[0], args[1:]
	var f func(context.Context, []string, stdio) error
	switch verb {
	case "check":
		return runCheck(rest, std.in, std.out, std.err)
	case "policy":
		return runPolicy(rest, std.out, std.err)
	case "demo":
		f = runDemo
	case "serve":
		f = runServe
	case "admin":
		f = runAdmin
	case "fhir":
		f = runFHIR
	case "backup":
		f = runBackup
	case "restore":
		f = runRestore
	case "migrate":
		f = runMigrate
	case "version", "--version", "-version":
		f = runVersion
	case "help", "-h", "--help":
		fmt.Fprint(std.out, usage)
		return 0
	default:
		fmt.Fprintf(std.err, "mitral: there is no verb %q\n\n%s", verb, usage)
		return 2
	}
	err := f(ctx, rest, std)
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		if wrong != "" {
			fmt.Fprintln(std.err, "mitral "+verb+": "+string(wrong))
		}
		return 2
	}
	fmt.Fprintf(std.err, "mitral %s: %v\n", verb, err)
	return 1
}

// usageError is a call that was not understood.
type usageError string

func (e usageError) Error() string { return string(e) }

// flags makes a verb's flag set; what it prints goes to the verb's standard error.
func flags(verb, about string, std stdio) *flag.FlagSet {
	fs := flag.NewFlagSet("mitral "+verb, flag.ContinueOnError)
	fs.SetOutput(std.err)
	fs.Usage = func() {
		fmt.Fprintf(std.err, "mitral %s: %s\n\n", verb, about)
		fs.PrintDefaults()
	}
	return fs
}

// parse reads the flags; want is how many other words the verb takes.
func parse(fs *flag.FlagSet, args []string, want int) error {
	if err := readFlags(fs, args); err != nil {
		return err
	}
	if fs.NArg() != want {
		return usageError(fmt.Sprintf("want %d argument(s), got %d; see -h", want, fs.NArg()))
	}
	return nil
}

// readFlags reads the flags in front of the other words.
func readFlags(fs *flag.FlagSet, args []string) error {
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usageError("") // the flag package has said it
	}
	return nil
}

// parseAround reads the flags of a verb with any number of other words from least on, which it
// returns; flags may also stand between and behind them.
func parseAround(fs *flag.FlagSet, args []string, least int) (words []string, err error) {
	for {
		if err := readFlags(fs, args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			break
		}
		words, args = append(words, fs.Arg(0)), fs.Args()[1:]
	}
	if len(words) < least {
		return nil, usageError(fmt.Sprintf("want %d argument(s) at least, got %d; see -h", least, len(words)))
	}
	return words, nil
}
