package wearables

import (
	"bytes"
	"context"
	"io"

	"github.com/mitral-health/mitral/platform/fault"
)

// Kind is a kind of file.
type Kind string

// The kinds.
const (
	AppleArchive  Kind = "apple-zip"
	AppleDocument Kind = "apple-xml"
	DataPoints    Kind = "open-mhealth"
	FHIR          Kind = "fhir" // not read here
	Table         Kind = "csv"
)

// Sniff tells a file's kind by its beginning; a thousand bytes are enough.
func Sniff(head []byte) Kind {
	text := bytes.TrimLeft(head, "\ufeff \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return AppleArchive
	case bytes.HasPrefix(text, []byte("<")):
		return AppleDocument
	case bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[")):
		if bytes.Contains(text, []byte(`"resourceType"`)) {
			return FHIR
		}
		return DataPoints
	}
	return Table
}

// Read reads a file of any kind but FHIR.
func Read(ctx context.Context, r io.ReaderAt, size int64, o Options, emit func(Sample) error) (Summary, error) {
	head := make([]byte, min(size, 1024))
	if n, err := r.ReadAt(head, 0); err != nil && n < len(head) {
		return Summary{}, broken(1, err)
	}
	all := io.NewSectionReader(r, 0, size)
	switch Sniff(head) {
	case AppleArchive:
		return AppleZip(ctx, r, size, o, emit)
	case AppleDocument:
		return Apple(ctx, all, o, emit)
	case FHIR:
		return Summary{}, fault.New(fault.Invalid, "This is a file of FHIR resources, which is imported in another way.")
	case DataPoints:
		return Points(ctx, all, o, emit)
	}
	return CSV(ctx, all, o, emit)
}
