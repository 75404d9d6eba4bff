package backup_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/backup"
)

func small(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	return take(t, furnished(t, map[string]string{"gate": filepath.Join(dir, "gate.db"), "social": filepath.Join(dir, "social.db")}))
}

type item struct {
	h    tar.Header
	body []byte
}

func unpack(t *testing.T, b []byte) (items []item) {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(b))
	must(t, err)
	r := tar.NewReader(zip)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return items
		}
		must(t, err)
		body, err := io.ReadAll(r)
		must(t, err)
		items = append(items, item{*h, body})
	}
}

func pack(items []item) []byte {
	var buf bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&buf, gzip.BestSpeed)
	w := tar.NewWriter(zip)
	for _, i := range items {
		i.h.Size = int64(len(i.body))
		i.h.Format = tar.FormatPAX
		if err := w.WriteHeader(&i.h); err != nil {
			panic(err)
		}
		w.Write(i.body)
	}
	w.Close()
	zip.Close()
	return buf.Bytes()
}

func TestDamageIsFound(t *testing.T) {
	whole := small(t)
	if _, err := backup.Verify(t.Context(), bytes.NewReader(pack(unpack(t, whole)))); err != nil {
		t.Fatalf("packed anew: %v", err) // or the cases below prove nothing
	}
	last := len(unpack(t, whole)) - 1
	manifest := func(change func(m *backup.Manifest)) func([]item) []item {
		return func(i []item) []item {
			var m backup.Manifest
			if err := json.Unmarshal(i[last].body, &m); err != nil {
				t.Fatal(err)
			}
			change(&m)
			i[last].body, _ = json.Marshal(m)
			return i
		}
	}
	for name, change := range map[string]func(i []item) []item{
		"a byte changed":        func(i []item) []item { i[1].body[5000] ^= 1; return i },
		"a file changed":        func(i []item) []item { i[last-1].body = append(i[last-1].body, 'x'); return i },
		"a file's type changed": func(i []item) []item { i[last-1].h.PAXRecords["MITRAL.type"] = "text/html"; return i },
		"a file renamed":        func(i []item) []item { i[last-1].h.Name = "files/other"; return i },
		"a file gone":           func(i []item) []item { return append(i[:last-1:last-1], i[last]) },
		"a file twice":          func(i []item) []item { return append(append(i[:last:last], i[last-1]), i[last]) },
		"a store gone":          func(i []item) []item { return i[1:] },
		"no manifest":           func(i []item) []item { return i[:last] },
		"more after it":         func(i []item) []item { return append(i, i[last-1]) },
		"nothing":               func(i []item) []item { return nil },
		"climbs": func(i []item) []item {
			i[last-1].h.Name = "files/../../etc/passwd"
			return i
		},
		"absolute":     func(i []item) []item { i[0].h.Name = "/stores/gate/database.db"; return i },
		"store climbs": func(i []item) []item { i[0].h.Name = "stores/../database.db"; return i },
		"link": func(i []item) []item {
			i[0].h.Typeflag = tar.TypeSymlink
			i[0].h.Linkname = "/etc/passwd"
			i[0].body = nil
			return i
		},
		"no JSON":         func(i []item) []item { i[last].body = []byte("{"); return i },
		"format 0":        manifest(func(m *backup.Manifest) { m.Format = 0 }),
		"other kind":      manifest(func(m *backup.Manifest) { m.Database = "oracle" }),
		"store twice":     manifest(func(m *backup.Manifest) { m.Stores = append(m.Stores, m.Stores[0]) }),
		"odd store":       manifest(func(m *backup.Manifest) { m.Stores[0].Name = "../x" }),
		"odd table":       manifest(func(m *backup.Manifest) { m.Stores[0].Tables = []backup.Table{{Name: `x"; DROP TABLE y`}} }),
		"odd column":      manifest(func(m *backup.Manifest) { m.Stores[0].Tables = []backup.Table{{Name: "x", Columns: []string{"a b"}}} }),
		"odd sequence":    manifest(func(m *backup.Manifest) { m.Stores[0].Sequences = []backup.Sequence{{Name: "'"}} }),
		"hash of another": manifest(func(m *backup.Manifest) { m.Parts[0].SHA256 = m.Parts[1].SHA256 }),
		"part too many":   manifest(func(m *backup.Manifest) { m.Parts = append(m.Parts, backup.Part{Name: "x", Entries: 1}) }),
	} {
		b := pack(change(unpack(t, whole)))
		if _, err := backup.Verify(t.Context(), bytes.NewReader(b)); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, n := range []int{0, 1, 10, len(whole) / 2, len(whole) - 20, len(whole) - 4} {
		if _, err := backup.Verify(t.Context(), bytes.NewReader(whole[:n])); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	newer := pack(manifest(func(m *backup.Manifest) { m.Format = 99 })(unpack(t, whole)))
	if _, err := backup.Verify(t.Context(), bytes.NewReader(newer)); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("newer format: %v", err)
	}
}

// zeros are bytes that pack a thousandfold.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestBombIsDefused(t *testing.T) {
	var buf bytes.Buffer
	zip := gzip.NewWriter(&buf)
	w := tar.NewWriter(zip)
	const size = 1 << 30
	must(t, w.WriteHeader(&tar.Header{Name: "files/bomb", Size: size, Typeflag: tar.TypeReg}))
	if _, err := io.CopyN(w, zeros{}, size/2); err != nil { // half is enough to be refused
		t.Fatal(err)
	}
	zip.Close()
	_, err := backup.Verify(t.Context(), bytes.NewReader(buf.Bytes()))
	if !errors.Is(err, backup.ErrDamaged) || !strings.Contains(err.Error(), "unpacks to more") {
		t.Errorf("%d bytes that unpack to %d: %v", buf.Len(), size/2, err)
	}
	sparse := sparseEntry(1 << 40)
	if _, err := backup.Verify(t.Context(), bytes.NewReader(sparse)); err == nil || !strings.Contains(err.Error(), "unpacks to more") {
		t.Errorf("a sparse terabyte: %v", err)
	}
}

