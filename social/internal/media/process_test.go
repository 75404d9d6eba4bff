package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/photo"
)

// picture draws something that is not flat, with a bright top left corner to tell which way is up.
func picture(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			n := uint8(r.UintN(30))
			m.SetRGBA(x, y, color.RGBA{40 + n, uint8(x*100/w) + n, uint8(y*100/h) + n, 255})
		}
	}
	for y := range h / 4 {
		for x := range w / 4 {
			m.SetRGBA(x, y, color.RGBA{255, 255, 0, 255})
		}
	}
	return m
}

func jpg(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment is one application segment of a JPEG.
func segment(marker byte, body string) string {
	return string([]byte{0xff, marker}) + string(binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))) + body
}

// exif is an EXIF block with an orientation and a place.
func exif(orientation uint16) string {
	b := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x02\x00")
	le := binary.LittleEndian
	b = le.AppendUint16(b, 0x0112)
	b = le.AppendUint16(b, 3)
	b = le.AppendUint32(b, 1)
	b = le.AppendUint16(b, orientation)
	b = le.AppendUint16(b, 0)
	b = le.AppendUint16(b, 0x8825) // GPS
	b = le.AppendUint16(b, 4)
	b = le.AppendUint32(b, 1)
	b = le.AppendUint32(b, 0)
	return string(append(b, "GPSSECRET 41.3874N 2.1686E"...))
}

// tagged puts metadata of every kind into a JPEG.
func tagged(b []byte, orientation uint16) []byte {
	extra := segment(0xe1, exif(orientation)) + segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x>XMPSECRET</x>") +
		segment(0xed, "Photoshop 3.0\x00IPTCSECRET") + segment(0xe2, "ICC_PROFILE\x00\x01\x01ICCSECRET") + segment(0xfe, "COMMENTSECRET")
	return []byte(string(b[:2]) + extra + string(b[2:]))
}

func chunk(kind, body string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(b, kind+body...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+body))))
}

// pngHeader claims a size without having the pixels.
func pngHeader(w, h uint32, depth byte) []byte {
	ihdr := binary.BigEndian.AppendUint32(nil, w)
	ihdr = binary.BigEndian.AppendUint32(ihdr, h)
	ihdr = append(ihdr, depth, 6, 0, 0, 0)
	return []byte("\x89PNG\r\n\x1a\n" + chunk("IHDR", string(ihdr)) + chunk("IDAT", "x\x9c\x03\x00") + chunk("IEND", ""))
}

// webpLossless claims a size in the container and another in the picture.
func webpLossless(canvasW, canvasH, w, h uint32) []byte {
	le := binary.LittleEndian
	vp8x := []byte{0, 0, 0, 0, byte(canvasW - 1), byte((canvasW - 1) >> 8), 0, byte(canvasH - 1), byte((canvasH - 1) >> 8), 0}
	vp8l := append([]byte{0x2f}, le.AppendUint32(nil, (w-1)|(h-1)<<14)...)
	body := "WEBPVP8X" + string(le.AppendUint32(nil, 10)) + string(vp8x) + "VP8L" + string(le.AppendUint32(nil, uint32(len(vp8l)))) + string(vp8l) + "\x00"
	return []byte("RIFF" + string(le.AppendUint32(nil, uint32(len(body)))) + body)
}

