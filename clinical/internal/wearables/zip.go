package wearables

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"math"
	"path"
	"strings"

	"github.com/mitral-health/mitral/platform/fault"
)

const (
	maxUnpacked  = 16 << 30
	maxDirectory = 8 << 20 // of an archive: some fifty thousand files
	maxRatio     = 200     // an export packs at 20 to 60 to 1; deflate does 1032 at best
	ratioFree    = 8 << 20 // unpacked, before the ratio counts
)

var (
	errDirectory = errors.New("the directory of the archive is too big")
	errBomb      = errors.New("the archive unpacks to too much")
)

// AppleZip reads the archive that Apple Health exports: the document in it, and nothing else.
func AppleZip(ctx context.Context, r io.ReaderAt, size int64, o Options, emit func(Sample) error) (Summary, error) {
	limited := &budget{r, maxDirectory}
	z, err := zip.NewReader(limited, size)
	if err != nil {
		return Summary{}, fault.Wrap(err, fault.Invalid, "The archive can’t be read. It may be damaged.")
	}
	var document *zip.File
	for _, f := range z.File {
		name := strings.ToLower(path.Base(f.Name))
		if path.Ext(name) != ".xml" || strings.HasSuffix(name, "_cda.xml") || strings.Count(strings.Trim(f.Name, "/"), "/") > 1 {
			continue // its name is in the language of the telephone
		}
		if document != nil {
			return Summary{}, fault.New(fault.Invalid, "The archive holds several documents. Choose the one that Apple Health exported.")
		}
		document = f
	}
	if document == nil {
		return Summary{}, fault.New(fault.Invalid, "The archive holds no export of Apple Health.")
	}
	limited.left = math.MaxInt64
	most := o.MaxBytes
	if most == 0 {
		most = maxUnpacked
	}
	offset, err := document.DataOffset()
	packed := int64(document.CompressedSize64)
	if err != nil || packed < 0 || packed > size-offset || document.Flags&1 != 0 {
		return Summary{}, fault.Wrap(errors.Join(err, zip.ErrFormat), fault.Invalid, "The archive can’t be read. It may be damaged.")
	}
	in, err := document.Open()
	if err != nil {
		return Summary{}, fault.Wrap(err, fault.Invalid, "The archive can’t be read. It may be damaged.")
	}
	defer in.Close()
	sum, err := Apple(ctx, &unpacked{r: in, most: most, packed: packed}, o, emit)
	if errors.Is(err, errBomb) {
		err = fault.Wrap(err, fault.TooLarge, "The archive unpacks to far more than an export holds.")
	}
	return sum, err
}

// budget lets so many bytes be read, which bounds what the directory of an archive can grow to.
type budget struct {
	r    io.ReaderAt
	left int64
}

func (b *budget) ReadAt(p []byte, at int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errDirectory
	}
	return b.r.ReadAt(p, at)
}

// unpacked stops when there is too much, or too much for what it was packed in.
type unpacked struct {
	r            io.Reader
	read         int64
	most, packed int64
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.read += int64(n)
	if u.read > u.most || u.read > ratioFree && u.read/maxRatio > u.packed {
		return 0, errBomb
	}
	return n, err
}
