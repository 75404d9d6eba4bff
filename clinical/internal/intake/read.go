package intake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/mitral-health/mitral/clinical/internal/bundle"
)

// job is what one worker takes at once: a whole document, some lines, or some entries of a long bundle.
type job struct {
	source   *source
	document []byte
	lines    [][]byte
	entries  [][]byte
	kind     string       // of the bundle whose entries they are
	links    bundle.Links // of that bundle
	from     int64        // position of the first line or entry
	last     bool
	broken   error // what keeps the rest of the file from being read
}

const (
	inMemory  = 32 << 20 // a longer document is read by the entry
	longest   = 16 << 20 // bytes of a line or an entry
	atOnce    = 500      // lines or entries in one job
	bytesOnce = 4 << 20
)

// read cuts a file into jobs.
func (s *source) read(ctx context.Context, give func(*job) error) error {
	in, err := s.open()
	if err != nil {
		return give(&job{source: s, from: s.done, last: true, broken: err})
	}
	defer in.Close()
	text := bufio.NewReaderSize(in, 1<<20)
	if byLine(s.path, text) {
		return s.readLines(text, give)
	}
	whole, err := io.ReadAll(io.LimitReader(text, inMemory+1))
	if err != nil {
		return give(&job{source: s, from: s.done, last: true, broken: err})
	}
	if len(whole) <= inMemory {
		return give(&job{source: s, document: whole, from: s.done, last: true})
	}
	whole = nil
	return s.readEntries(ctx, give)
}

// byLine reports whether there is a resource on each line: the name says so, or the first line is one.
func byLine(path string, text *bufio.Reader) bool {
	switch extension(path) {
	case ".ndjson", ".jsonl":
		return true
	}
	start, _ := text.Peek(1 << 20)
	first, rest, ok := bytes.Cut(start, []byte("\n"))
	return ok && len(bytes.TrimSpace(rest)) > 0 && jsontext.Value(first).IsValid()
}

func (s *source) readLines(text *bufio.Reader, give func(*job) error) error {
	j := &job{source: s}
	size := 0
	for at := int64(0); ; at++ {
		line, err := readLine(text)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLong) {
			j.last, j.broken = true, err
			return give(j)
		}
		end := errors.Is(err, io.EOF)
		if !(end && len(line) == 0) && at >= s.done {
			if j.lines == nil {
				j.from = at
			}
			if errors.Is(err, errLong) {
				line = nil
			} else if line = bytes.TrimSpace(line); line == nil {
				line = []byte{}
			}
			j.lines = append(j.lines, line)
			size += len(line)
		}
		if end {
			j.last = true
			if j.lines == nil {
				j.from = max(at, s.done)
			}
			return give(j)
		}
		if len(j.lines) >= atOnce || size >= bytesOnce {
			if err := give(j); err != nil {
				return err
			}
			j, size = &job{source: s, from: at + 1}, 0
		}
	}
}

var errLong = fmt.Errorf("this line has more than %d bytes", longest)

// readLine returns a line that the caller may keep. Of one that is too long it returns errLong, having read it all.
func readLine(text *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := text.ReadSlice('\n')
		if !long {
			line = append(line, part...)
			long = len(line) > longest
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case long && (err == nil || errors.Is(err, io.EOF)):
			return nil, errLong
		default:
			return line, err
		}
	}
}

// readEntries cuts a bundle that is too long for one job: once through for the addresses of its
// entries, which references are told by, and once for the entries.
func (s *source) readEntries(ctx context.Context, give func(*job) error) error {
	links := bundle.Links{}
	kind, err := s.walk(ctx, func(at int64, raw []byte) error {
		var e struct {
			FullURL  string `json:"fullUrl"`
			Resource struct {
				ResourceType string `json:"resourceType"`
				ID           string `json:"id"`
			} `json:"resource"`
			Request struct {
				Method string `json:"method"`
			} `json:"request"`
		}
		if err := json.Unmarshal(raw, &e); err != nil || e.FullURL == "" || e.Resource.ResourceType == "" {
			return nil // its worker says what is wrong with it
		}
		links[e.FullURL] = e.Resource.ResourceType + "/" + s.idOf(e.Request.Method, e.FullURL, e.Resource.ID, at)
		return nil
	})
	if err == nil && kind == "history" {
		err = fmt.Errorf("a history of more than %d bytes", inMemory)
	}
	if err != nil {
		return give(&job{source: s, from: s.done, last: true, broken: err})
	}
	j, size, n := &job{source: s, kind: kind, links: links, from: s.done}, 0, int64(0)
	_, err = s.walk(ctx, func(at int64, raw []byte) error {
		n = at + 1
		if at < s.done {
			return nil
		}
		j.entries = append(j.entries, bytes.Clone(raw))
		if size += len(raw); len(j.entries) < atOnce && size < bytesOnce {
			return nil
		}
		full := j
		j, size = &job{source: s, kind: kind, links: links, from: at + 1}, 0
		return give(full)
	})
	var stopped *stop
	if errors.As(err, &stopped) {
		return stopped.err
	}
	j.last, j.broken, j.from = true, err, max(j.from, min(n, j.from))
	return give(j)
}

// stop is an error of whoever takes the entries, not of the file.
type stop struct{ err error }

func (s *stop) Error() string { return s.err.Error() }

// walk calls f with each entry of the bundle in the file and returns the bundle's type.
func (s *source) walk(ctx context.Context, f func(at int64, raw []byte) error) (kind string, err error) {
	in, err := s.open()
	if err != nil {
		return "", err
	}
	defer in.Close()
	dec := jsontext.NewDecoder(in)
	tok, err := dec.ReadToken()
	if err != nil {
		return "", err
	}
	if tok.Kind() != '{' {
		return "", errors.New("this is no JSON object")
	}
	bundled := false
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return "", err
		}
		member := name.String()
		if member != "entry" || dec.PeekKind() != '[' {
			v, err := dec.ReadValue()
			if err != nil {
				return "", err
			}
			switch member {
			case "type":
				_ = json.Unmarshal(v, &kind)
			case "resourceType":
				bundled = string(v) == `"Bundle"`
			}
			continue
		}
		if _, err := dec.ReadToken(); err != nil {
			return "", err
		}
		for at := int64(0); dec.PeekKind() != ']'; at++ {
			v, err := dec.ReadValue()
			if err != nil {
				return "", err
			}
			if err := f(at, v); err != nil {
				return "", &stop{err}
			}
			if err := ctx.Err(); err != nil {
				return "", &stop{err}
			}
		}
		if _, err := dec.ReadToken(); err != nil {
			return "", err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return "", err
	}
	if !bundled {
		return "", fmt.Errorf("this has more than %d bytes and is no Bundle", inMemory)
	}
	return kind, nil
}