func TestRefused(t *testing.T) {
	good := jpg(t, picture(100, 80))
	for _, c := range []struct {
		name string
		data []byte
		want fault.Kind
	}{
		{"nothing", nil, fault.Invalid},
		{"text", []byte("just text"), fault.Invalid},
		{"HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), fault.Invalid},
		{"HTML that calls itself a picture", []byte("<svg onload=alert(1)>"), fault.Invalid},
		{"over the bytes", make([]byte, MaxBytes+1), fault.TooLarge},
		{"truncated in the header", good[:20], fault.Invalid},
		{"truncated in the pixels", pngOf(t, picture(60, 60))[:2000], fault.Invalid},
		{"bomb: a gigapixel in 70 bytes", pngHeader(30000, 30000, 8), fault.TooLarge},
		{"bomb: just over the pixels", pngHeader(6400, 6400, 8), fault.TooLarge},
		{"bomb: 16 bits a channel", pngHeader(19000, 2100, 16), fault.Invalid}, // within pixels and memory, but no data
		{"bomb: side", pngHeader(20001, 100, 8), fault.TooLarge},
		{"zero wide", pngHeader(0, 100, 8), fault.Invalid},
		{"zero high", pngHeader(100, 0, 8), fault.Invalid},
		{"1 by 100000", pngHeader(1, 100000, 8), fault.Invalid},
		{"a line", pngHeader(16, 2000, 8), fault.Invalid},
		{"tiny", pngOf(t, picture(8, 8)), fault.Invalid},
		{"WebP with a small canvas and a huge picture", webpLossless(20, 20, 16384, 16384), fault.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := process(c.data)
			if !fault.Is(err, c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestTaken(t *testing.T) {
	var animated bytes.Buffer
	frame := func(c color.Color) *image.Paletted {
		m := image.NewPaletted(image.Rect(0, 0, 60, 40), color.Palette{color.White, color.Black, c})
		for i := range m.Pix {
			m.Pix[i] = uint8(i % 3)
		}
		return m
	}
	if err := gif.EncodeAll(&animated, &gif.GIF{Image: []*image.Paletted{frame(color.RGBA{255, 0, 0, 255}), frame(color.RGBA{0, 0, 255, 255})}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	deep := image.NewNRGBA64(image.Rect(0, 0, 64, 64))
	for i := range deep.Pix {
		deep.Pix[i] = uint8(i * 7)
	}
	glass := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range glass.Pix {
		glass.Pix[i] = uint8(i)
	}
	flat := image.NewRGBA(image.Rect(0, 0, 200, 100))
	for i := range flat.Pix {
		flat.Pix[i] = 255
	}
	for _, c := range []struct {
		name   string
		data   []byte
		kind   string
		w, h   int
		widths []int
	}{
		{"JPEG", jpg(t, picture(100, 80)), "image/jpeg", 100, 80, []int{100}},
		{"a wide one is shrunk, never enlarged", jpg(t, picture(2000, 1000)), "image/jpeg", 1600, 800, []int{480, 960, 1600}},
		{"between two widths", jpg(t, picture(1000, 500)), "image/jpeg", 1000, 500, []int{480, 960, 1000}},
		{"a tall one", jpg(t, picture(500, 5000)), "image/jpeg", 410, 4096, []int{410}},
		{"flat PNG", pngOf(t, flat), "image/png", 200, 100, []int{200}},
		{"noisy PNG becomes JPEG", pngOf(t, picture(300, 200)), "image/jpeg", 300, 200, []int{300}},
		{"transparent", pngOf(t, glass), "image/png", 64, 64, []int{64}},
		{"16 bits", pngOf(t, deep), "image/png", 64, 64, []int{64}},
		{"the first picture of an animation", animated.Bytes(), "image/png", 60, 40, []int{60}},
		{"CMYK", cmykJPEG(t), "image/jpeg", 32, 32, []int{32}},
		{"polyglot: HTML behind a JPEG", append(jpg(t, picture(100, 80)), "<script>alert(1)</script>"...), "image/jpeg", 100, 80, []int{100}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := process(c.data)
			if err != nil {
				t.Fatal(err)
			}
			if m.Type != c.kind || m.Width != c.w || m.Height != c.h || len(m.Widths) != len(c.widths) {
				t.Fatalf("got %s %d×%d in %v, want %s %d×%d in %v", m.Type, m.Width, m.Height, m.Widths, c.kind, c.w, c.h, c.widths)
			}
			for n, f := range m.files {
				back, _, err := image.DecodeConfig(bytes.NewReader(f.data))
				if err != nil || back.Width != c.widths[n] {
					t.Fatalf("file %d: %v, %d wide, want %d", n, err, back.Width, c.widths[n])
				}
				if strings.Contains(string(f.data), "script") {
					t.Fatal("something of the file survived")
				}
			}
			again, err := process(c.data)
			if err != nil || again.Hash != m.Hash {
				t.Fatal("the same file gave another picture")
			}
		})
	}
}

// cmykJPEG builds a JPEG of four components, which no encoder here writes: the tables of a grey one,
// and blocks of nothing but zeros.
func cmykJPEG(t testing.TB) []byte {
	t.Helper()
	gray := jpg(t, image.NewGray(image.Rect(0, 0, 32, 32)))
	// Take the tables of the grey picture and write a four-component scan that uses them.
	var out bytes.Buffer
	out.WriteString("\xff\xd8")
	for i := 2; i < len(gray); {
		marker, size := gray[i+1], int(binary.BigEndian.Uint16(gray[i+2:]))
		if marker == 0xdb || marker == 0xc4 {
			out.Write(gray[i : i+2+size])
		}
		i += 2 + size
		if marker == 0xda {
			break
		}
	}
	out.WriteString(segment(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x00"))
	frame := "\x08\x00\x20\x00\x20\x04"
	scanHead := "\x04"
	for c := byte(1); c <= 4; c++ {
		frame += string([]byte{c, 0x11, 0})
		scanHead += string([]byte{c, 0})
	}
	out.WriteString(segment(0xc0, frame) + segment(0xda, scanHead+"\x00\x3f\x00"))
	// Each block: DC category 0 is code 00, AC end of block is code 1010: 6 bits, 64 blocks.
	bits := strings.Repeat("001010", 64)
	for len(bits)%8 != 0 {
		bits += "1"
	}
	for i := 0; i < len(bits); i += 8 {
		var b byte
		for _, c := range bits[i : i+8] {
			b = b<<1 | byte(c-'0')
		}
		out.WriteByte(b)
	}
	out.WriteString("\xff\xd9")
	return out.Bytes()
}

func TestOrientation(t *testing.T) {
	base := picture(120, 80)
	for o := uint16(1); o <= 8; o++ {
		m, err := process(tagged(jpg(t, base), o))
		if err != nil {
			t.Fatal(err)
		}
		w, h := 120, 80
		if o >= 5 {
			w, h = 80, 120
		}
		if m.Width != w || m.Height != h {
			t.Fatalf("orientation %d: %d×%d, want %d×%d", o, m.Width, m.Height, w, h)
		}
		// Where the stored corner at top left must lie when shown (EXIF 2.32, table of 0x0112).
		x, y := 5, 5
		if o == 2 || o == 3 || o == 6 || o == 7 {
			x = w - 5
		}
		if o == 3 || o == 4 || o == 7 || o == 8 {
			y = h - 5
		}
		shown, err := jpeg.Decode(bytes.NewReader(m.files[0].data))
		if err != nil {
			t.Fatal(err)
		}
		if r, g, _, _ := shown.At(x, y).RGBA(); r < 0xc000 || g < 0xc000 {
			t.Errorf("orientation %d: the bright corner is not at %d,%d", o, x, y)
		}
	}
}

func TestMetadataIsGone(t *testing.T) {
	src := tagged(jpg(t, picture(600, 400)), 1)
	if !bytes.Contains(src, []byte("GPSSECRET")) {
		t.Fatal("the test's own picture holds no secrets")
	}
	withText := pngOf(t, picture(100, 80))
	withText = []byte(string(withText[:33]) + chunk("tEXt", "Author\x00NAMESECRET") + chunk("eXIf", exif(1)[6:]) + string(withText[33:]))
	for _, data := range [][]byte{src, withText} {
		m, err := process(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range m.files {
			if bytes.Contains(f.data, []byte("SECRET")) || bytes.Contains(f.data, []byte("Exif")) || bytes.Contains(f.data, []byte("ICC_PROFILE")) {
				t.Errorf("%s still tells something", f.key)
			}
		}
	}
}

func TestShrinkKeepsColour(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 301, 203))
	for i := 0; i < len(m.Pix); i += 4 {
		m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = 200, 100, 50, 255
	}
	out := photo.Shrink(m, 97, 61)
	for i := 0; i < len(out.Pix); i += 4 {
		if p := out.Pix[i : i+4]; p[0] != 200 || p[1] != 100 || p[2] != 50 || p[3] != 255 {
			t.Fatalf("pixel %d is %v", i/4, p)
		}
	}
}

func FuzzProcess(f *testing.F) {
	f.Add(jpg(f, picture(40, 30)))
	f.Add(tagged(jpg(f, picture(20, 20)), 6))
	f.Add(pngOf(f, picture(40, 30)))
	f.Add(pngHeader(17, 17, 16))
	f.Add(webpLossless(20, 20, 20, 20))
	f.Add([]byte("GIF89a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err != nil || h.Width*h.Height > 1<<14 {
			return // a large picture is only slow here
		}
		m, err := process(data)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Fatalf("not a fault of the sender: %v", err)
			}
			return
		}
		if m.Width > 1600 || m.Height > maxHeight || m.Width > h.Width && m.Width > h.Height {
			t.Fatalf("%d×%d from %d×%d", m.Width, m.Height, h.Width, h.Height)
		}
	})
}
