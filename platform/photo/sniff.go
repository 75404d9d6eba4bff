package photo

import (
	"bytes"
	"encoding/binary"
	"image"
	_ "image/gif" // the formats that are taken
	_ "image/jpeg"
	_ "image/png"

	_ "golang.org/x/image/webp"

	"github.com/mitral-health/mitral/platform/fault"
)

// What is taken. The limits are checked on the file's headers, before anything is decoded.
const (
	MaxBytes  = 15 << 20   // of the uploaded file
	maxPixels = 40_000_000 // a 40-megapixel camera
	maxSide   = 20_000
	minSide   = 16
	maxRatio  = 20        // longest side to shortest
	maxMemory = 400 << 20 // what decoding may take
	maxScans  = 64        // of a progressive JPEG; cameras and editors make about ten
)

// header is what a file's first bytes say about it.
type header struct {
	format        string // jpeg, png, gif, webp
	width, height int
	orientation   int // EXIF 2.32, 1 to 8; 1 is upright
	lossless      bool
}

// sniff reads the headers of a file by its content, never by its name, and refuses what is no
// picture, or too large or oddly shaped to decode.
func sniff(data []byte) (header, error) {
	if len(data) == 0 {
		return header{}, fault.New(fault.Invalid, "This file is empty. Choose another picture.")
	}
	if len(data) > MaxBytes {
		return header{}, TooHeavy()
	}
	cfg, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil && heic(data) {
		return header{}, fault.Wrap(err, fault.Invalid, "This photo is in the HEIC format, which we can't read. Save it as JPEG, or take a picture of the screen, and choose that.")
	}
	if err != nil {
		return header{}, fault.Wrap(err, fault.Invalid, "This is not a picture we can read. Use JPEG, PNG, GIF or WebP.")
	}
	h := header{format: format, width: cfg.Width, height: cfg.Height, orientation: 1, lossless: format == "png" || format == "gif"}
	perPixel := 4 // bytes of memory
	switch format {
	case "jpeg":
		m := walkJPEG(data)
		h.orientation = m.orientation
		if m.progressive {
			perPixel = 15 // coefficients of three full planes, and the planes
			if scansJPEG(data) > maxScans {
				return header{}, fault.New(fault.Invalid, "This picture is damaged or of a kind we can't read. Save it again as JPEG or PNG.")
			}
		}
	case "png":
		h.orientation = orientationPNG(data)
		if len(data) > 24 && data[24] == 16 {
			perPixel = 8
		}
	case "webp":
		w := walkWebP(data)
		h.orientation, h.lossless = w.orientation, w.lossless
		// The canvas in the container and the picture inside may disagree; both must be in bounds.
		h.width, h.height = max(h.width, w.width), max(h.height, w.height)
	}
	long, short := max(h.width, h.height), min(h.width, h.height)
	switch {
	case short < minSide:
		return header{}, fault.New(fault.Invalid, "This picture is too small to see: both sides need at least %d pixels.", minSide)
	case long > maxSide || long*short > maxPixels || long*short*perPixel > maxMemory:
		return header{}, fault.New(fault.TooLarge, "This picture has too many pixels. Make it smaller than %d megapixels.", maxPixels/1_000_000)
	case long > maxRatio*short:
		return header{}, fault.New(fault.Invalid, "This picture is too long and thin to show.")
	}
	return h, nil
}

// heic reports whether data begins as phones write HEIF (ISO/IEC 23008-12, 10.2): a box "ftyp" and one of its brands.
func heic(data []byte) bool {
	if len(data) < 12 || string(data[4:8]) != "ftyp" {
		return false
	}
	switch string(data[8:12]) {
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif":
		return true
	}
	return false
}

// TooHeavy is what a file over MaxBytes is answered with.
func TooHeavy() error {
	return fault.New(fault.TooLarge, "This picture is too big. Choose one of at most %d MB.", MaxBytes>>20)
}

type jpegFacts struct {
	orientation int
	progressive bool
}

