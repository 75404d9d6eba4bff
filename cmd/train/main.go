// Command train makes what the gate has learned:
//
//	MITRAL_DATA=DIR go run ./cmd/train            # gate/tag/weights.bin, from labelled sets and word lists
//	MITRAL_DATA=DIR go run ./cmd/train report     # all aims of the gate: aim, figure, reached or not
//	go run ./cmd/train texts                      # gate/sense/model.bin, from gate/policy/testdata
//	go run ./cmd/train texts -cross               # no model: how well texts that it did not learn from are judged
//
// The same data gives the same bytes. It uses one core.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mitral-health/mitral/gate/learn"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "texts" {
		done(texts(os.Args[2:]))
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "report" {
		done(aims(os.Args[2:]))
		return
	}
	out := flag.String("o", "gate/tag/weights.bin", "where the weights go")
	flag.Parse()
	done(run(*out))
}

func done(err error) {
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

// rounds is how often the tagger goes over its examples.
const rounds = 7

func run(out string) error {
	data := os.Getenv("MITRAL_DATA")
	if data == "" {
		return fmt.Errorf("set MITRAL_DATA to the folder that holds phi/, the labelled sets and word lists; without them nothing can be trained")
	}
	m, err := learn.Run(filepath.Join(data, "phi"), rounds, nil, os.Stdout)
	if err != nil {
		return err
	}
	b, err := m.Write()
	if err != nil {
		return err
	}
	fmt.Printf("%d bytes\n", len(b))
	return os.WriteFile(out, b, 0o644)
}