// sparseEntry is a tar entry of size bytes of which none is stored, in the form of GNU tar, which Go
// reads but does not write.
func sparseEntry(size int64) []byte {
	var raw bytes.Buffer
	block := func(typ byte, name string, body []byte) {
		h := make([]byte, 512)
		copy(h, name)
		copy(h[100:], "0000600\x000000000\x000000000\x00")
		copy(h[124:], fmt.Sprintf("%011o\x0000000000000\x00", len(body)))
		copy(h[148:], "        ")
		h[156] = typ
		copy(h[257:], "ustar\x0000")
		sum := 0
		for _, c := range h {
			sum += int(c)
		}
		copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
		raw.Write(h)
		raw.Write(body)
		raw.Write(make([]byte, (512-len(body)%512)%512))
	}
	var pax string
	for _, kv := range []string{"GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=files/hole", fmt.Sprintf("GNU.sparse.realsize=%d", size)} {
		n := len(kv) + 4
		pax += fmt.Sprintf("%d %s\n", n+len(fmt.Sprint(n))-2, kv)
	}
	block('x', "pax", []byte(pax))
	body := make([]byte, 512)
	copy(body, fmt.Sprintf("1\n%d\n0\n", size))
	block('0', "files/hole", body)
	raw.Write(make([]byte, 1024))
	var buf bytes.Buffer
	zip := gzip.NewWriter(&buf)
	zip.Write(raw.Bytes())
	zip.Close()
	return buf.Bytes()
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte("files/a"), []byte("x"), []byte(`{"format":1,"database":"sqlite"}`))
	f.Add([]byte("stores/gate/database.db"), []byte("SQLite format 3"), []byte(`{"format":2}`))
	f.Add([]byte("stores/social/posts/00000001.copy"), []byte("a\tb\n"), []byte(`{"format":1,"stores":[{"name":"social"}]}`))
	f.Add([]byte("files/../x"), []byte(""), []byte("[]"))
	f.Fuzz(func(t *testing.T, name, body, manifest []byte) {
		items := []item{{tar.Header{Typeflag: tar.TypeReg, Name: strings.ToValidUTF8(strings.ReplaceAll(string(name), "\x00", ""), "?")}, body},
			{tar.Header{Typeflag: tar.TypeReg, Name: "manifest.json"}, manifest}}
		var b []byte
		func() {
			defer func() { recover() }() // names that tar itself refuses to write
			b = pack(items)
		}()
		if _, err := backup.Verify(t.Context(), bytes.NewReader(b)); err == nil {
			t.Errorf("a backup out of nothing: %q %q %q", name, body, manifest)
		}
		if _, err := backup.Verify(t.Context(), bytes.NewReader(body)); err == nil {
			t.Errorf("a backup out of nothing: %q", body)
		}
	})
}