// walkJPEG follows the segments up to the picture's data (ITU-T T.81, B.1.1).
func walkJPEG(b []byte) jpegFacts {
	facts := jpegFacts{orientation: 1}
	for i := 2; i+4 <= len(b); {
		if b[i] != 0xff {
			return facts
		}
		marker := b[i+1]
		if marker == 0xff { // fill
			i++
			continue
		}
		if marker == 0x01 || marker >= 0xd0 && marker <= 0xd7 { // no length
			i += 2
			continue
		}
		size := int(binary.BigEndian.Uint16(b[i+2:]))
		if size < 2 || i+2+size > len(b) || marker == 0xda || marker == 0xd9 {
			return facts
		}
		body := b[i+4 : i+2+size]
		switch marker {
		case 0xc2:
			facts.progressive = true
		case 0xe1:
			if rest, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok {
				facts.orientation = orientation(rest)
			}
		}
		i += 2 + size
	}
	return facts
}

// scansJPEG counts how often the data runs over the picture. A scan of a few bytes takes as long as the
// picture is large, so a small file could keep the program busy for hours.
func scansJPEG(b []byte) (n int) {
	for i := 2; i+4 <= len(b) && n <= maxScans; {
		switch marker := b[i+1]; {
		case b[i] != 0xff || marker == 0 || marker == 0xff || marker == 0x01 || marker >= 0xd0 && marker <= 0xd7: // data
			next := bytes.IndexByte(b[i+1:], 0xff)
			if next < 0 {
				return n
			}
			i += 1 + next
		case marker == 0xd9: // the end
			return n
		default:
			if marker == 0xda {
				n++
			}
			i += 2 + max(2, int(binary.BigEndian.Uint16(b[i+2:])))
		}
	}
	return n
}

// orientationPNG finds the eXIf chunk before the picture's data (PNG 3rd edition, 11.3.5.3).
func orientationPNG(b []byte) int {
	for i := 8; i+12 <= len(b); {
		size := int(binary.BigEndian.Uint32(b[i:]))
		if size > len(b)-i-12 {
			return 1
		}
		if string(b[i+4:i+8]) == "eXIf" {
			return orientation(b[i+8 : i+8+size])
		}
		i += 12 + size
	}
	return 1
}

type webpFacts struct {
	orientation, width, height int
	lossless                   bool
}

// walkWebP follows the RIFF chunks (RFC 9649, 2.5 to 2.7).
func walkWebP(b []byte) webpFacts {
	facts := webpFacts{orientation: 1}
	for i := 12; i+8 <= len(b); {
		size := int(binary.LittleEndian.Uint32(b[i+4:]))
		if size > len(b)-i-8 {
			size = len(b) - i - 8
		}
		body := b[i+8 : i+8+size]
		switch string(b[i : i+4]) {
		case "VP8 ": // RFC 6386, 9.1
			if len(body) >= 10 {
				facts.width = max(facts.width, int(binary.LittleEndian.Uint16(body[6:])&0x3fff))
				facts.height = max(facts.height, int(binary.LittleEndian.Uint16(body[8:])&0x3fff))
			}
		case "VP8L":
			facts.lossless = true
			if len(body) >= 5 {
				bits := binary.LittleEndian.Uint32(body[1:])
				facts.width = max(facts.width, int(bits&0x3fff)+1)
				facts.height = max(facts.height, int(bits>>14&0x3fff)+1)
			}
		case "EXIF":
			facts.orientation = orientation(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
		}
		i += 8 + size + size&1
	}
	return facts
}

// orientation reads tag 0x0112 from the first directory of a TIFF structure (EXIF 2.32, 4.6.4); 1
// when there is none that makes sense.
func orientation(b []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(b, []byte("II*\x00")):
	case bytes.HasPrefix(b, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 1
	}
	if len(b) < 8 {
		return 1
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 1
	}
	n := uint64(order.Uint16(b[at:]))
	for e := at + 2; n > 0 && e+12 <= uint64(len(b)); e, n = e+12, n-1 {
		if order.Uint16(b[e:]) == 0x0112 && order.Uint16(b[e+2:]) == 3 { // a SHORT
			if o := int(order.Uint16(b[e+8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}
