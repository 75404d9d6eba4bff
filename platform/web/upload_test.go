package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/fault"
)

// parts writes a multipart form: "name" and text, or "name:file.png" and its bytes.
func parts(t *testing.T, pairs ...string) *http.Request {
	t.Helper()
	var b strings.Builder
	m := multipart.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		name, file, isFile := strings.Cut(pairs[i], ":")
		h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + name + `"`}}
		if isFile {
			h = textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + name + `"; filename="` + file + `"`}, "Content-Type": {"image/png"}}
		}
		w, err := m.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader(b.String()))
	r.Header.Set("Content-Type", m.FormDataContentType())
	return r
}

func TestUpload(t *testing.T) {
	var got []string
	take := func(f *File) error {
		b, err := io.ReadAll(f)
		got = append(got, f.Field+" "+f.Name+" "+f.Type+" "+string(b))
		return err
	}
	v, err := Upload(parts(t, "alt", "a\r\nb", "image:../../etc/a.png", "12345", "empty:", "", "image:C:\\b.png", "x", "alt", "c"), 5, take)
	if err != nil || strings.Join(got, "|") != "image a.png image/png 12345|image b.png image/png x" || strings.Join(v["alt"], "|") != "a\nb|c" {
		t.Errorf("%v %q %v", v, got, err)
	}
	own := errors.New("own")
	whole := parts(t, "image:a.png", strings.Repeat("a", 3000))
	whole.Body = http.MaxBytesReader(nil, whole.Body, 1000)
	cut := parts(t, "image:a.png", strings.Repeat("a", 3000))
	cut.Body = io.NopCloser(io.LimitReader(cut.Body, 1000))
	for name, c := range map[string]struct {
		r    *http.Request
		take func(*File) error
		want fault.Kind
	}{
		"whole too large": {whole, func(f *File) error { _, err := io.Copy(io.Discard, f); return err }, fault.TooLarge},
		"cut off":         {cut, func(f *File) error { _, err := io.Copy(io.Discard, f); return err }, fault.Invalid},
		"text too large":  {parts(t, "alt", strings.Repeat("a", maxText+1)), take, fault.TooLarge},
		"not UTF-8":       {parts(t, "alt", "\xff"), take, fault.Invalid},
		"NUL":             {parts(t, "alt", "\x00"), take, fault.Invalid},
		"taker's fault":   {parts(t, "image:a.png", "1"), func(*File) error { return fault.Wrap(own, fault.Conflict, "No.") }, fault.Conflict},
		"no upload":       {httptest.NewRequest("POST", "/", strings.NewReader("a=b")), take, fault.Invalid},
	} {
		if _, err := Upload(c.r, 5000, c.take); !fault.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Upload(parts(t, "image:a.png", "123456"), 5, take); !fault.Is(err, fault.TooLarge) {
		t.Errorf("file too large: %v", err)
	}
	if v, err := Form(parts(t, "a", "b")); err != nil || v.Get("a") != "b" {
		t.Errorf("a form in parts: %v, %v", v, err)
	}
	if _, err := Form(parts(t, "a:f.png", "b")); !fault.Is(err, fault.Invalid) {
		t.Errorf("a form with a file: %v", err)
	}
}

func FuzzUpload(f *testing.F) {
	f.Add("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n")
	f.Add("--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../x\"\r\n\r\nx\r\n--b--")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		v, err := Upload(r, 100, func(f *File) error {
			if strings.ContainsAny(f.Name, "/\\\x00") || !plain(f.Field) {
				t.Errorf("name %q of field %q", f.Name, f.Field)
			}
			n, err := io.Copy(io.Discard, f)
			if n > 100 {
				t.Errorf("%d bytes", n)
			}
			return err
		})
		for _, values := range v {
			for _, s := range values {
				if !plain(s) {
					t.Errorf("let %q through", s)
				}
			}
		}
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Errorf("%v", err)
		}
	})
}
