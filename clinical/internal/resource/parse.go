package resource

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
)

// Parse reads one JSON value. What it refuses is an *outcome.Error with status 400.
func Parse(data []byte) (*Node, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(data)) // duplicate names and invalid UTF-8 are refused by default
	var n Node
	if err := read(dec, &n, 0); err != nil {
		return nil, refuse(err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, outcome.New(http.StatusBadRequest, outcome.Structure, "", "There is something after the JSON value.")
	}
	return &n, nil
}

var errDepth = errors.New("this nests too deep")

func refuse(err error) error {
	var syn *jsontext.SyntacticError
	text := "This is not JSON: " + strings.TrimPrefix(err.Error(), "jsontext: ") + "."
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syn):
		text = "A name is given twice: " + string(syn.JSONPointer) + "."
	case errors.Is(err, errDepth):
		text = "This nests too deep."
	}
	return outcome.New(http.StatusBadRequest, outcome.Structure, "", text)
}

func read(dec *jsontext.Decoder, n *Node, depth int) error {
	if depth > MaxDepth {
		return errDepth
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch tok.Kind() {
	case '"':
		n.Kind, n.Text = String, tok.String()
	case '0':
		n.Kind, n.Text = Number, tok.String()
	case 't', 'f':
		n.Kind, n.Text = Bool, tok.String()
	case 'n':
		n.Kind = Null
	case '[':
		n.Kind = Array
		for dec.PeekKind() != ']' {
			n.Kids = append(n.Kids, Node{})
			if err := read(dec, &n.Kids[len(n.Kids)-1], depth+1); err != nil {
				return err
			}
		}
		_, err = dec.ReadToken()
	case '{':
		n.Kind = Object
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return err
			}
			n.Kids = append(n.Kids, Node{Name: name.String()})
			if err := read(dec, &n.Kids[len(n.Kids)-1], depth+1); err != nil {
				return err
			}
		}
		_, err = dec.ReadToken()
	}
	return err
}
