package media

import (
	"crypto/sha256"
	"encoding/hex"
	"image"
	"strconv"

	"github.com/mitral-health/mitral/platform/photo"
)

// MaxBytes is the largest file that is taken.
const MaxBytes = photo.MaxBytes

const maxHeight = 4096 // of what is stored; a longer picture is made narrower

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
	p, err := photo.Read(data, widths[len(widths)-1], maxHeight)
	if err != nil {
		return made{}, err
	}
	largest := p.RGBA
	m := made{Image: Image{Width: largest.Rect.Dx(), Height: largest.Rect.Dy(), Tone: tone(largest)}}
	var first []byte
	if m.Type, first, err = p.Encode(); err != nil {
		return made{}, err
	}
	sum := sha256.Sum256(first)
	m.Hash = hex.EncodeToString(sum[:])
	for _, width := range widths {
		if width >= m.Width {
			break
		}
		small := photo.Shrink(largest, width, max(1, (m.Height*width+m.Width/2)/m.Width))
		data, err := photo.EncodeAs(m.Type, small)
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
