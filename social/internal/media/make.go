package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/jpeg"
	"image/png"
	"strconv"

	"github.com/mitral-health/mitral/platform/fault"
)

const (
	quality   = 82   // of JPEG: no visible loss on photographs, a quarter of the size at 95
	maxHeight = 4096 // of what is stored; a longer picture is made narrower
)

// made is a finished picture: what the database will know of it, and its files by key.
type made struct {
	Image
	files []file
}

type file struct {
	key  string
	data []byte
}

// process turns an uploaded file into the pictures that are stored. It is a pure function: the same
// bytes always give the same result.
func process(data []byte) (made, error) {
	h, err := sniff(data)
	if err != nil {
		return made{}, err
	}
	src, _, err := image.Decode(bytes.NewReader(data)) // of an animation, the first picture
	if err != nil {
		return made{}, fault.Wrap(err, fault.Invalid, "This picture is damaged or of a kind we can't read. Save it again as JPEG or PNG.")
	}
	b := src.Bounds()
	if b.Dx() > h.width || b.Dy() > h.height || b.Dx() < 1 || b.Dy() < 1 {
		return made{}, fault.New(fault.Invalid, "This picture is damaged or of a kind we can't read. Save it again as JPEG or PNG.")
	}
	w, hh := fit(b.Dx(), b.Dy(), h.orientation)
	largest := upright(shrink(src, w, hh), h.orientation)
	src = nil // the large one can go before the files are made

	m := made{Image: Image{Width: largest.Rect.Dx(), Height: largest.Rect.Dy(), Tone: tone(largest)}}
	var first []byte
	if m.Type, first, err = encode(largest, h.lossless); err != nil {
		return made{}, err
	}
	sum := sha256.Sum256(first)
	m.Hash = hex.EncodeToString(sum[:])
	for _, width := range widths {
		if width >= m.Width {
			break
		}
		small := shrink(largest, width, max(1, (m.Height*width+m.Width/2)/m.Width))
		data, err := encodeAs(m.Type, small)
		if err != nil {
			return made{}, err
		}
		m.Widths = append(m.Widths, width)
		m.files = append(m.files, file{m.key(width), data})
	}
	m.Widths = append(m.Widths, m.Width)
	m.files = append(m.files, file{m.key(m.Width), first})
	return m, nil
}

// fit returns the size, before turning, at which a w×h picture is stored: at most the widest width
// and maxHeight when upright, never enlarged.
func fit(w, h, orientation int) (int, int) {
	uw, uh := w, h
	if orientation >= 5 {
		uw, uh = h, w
	}
	widest := widths[len(widths)-1]
	if uw > widest {
		uw, uh = widest, max(1, (uh*widest+uw/2)/uw)
	}
	if uh > maxHeight {
		uw, uh = max(1, (uw*maxHeight+uh/2)/uh), maxHeight
	}
	if orientation >= 5 {
		return uh, uw
	}
	return uw, uh
}

// encode chooses the format: PNG for what has transparency, and for drawings and screenshots (from a
// format without loss) when it is no larger than JPEG; JPEG for everything else.
func encode(m *image.RGBA, lossless bool) (string, []byte, error) {
	if !m.Opaque() {
		data, err := encodeAs("image/png", m)
		return "image/png", data, err
	}
	photo, err := encodeAs("image/jpeg", m)
	if err != nil || !lossless {
		return "image/jpeg", photo, err
	}
	flat, err := encodeAs("image/png", m)
	if err == nil && len(flat) <= len(photo) {
		return "image/png", flat, nil
	}
	return "image/jpeg", photo, err
}

func encodeAs(kind string, m image.Image) ([]byte, error) {
	var out bytes.Buffer
	var err error
	if kind == "image/png" {
		err = png.Encode(&out, m)
	} else {
		err = jpeg.Encode(&out, m, &jpeg.Options{Quality: quality})
	}
	return out.Bytes(), err
}

// tone is the mean colour in 64 steps: what the page shows until the picture is there. A style sheet
// has a class for each, since a page may not carry styles of its own.
func tone(m *image.RGBA) string {
	var sum [3]uint64
	for i := 0; i+3 < len(m.Pix); i += 4 {
		for c := range sum {
			sum[c] += uint64(m.Pix[i+c]) + 255 - uint64(m.Pix[i+3]) // on white where transparent
		}
	}
	n := max(1, uint64(len(m.Pix)/4))
	out := ""
	for _, s := range sum {
		out += strconv.FormatUint((s/n*3+127)/255, 10)
	}
	return out
}
