package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"
)

const typeRecord = "MITRAL.type" // of a file, in the tar's own kind of annotation

// writer makes the tar, part by part.
type writer struct {
	tar   *tar.Writer
	at    time.Time
	parts []Part
	open  Part
	sum   hash.Hash
}

func (a *writer) begin(part string) { a.open, a.sum = Part{Name: part}, sha256.New() }

// chunk writes one entry of the open part, of exactly size bytes.
func (a *writer) chunk(name string, r io.Reader, size int64, contentType string) error {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: taken(a.at), Format: tar.FormatPAX}
	if contentType != "" {
		h.PAXRecords = map[string]string{typeRecord: contentType}
	}
	if err := a.tar.WriteHeader(h); err != nil {
		return err
	}
	a.sum.Write(preface(name, size, contentType))
	if _, err := io.CopyN(io.MultiWriter(a.tar, a.sum), r, size); err != nil {
		return fmt.Errorf("%s changed while it was copied: %w", name, err)
	}
	a.open.Entries++
	a.open.Bytes += size
	return nil
}

func (a *writer) end() {
	a.open.SHA256 = hex.EncodeToString(a.sum.Sum(nil))
	a.parts = append(a.parts, a.open)
}

func (a *writer) manifest(m Manifest) error {
	b, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return err
	}
	if len(b) > maxManifest {
		return errors.New("backup: the manifest grew beyond what is read back")
	}
	a.begin("")
	return a.chunk(manifestEntry, bytes.NewReader(b), int64(len(b)), "")
}

// preface binds an entry's name, length and type into its part's hash.
func preface(name string, size int64, contentType string) []byte {
	return fmt.Appendf(nil, "%q %d %q\n", name, size, contentType)
}

// limits keep a file that was made to hurt from doing so. deflate can blow a byte up to a thousand;
// databases and pictures stay far below.
const (
	maxRatio    = 400
	freeOfRatio = 256 << 20 // bytes that need no excuse
	maxEntries  = 20_000_000
)

// walk reads a backup from front to back, calls f for every entry but the manifest, and returns the
// manifest if everything is there and unharmed. f need not read its entry to the end. Nothing that f
// did may count before walk returns without an error.
func walk(ctx context.Context, r io.Reader, f func(e entry, size int64, contentType string, body io.Reader) error) (Manifest, error) {
	packed := &counter{r: r}
	zip, err := gzip.NewReader(packed)
	if err != nil {
		return Manifest{}, damaged("not a gzip file")
	}
	zip.Multistream(false)
	t := tar.NewReader(&guard{ctx: ctx, r: zip, packed: packed})
	content := &guard{ctx: ctx, r: t, packed: packed} // a sparse entry is longer than what is stored of it
	var parts []Part
	var sum hash.Hash
	last := func() *Part { return &parts[len(parts)-1] }
	finish := func() {
		if len(parts) > 0 {
			last().SHA256 = hex.EncodeToString(sum.Sum(nil))
		}
	}
	for n := 0; ; n++ {
		h, err := t.Next()
		if err != nil {
			return Manifest{}, readError(err, "it ends too early")
		}
		if n > maxEntries {
			return Manifest{}, damaged("too many entries")
		}
		if h.Typeflag != tar.TypeReg || h.Size < 0 {
			return Manifest{}, damaged("an entry is no plain file")
		}
		if h.Name == manifestEntry {
			finish()
			return conclude(t, h, zip, parts)
		}
		e, ok := parseEntry(h.Name)
		if !ok {
			return Manifest{}, damaged("an entry has a name that no backup has")
		}
		if len(parts) == 0 || last().Name != e.part {
			if slices.ContainsFunc(parts, func(p Part) bool { return p.Name == e.part }) {
				return Manifest{}, damaged("a part comes twice")
			}
			finish()
			parts, sum = append(parts, Part{Name: e.part}), sha256.New()
		}
		if p := last(); e.table != "" && e.n != p.Entries+1 || e.table == "" && e.store != "" && p.Entries > 0 {
			return Manifest{}, damaged("a piece of a table is missing")
		}
		contentType := h.PAXRecords[typeRecord]
		sum.Write(preface(h.Name, h.Size, contentType))
		last().Entries++
		last().Bytes += h.Size
		body := io.TeeReader(content, sum)
		if f != nil {
			if err := f(e, h.Size, contentType, body); err != nil {
				return Manifest{}, err
			}
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return Manifest{}, readError(err, "an entry can't be read")
		}
	}
}

// conclude reads the manifest and compares it with what came before.
func conclude(t *tar.Reader, h *tar.Header, zip io.Reader, parts []Part) (Manifest, error) {
	if h.Size > maxManifest {
		return Manifest{}, damaged("the manifest is too large")
	}
	b, err := io.ReadAll(t)
	if err != nil {
		return Manifest{}, readError(err, "the manifest can't be read")
	}
	m, err := readManifest(b)
	if err != nil {
		return Manifest{}, err
	}
	if _, err := t.Next(); !errors.Is(err, io.EOF) {
		return Manifest{}, damaged("something follows the manifest")
	}
	if _, err := io.Copy(io.Discard, zip); err != nil { // gzip's own checksum
		return Manifest{}, readError(err, "its end is missing")
	}
	// A part without entries (no files, an empty table) leaves no trace but in the manifest.
	want := slices.DeleteFunc(slices.Clone(m.Parts), func(p Part) bool { return p.Entries == 0 })
	if !slices.Equal(want, parts) {
		return Manifest{}, damaged("what it holds is not what its manifest says")
	}
	return m, nil
}

func readError(err error, text string) error {
	if errors.Is(err, ErrDamaged) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return damaged("%s", text)
}

// counter counts the packed bytes.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// guard ends the reading when the context ends or far more comes out than went in.
type guard struct {
	ctx    context.Context
	r      io.Reader
	packed *counter
	n      int64
}

func (g *guard) Read(p []byte) (int, error) {
	if err := g.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := g.r.Read(p)
	g.n += int64(n)
	if g.n > freeOfRatio && g.n/maxRatio > g.packed.n {
		return 0, damaged("it unpacks to more than a backup would")
	}
	return n, err
}
