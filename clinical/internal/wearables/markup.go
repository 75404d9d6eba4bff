package wearables

import (
	"bytes"
	"errors"
	"io"
)

// The standard library's reader keeps a whole attribute in memory however long it is, and takes
// several times as long; so tags are read here. Text between them is passed over, as is a document type:
// entities that it declares are never expanded.

const (
	maxTag        = 64 << 10 // an element's tag with its attributes
	maxDepth      = 32
	maxAttributes = 64
	maxDoctype    = 1 << 20
)

type attribute struct{ name, value []byte } // the value as written, entities and all

// tags reads the elements of an XML document. After next, name and attributes are valid until the
// next call.
type tags struct {
	r          io.Reader
	buf        []byte
	at, end    int // what is unread
	line       int64
	stack      [][]byte
	name       []byte
	attributes []attribute
	closing    bool // an end tag, or the second half of an empty element
	empty      bool // the end of an empty element is due
	seen       bool // the root has begun
	typed      bool
	err        error // of r
}

func newTags(r io.Reader) *tags {
	return &tags{r: r, buf: make([]byte, 2*maxTag), line: 1}
}

var errMarkup = errors.New("no XML")

// more reads on, and reports whether there was more.
func (t *tags) more() bool {
	if t.err != nil {
		return false
	}
	if t.at > 0 {
		copy(t.buf, t.buf[t.at:t.end])
		t.at, t.end = 0, t.end-t.at
	}
	for tries := 0; tries < 100 && t.end < len(t.buf); tries++ {
		n, err := t.r.Read(t.buf[t.end:])
		t.end += n
		t.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	if t.err == nil {
		t.err = io.ErrNoProgress
	}
	return false
}

// fault is why there is nothing more: how the source ended, if not by its end.
func (t *tags) fault() error {
	if t.err != nil && !errors.Is(t.err, io.EOF) {
		return t.err
	}
	return io.ErrUnexpectedEOF
}

func (t *tags) drop(n int) {
	t.line += int64(bytes.Count(t.buf[t.at:t.at+n], []byte{'\n'}))
	t.at += n
}

// past drops everything up to the end of what.
func (t *tags) past(what string) error {
	for {
		if i := bytes.Index(t.buf[t.at:t.end], []byte(what)); i >= 0 {
			t.drop(i + len(what))
			return nil
		}
		t.drop(max(t.end-t.at-len(what)+1, 0))
		if !t.more() {
			return t.fault()
		}
	}
}

// next goes to the next tag; io.EOF after the root's end.
func (t *tags) next() error {
	if t.empty {
		t.empty, t.closing, t.attributes = false, true, t.attributes[:0]
		t.name = t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		return nil
	}
	for {
		i := bytes.IndexByte(t.buf[t.at:t.end], '<')
		text := t.buf[t.at:t.end]
		if i >= 0 {
			text = text[:i]
		}
		if len(t.stack) == 0 && len(bytes.TrimLeft(text, " \t\r\n\ufeff")) > 0 {
			return errMarkup
		}
		t.drop(len(text))
		if i < 0 {
			if t.more() {
				continue
			}
			if t.seen && len(t.stack) == 0 && errors.Is(t.err, io.EOF) {
				return io.EOF
			}
			return t.fault()
		}
		for t.end-t.at < 9 && t.more() {
		}
		rest := t.buf[t.at:t.end]
		var err error
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			t.drop(4)
			err = t.past("-->")
		case bytes.HasPrefix(rest, []byte("<?")):
			t.drop(2)
			err = t.past("?>")
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			if len(t.stack) == 0 {
				return errMarkup
			}
			t.drop(9)
			err = t.past("]]>")
		case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
			if t.seen || t.typed {
				return errMarkup
			}
			t.typed = true
			err = t.doctype()
		default:
			return t.tag()
		}
		if err != nil {
			return err
		}
	}
}

// doctype passes over a document type with what it declares.
func (t *tags) doctype() error {
	depth, read := 0, 0
	for {
		for t.end-t.at < 4 && t.more() {
		}
		if t.at == t.end {
			return t.fault()
		}
		if read++; read > maxDoctype {
			return errMarkup
		}
		rest := t.buf[t.at:t.end]
		var err error
		switch c := rest[0]; {
		case bytes.HasPrefix(rest, []byte("<!--")):
			t.drop(4)
			err = t.past("-->")
		case c == '"' || c == '\'':
			t.drop(1)
			err = t.past(string(c))
		case c == '<':
			depth++
			t.drop(1)
		case c == '>':
			depth--
			t.drop(1)
			if depth == 0 {
				return nil
			}
		default:
			t.drop(1)
		}
		if err != nil {
			return err
		}
	}
}

// tag reads one whole tag.
func (t *tags) tag() error {
	size, quote := 1, byte(0)
	for {
		for ; size < t.end-t.at; size++ {
			c := t.buf[t.at+size]
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '>' && size < maxTag:
				return t.parse(t.buf[t.at : t.at+size+1])
			case c == '<' || c == '>':
				return errMarkup
			}
		}
		if size >= maxTag {
			return errMarkup
		}
		if !t.more() {
			return t.fault()
		}
	}
}

func (t *tags) parse(tag []byte) error {
	t.drop(len(tag))
	t.attributes = t.attributes[:0]
	inner := tag[1 : len(tag)-1]
	if len(inner) > 0 && inner[0] == '/' {
		name := bytes.TrimRight(inner[1:], " \t\r\n")
		if len(t.stack) == 0 || !bytes.Equal(name, t.stack[len(t.stack)-1]) {
			return errMarkup
		}
		t.closing, t.name = true, name
		t.stack = t.stack[:len(t.stack)-1]
		return nil
	}
	t.closing, t.empty = false, false
	if n := len(inner); n > 0 && inner[n-1] == '/' {
		t.empty, inner = true, inner[:n-1]
	}
	n := nameLength(inner)
	if n == 0 || len(t.stack) == 0 && t.seen || len(t.stack) >= maxDepth {
		return errMarkup
	}
	t.name = inner[:n]
	for rest := inner[n:]; ; {
		trimmed := unspaced(rest)
		if len(trimmed) == 0 {
			break
		}
		n := nameLength(trimmed)
		if n == 0 || len(t.attributes) == maxAttributes {
			return errMarkup
		}
		name := trimmed[:n]
		trimmed = unspaced(trimmed[n:])
		if len(trimmed) == 0 || trimmed[0] != '=' {
			return errMarkup
		}
		trimmed = unspaced(trimmed[1:])
		if len(trimmed) < 2 || trimmed[0] != '"' && trimmed[0] != '\'' {
			return errMarkup
		}
		end := bytes.IndexByte(trimmed[1:], trimmed[0])
		if end < 0 {
			return errMarkup
		}
		for _, a := range t.attributes {
			if bytes.Equal(a.name, name) {
				return errMarkup
			}
		}
		t.attributes = append(t.attributes, attribute{name, trimmed[1 : 1+end]})
		rest = trimmed[end+2:]
	}
	t.seen = true
	t.stack = append(t.stack, bytes.Clone(t.name))
	return nil
}

// raw is the attribute with this name, as written; nil if there is none.
func (t *tags) raw(name string) []byte {
	for i := range t.attributes {
		if string(t.attributes[i].name) == name {
			return t.attributes[i].value
		}
	}
	return nil
}
