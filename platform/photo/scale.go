package photo

import (
	"image"
	"image/draw"
	"math"
)

// contribution is what one destination pixel takes from the source: weights from start on.
type contribution struct {
	start   int
	weights []float32
}

// contributions spreads src pixels over dst with the Catmull-Rom kernel (Mitchell and Netravali 1988,
// B=0, C=1/2), widened when shrinking so that every source pixel counts.
func contributions(dst, src int) []contribution {
	ratio := float64(src) / float64(dst)
	wide := math.Max(ratio, 1)
	out := make([]contribution, dst)
	for i := range out {
		centre := (float64(i)+0.5)*ratio - 0.5
		first := max(0, int(math.Ceil(centre-2*wide)))
		last := min(src-1, int(math.Floor(centre+2*wide)))
		ws := make([]float32, last-first+1)
		sum := 0.0
		for n := range ws {
			w := catmullRom((float64(first+n) - centre) / wide)
			ws[n] = float32(w)
			sum += w
		}
		for n := range ws {
			ws[n] /= float32(sum)
		}
		out[i] = contribution{first, ws}
	}
	return out
}

func catmullRom(t float64) float64 {
	t = math.Abs(t)
	switch {
	case t < 1:
		return (1.5*t-2.5)*t*t + 1
	case t < 2:
		return ((-0.5*t+2.5)*t-4)*t + 2
	}
	return 0
}

// Shrink draws src at w×h. It works row by row: beside the two pictures it needs only the few rows
// that one destination row is made of, where x/image/draw would keep every source row as floats
// (a third of a gigabyte for a 40-megapixel picture). Colours are weighed with their opacity, so a
// transparent edge takes no colour from pixels that nobody sees.
func Shrink(src image.Image, w, h int) *image.RGBA {
	b := src.Bounds()
	cols, rows := contributions(w, b.Dx()), contributions(h, b.Dy())
	deepest := 0
	for _, r := range rows {
		deepest = max(deepest, len(r.weights))
	}
	ring := make([][]float32, deepest)
	for i := range ring {
		ring[i] = make([]float32, w*4)
	}
	line := image.NewRGBA(image.Rect(0, 0, b.Dx(), 1))
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	sum := make([]float32, w*4)
	ready := 0 // source rows below this one are, or were, in the ring
	for y, r := range rows {
		for ; ready < r.start+len(r.weights); ready++ {
			draw.Draw(line, line.Bounds(), src, image.Pt(b.Min.X, b.Min.Y+ready), draw.Src)
			shrinkLine(ring[ready%deepest], line.Pix, cols)
		}
		clear(sum)
		for n, weight := range r.weights {
			for i, v := range ring[(r.start+n)%deepest] {
				sum[i] += v * weight
			}
		}
		pix := out.Pix[y*out.Stride : y*out.Stride+w*4]
		for i := 0; i < len(pix); i += 4 {
			// No colour may exceed its opacity in a premultiplied pixel.
			a := clamp(sum[i+3], 255)
			pix[i], pix[i+1], pix[i+2], pix[i+3] = clamp(sum[i], a), clamp(sum[i+1], a), clamp(sum[i+2], a), a
		}
	}
	return out
}

func shrinkLine(dst []float32, pix []uint8, cols []contribution) {
	for x, c := range cols {
		var r, g, b, a float32
		p := pix[c.start*4:]
		for n, w := range c.weights {
			q := p[n*4 : n*4+4 : n*4+4]
			r += float32(q[0]) * w
			g += float32(q[1]) * w
			b += float32(q[2]) * w
			a += float32(q[3]) * w
		}
		d := dst[x*4 : x*4+4 : x*4+4]
		d[0], d[1], d[2], d[3] = r, g, b, a
	}
}

func clamp(v float32, most uint8) uint8 {
	switch {
	case v <= 0:
		return 0
	case v >= float32(most):
		return most
	}
	return uint8(v + 0.5)
}

// upright turns and mirrors a picture as its EXIF orientation asks (EXIF 2.32, 4.6.4): after it, the
// first row is the top and the first column the left.
func upright(src *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	ow, oh := w, h
	if orientation >= 5 {
		ow, oh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range h {
		for x := range w {
			var tx, ty int
			switch orientation {
			case 2:
				tx, ty = w-1-x, y
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				tx, ty = x, h-1-y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			copy(out.Pix[ty*out.Stride+tx*4:][:4], src.Pix[y*src.Stride+x*4:][:4])
		}
	}
	return out
}
