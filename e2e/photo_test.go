package e2e

import (
	"bytes"
	bin "encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

// where is what the test photo's EXIF data tells; no served byte may.
const where = "Orlena ward 7, taken by A. Nobody"

// photo is a JPEG as a phone makes it: with EXIF data that says where it was taken.
func photo(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 640, 400))
	for y := range 400 {
		for x := range 640 {
			img.Set(x, y, color.RGBA{uint8(60 + x/8), uint8(120 + y/4), 160, 255})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	plain := out.Bytes()
	exif := append([]byte("Exif\x00\x00"), tiff()...)
	app1 := bin.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(exif)+2))
	return append(append(append([]byte{}, plain[:2]...), append(app1, exif...)...), plain[2:]...)
}

// tiff is an EXIF block with a description and a GPS position, little-endian.
func tiff() []byte {
	le := bin.LittleEndian
	entry := func(tag, kind uint16, count, value uint32) []byte {
		b := le.AppendUint16(nil, tag)
		b = le.AppendUint16(b, kind)
		b = le.AppendUint32(b, count)
		return le.AppendUint32(b, value)
	}
	text := append([]byte(where), 0)
	const first = 8
	textAt := uint32(first + 2 + 2*12 + 4)
	gpsAt := textAt + uint32(len(text))
	degreesAt := gpsAt + 2 + 4*12 + 4
	b := []byte("II*\x00")
	b = le.AppendUint32(b, first)
	b = le.AppendUint16(b, 2)
	b = append(b, entry(0x010E, 2, uint32(len(text)), textAt)...) // ImageDescription
	b = append(b, entry(0x8825, 4, 1, gpsAt)...)                  // GPSInfo
	b = le.AppendUint32(b, 0)
	b = append(b, text...)
	b = le.AppendUint16(b, 4)
	b = append(b, entry(1, 2, 2, 'N')...)
	b = append(b, entry(2, 5, 3, degreesAt)...)
	b = append(b, entry(3, 2, 2, 'W')...)
	b = append(b, entry(4, 5, 3, degreesAt)...)
	b = le.AppendUint32(b, 0)
	for _, n := range []uint32{42, 1, 21, 1, 7, 1} {
		b = le.AppendUint32(b, n)
	}
	return b
}
