package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// File is a file of a form while it arrives. What Name and Type say is the sender's claim.
type File struct {
	Field string
	Name  string // without folders; may be empty
	Type  string
	io.Reader
}

// maxText is the size of a text field in a form with files.
const maxText = 256 << 10

// Upload reads a multipart form without keeping it: each file is handed to take as it arrives, in the
// form's order, and must be read there; more than perFile bytes of one reads as fault.TooLarge. Empty
// file fields are skipped. The text fields are returned, under the rules of Form; those after a file
// are not known yet when take gets it. The whole is limited by the route's Body.
func Upload(r *http.Request, perFile int64, take func(*File) error) (url.Values, error) {
	mr, err := r.MultipartReader()
	if err != nil {
		return nil, errForm
	}
	v := url.Values{}
	for n := 0; ; n++ {
		p, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return v, nil
		}
		if err != nil {
			return nil, unread(err)
		}
		if n >= maxFields || !plain(p.FormName()) {
			return nil, errForm
		}
		if p.FileName() == "" && p.Header.Get("Content-Type") == "" {
			b, err := io.ReadAll(&limited{r: p, left: maxText, limit: maxText})
			if err != nil {
				return nil, unread(err)
			}
			if !plain(string(b)) {
				return nil, errForm
			}
			v.Add(p.FormName(), lines(string(b)))
			continue
		}
		body := &limited{r: p, left: perFile, limit: perFile}
		first := make([]byte, 1)
		if _, err := io.ReadFull(p, first); errors.Is(err, io.EOF) {
			continue // a file field that was left empty
		} else if err != nil {
			return nil, unread(err)
		}
		body.r = io.MultiReader(strings.NewReader(string(first)), p)
		f := &File{Field: p.FormName(), Name: fileName(p.FileName()), Type: p.Header.Get("Content-Type"), Reader: body}
		if err := take(f); err != nil {
			return nil, unread(err)
		}
	}
}

// fileName keeps the last element of what the sender called it.
func fileName(s string) string {
	s = path.Base(strings.ReplaceAll(s, "\\", "/"))
	if s == "." || s == ".." || s == "/" || !plain(s) || len(s) > 255 {
		return ""
	}
	return s
}

// limited reads up to limit bytes and then fails, where io.LimitedReader would pretend an end.
type limited struct {
	r           io.Reader
	left, limit int64
}

func (l *limited) Read(b []byte) (int, error) {
	if int64(len(b)) > l.left+1 {
		b = b[:l.left+1]
	}
	n, err := l.r.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, tooLarge(l.limit, nil)
	}
	return n, err
}
