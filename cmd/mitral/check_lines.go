package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/mitral-health/mitral/gate/scan"
)

// maxLine is how long a line of JSON may be: a text of 1 MiB, escaped, and its parent.
const maxLine = 8 << 20

type lineIn struct {
	ID           jsontext.Value `json:"id"`
	Text         string         `json:"text"`
	Lang         string         `json:"lang"`
	Jurisdiction string         `json:"jurisdiction"`
	Kind         string         `json:"kind"`
	Channel      string         `json:"channel"`
	AuthorRole   string         `json:"author_role"`
	Parent       string         `json:"parent"`
}

// checkLines judges one JSON object a line, in order and without end. A line that can't be read gets a
// line {"id", "error"} and makes the whole fail at the end, so that nothing is taken for clean.
func checkLines(engine *scan.Engine, f checkFlags, in io.Reader, out io.Writer) error {
	r := bufio.NewReaderSize(in, 64<<10)
	w := bufio.NewWriterSize(out, 64<<10)
	bad := 0
	for n := 1; ; n++ {
		line, err := readLine(r)
		if err != nil && !errors.Is(err, io.EOF) {
			return errors.Join(fmt.Errorf("line %d: %w", n, err), w.Flush())
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if lineErr := checkLine(engine, f, line, w); lineErr != nil {
				bad++
			}
		}
		if r.Buffered() == 0 { // nobody should wait for an answer that is ready
			if err := w.Flush(); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d lines could not be read", bad)
	}
	return nil
}

func checkLine(engine *scan.Engine, f checkFlags, line []byte, w *bufio.Writer) error {
	c := f.context
	var in lineIn
	err := json.Unmarshal(line, &in)
	if err == nil && len(in.Text) > maxCheck {
		err = errors.New("the text is larger than 1 MiB")
	}
	if err != nil {
		return errors.Join(err, json.MarshalWrite(w, map[string]any{"id": in.ID, "error": "this line is not an object as described in mitral check -h"}, json.Deterministic(true)), w.WriteByte('\n'))
	}
	c.Lang, c.Jurisdiction = cmp.Or(in.Lang, c.Lang), cmp.Or(in.Jurisdiction, c.Jurisdiction)
	c.Kind, c.Channel = cmp.Or(in.Kind, c.Kind), cmp.Or(in.Channel, c.Channel)
	c.AuthorRole, c.Parent = cmp.Or(in.AuthorRole, c.AuthorRole), cmp.Or(in.Parent, c.Parent)
	id := in.ID
	if id == nil {
		id = jsontext.Value("null")
	}
	return writeVerdict(w, id, engine.Scan(in.Text, c), engine, in.Text, f.entities)
}

// readLine returns the next line without its end, or what is left with io.EOF.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxLine {
			return nil, fmt.Errorf("longer than %d MiB", maxLine>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}
