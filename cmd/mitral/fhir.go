package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mitral-health/mitral/server"
)

const fhirUsage = `mitral fhir: the records of the private chamber

  mitral fhir import FOLDER|FILE …   take in FHIR R4 bundles (.json) and lists (.ndjson), also .gz, also while the server runs

An import that was cut off goes on where it was when it is started again; nothing is stored twice.
`

// clinicalStore is the private chamber, as the command line uses it.
type clinicalStore = server.ClinicalStore

func runFHIR(ctx context.Context, args []string, std stdio) error {
	if len(args) > 0 {
		switch args[0] {
		case "import":
			return fhirImport(ctx, args[1:], std)
		case "help", "-h", "--help":
			fmt.Fprint(std.out, fhirUsage)
			return nil
		}
	}
	fmt.Fprint(std.err, fhirUsage)
	return usageError("")
}

func fhirImport(ctx context.Context, args []string, std stdio) error {
	var s settings
	var o server.ImportOptions
	fs := flags("fhir import", "take in FHIR R4 bundles and lists: mitral fhir import [flags] FOLDER|FILE …", std)
	s.register(fs)
	fs.BoolVar(&o.DryRun, "dry-run", false, "read and validate, store nothing")
	fs.BoolVar(&o.Again, "again", false, "take files in that were taken in before")
	asJSON := fs.Bool("json", false, "print the result as one line of JSON")
	quiet := fs.Bool("quiet", false, "no progress")
	paths, err := parseAround(fs, args, 1)
	if err != nil {
		return err
	}
	return withClinical(ctx, s, std, func(c clinicalStore) error {
		last := time.Duration(0)
		o.Refused = func(r server.ImportRefusal) {
			fmt.Fprintln(std.err, "refused: "+strings.Join(present(r.File, r.Place, r.Expression, r.Reason), ": "))
		}
		o.Progress = func(p server.ImportProgress) {
			if !*quiet && p.Elapsed-last >= time.Second {
				last = p.Elapsed
				fmt.Fprintf(std.err, "%d of %d files, %d resources, %d refused, %.0f a second\n", p.Files, p.Of, p.Resources, p.Refused, p.Rate())
			}
		}
		p, err := c.Import(ctx, paths, o)
		if *asJSON {
			err = errors.Join(err, json.NewEncoder(std.out).Encode(map[string]any{"files": p.Files, "of": p.Of, "resources": p.Resources, "same": p.Same,
				"refused": p.Refused, "before": p.Before, "seconds": p.Elapsed.Seconds(), "perSecond": p.Rate()}))
		} else {
			fmt.Fprintf(std.out, "%d of %d files (%d were taken in before): %d resources, %d of them there already, %d refused; %.1f s, %.0f a second\n",
				p.Files, p.Of, p.Before, p.Resources, p.Same, p.Refused, p.Elapsed.Seconds(), p.Rate())
		}
		if err == nil && p.Refused > 0 {
			err = fmt.Errorf("%d resources were refused", p.Refused)
		}
		return err
	})
}

func present(words ...string) []string {
	out := words[:0]
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}
