package photo

import (
	"testing"

	"github.com/mitral-health/mitral/platform/fault"
)

// knot is a progressive JPEG of w×h grey pixels whose data runs over the picture again and again, each
// time in a few bytes: at 25 megapixels a file of a megabyte takes half an hour to decode.
func knot(w, h, scans int) []byte {
	b := []byte{0xff, 0xd8}
	segment := func(marker byte, body ...byte) {
		b = append(b, 0xff, marker, byte((len(body)+2)>>8), byte(len(body)+2))
		b = append(b, body...)
	}
	ones := make([]byte, 65)
	for i := 1; i < len(ones); i++ {
		ones[i] = 1
	}
	segment(0xdb, ones...)
	segment(0xc2, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 1, 1, 0x11, 0)
	segment(0xc4, 0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)    // one code: no difference
	segment(0xc4, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xe0) // one code: a long run of empty blocks
	blocks := (w + 7) / 8 * ((h + 7) / 8)
	segment(0xda, 1, 1, 0, 0, 0, 0)
	b = append(b, make([]byte, blocks/8+1)...)
	for range scans - 1 {
		segment(0xda, 1, 1, 0, 1, 63, 0)
		for range blocks/32767 + 1 {
			b = append(b, 0x7f, 0xff, 0x00) // the code and fourteen ones, and a one to fill
		}
	}
	return append(b, 0xff, 0xd9)
}

func TestScansAreLimited(t *testing.T) {
	for scans, ok := range map[int]bool{2: true, maxScans: true, maxScans + 1: false, 5000: false} {
		_, err := Read(knot(64, 64, scans), 1600, 1600)
		if ok && err != nil || !ok && !fault.Is(err, fault.Invalid) {
			t.Errorf("%d scans: %v", scans, err)
		}
		if n := scansJPEG(knot(64, 64, scans)); n != min(scans, maxScans+1) {
			t.Errorf("%d scans: counted %d", scans, n)
		}
	}
	for _, b := range []string{"", "\xff\xd8", "\xff\xd8\xff", "\xff\xd8\xff\xda", "\xff\xd8\xff\xda\x00\x00\xff", "\xff\xd8\xff\xff\xff\xff", "\xff\xd8\xff\xe1\xff\xff"} {
		_ = scansJPEG([]byte(b)) // ends
	}
}
