// Package photo makes pictures of files that anybody may have sent: it decodes them within strict limits, turns them
// upright, and encodes the pixels anew. Nothing of the file survives but its pixels: no place, no camera, no name,
// and nothing for which it is something else besides a picture. May import platform/fault.
package photo

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"

	"github.com/mitral-health/mitral/platform/fault"
)

const quality = 82 // of JPEG: no visible loss on photographs, a quarter of the size at 95

// Photo is a picture that stands upright.
type Photo struct {
	*image.RGBA
	Lossless bool // its file was of a format without loss: likely a drawing or a picture of a screen
}

// Read makes a photo of a file, at most wide and high, never enlarged. It decides by the content, never by a name. The
// same bytes always give the same pixels; what is refused is a fault that says why.
func Read(data []byte, wide, high int) (Photo, error) {
	h, err := sniff(data)
	if err != nil {
		return Photo{}, err
	}
	src, _, err := image.Decode(bytes.NewReader(data)) // of an animation, the first picture
	if err != nil {
		return Photo{}, fault.Wrap(err, fault.Invalid, "This picture is damaged or of a kind we can't read. Save it again as JPEG or PNG.")
	}
	b := src.Bounds()
	if b.Dx() > h.width || b.Dy() > h.height || b.Dx() < 1 || b.Dy() < 1 {
		return Photo{}, fault.New(fault.Invalid, "This picture is damaged or of a kind we can't read. Save it again as JPEG or PNG.")
	}
	if h.orientation >= 5 { // lies on its side
		high, wide = fit(b.Dy(), b.Dx(), wide, high)
	} else {
		wide, high = fit(b.Dx(), b.Dy(), wide, high)
	}
	return Photo{upright(Shrink(src, wide, high), h.orientation), h.lossless}, nil
}

// fit returns the size at which a w×h picture stays within wide and high.
func fit(w, h, wide, high int) (int, int) {
	if w > wide {
		w, h = wide, max(1, (h*wide+w/2)/w)
	}
	if h > high {
		w, h = max(1, (w*high+h/2)/h), high
	}
	return w, h
}

// Encode chooses the format: PNG for what has transparency, and for drawings and screenshots when it is no
// larger than JPEG; JPEG for everything else.
func (p Photo) Encode() (kind string, data []byte, err error) {
	if !p.Opaque() {
		data, err := EncodeAs("image/png", p)
		return "image/png", data, err
	}
	data, err = EncodeAs("image/jpeg", p)
	if err != nil || !p.Lossless {
		return "image/jpeg", data, err
	}
	flat, err := EncodeAs("image/png", p)
	if err == nil && len(flat) <= len(data) {
		return "image/png", flat, nil
	}
	return "image/jpeg", data, err
}

// EncodeAs writes pixels as image/png or image/jpeg.
func EncodeAs(kind string, m image.Image) ([]byte, error) {
	var out bytes.Buffer
	var err error
	if r, ok := m.(Photo); ok {
		m = r.RGBA // which the encoders know
	}
	if kind == "image/png" {
		err = png.Encode(&out, m)
	} else {
		err = jpeg.Encode(&out, m, &jpeg.Options{Quality: quality})
	}
	return out.Bytes(), err
}
