// Command train makes gate/tag/weights.bin from the labelled sets and word lists in a folder:
//
//	MITRAL_DATA=DIR go run ./cmd/train
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
	rounds := flag.Int("rounds", 7, "how often to go over the examples")
	choose := flag.Bool("choose", false, "leave out the part for choosing, too")
	out := flag.String("o", "gate/tag/weights.bin", "where the weights go")
	flag.Parse()
	if err := run(*rounds, *choose, *out); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(rounds int, choose bool, out string) error {
	data := os.Getenv("MITRAL_DATA")
	if data == "" {
		return fmt.Errorf("set MITRAL_DATA to the folder that holds phi/, the labelled sets and word lists; without them nothing can be trained")
	}
	m, err := learn.Run(filepath.Join(data, "phi"), rounds, choose, os.Stdout)
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
