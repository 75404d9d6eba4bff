package talk

import (
	"bytes"
	"path"
	"strings"
	"unicode"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/photo"
)

const paper = "application/pdf"

// The largest a photo is kept: a screen of a phone held sideways, twice.
const (
	widest  = 1600
	highest = 2400
)

// recognise decides by its content what a file is, and makes of it what is kept: a photo's pixels, a PDF as it is.
// Everything else is refused. It is pure.
func recognise(data []byte, title string) (File, []byte, error) {
	if len(data) > maxFile {
		return File{}, nil, photo.TooHeavy()
	}
	if bytes.HasPrefix(data, []byte("%PDF-")) {
		tail := data[max(0, len(data)-1024):]
		if !bytes.Contains(tail, []byte("%%EOF")) {
			return File{}, nil, fault.New(fault.Invalid, "This PDF did not arrive whole, or is damaged. Try again.")
		}
		return File{Title: titled(title, ".pdf"), Type: paper}, data, nil
	}
	p, err := photo.Read(data, widest, highest)
	if err != nil {
		return File{}, nil, err
	}
	kind, out, err := p.Encode()
	if err != nil {
		return File{}, nil, err
	}
	ext := ".jpg"
	if kind == "image/png" {
		ext = ".png"
	}
	return File{Title: titled(title, ext), Type: kind, Wide: p.Rect.Dx(), High: p.Rect.Dy()}, out, nil
}

// titled is what a file is called: what its sender says, as far as that is a name, with the ending of what it is.
func titled(name, ext string) string {
	name = strings.TrimSuffix(name, path.Ext(name))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ' || r == '-' || r == '_' || r == '.' || r == '(' || r == ')':
			return r
		case unicode.IsMark(r):
			return r
		}
		return -1 // also what turns the direction of writing, behind which another ending could hide
	}, name)
	name = strings.Trim(name, " .")
	if r := []rune(name); len(r) > 80 {
		name = strings.TrimSpace(string(r[:80]))
	}
	if name == "" {
		name = "file"
	}
	return name + ext
}
