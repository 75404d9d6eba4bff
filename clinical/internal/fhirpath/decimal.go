package fhirpath

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// maxDigits bounds a decimal on both sides of its point.
const maxDigits = 400

// decimal is an exact number: c / 10^scale. It is never changed once it is made, and its scale is
// how many digits were given behind the point.
type decimal struct {
	c     *big.Int
	scale int
}

func decimalOf(n int64) *decimal { return &decimal{big.NewInt(n), 0} }

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// parseDecimal reads a JSON number; nil if it is none or out of bounds.
func parseDecimal(text string) *decimal {
	digits, exp, _ := strings.Cut(strings.ToLower(text), "e")
	shift := 0
	if exp != "" || len(digits) < len(text) {
		var err error
		if shift, err = strconv.Atoi(exp); err != nil || shift > maxDigits || shift < -maxDigits {
			return nil
		}
	}
	whole, fraction, dotted := strings.Cut(digits, ".")
	if len(digits) > maxDigits || dotted && fraction == "" || strings.TrimLeft(whole, "+-") == "" {
		return nil
	}
	c, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok || strings.ContainsAny(digits, "_") {
		return nil
	}
	d := &decimal{c, len(fraction) - shift}
	if d.scale < 0 {
		d.c.Mul(d.c, pow10(-d.scale))
		d.scale = 0
	}
	return d.bounded()
}

// bounded returns d, or nil if it has too many digits to be kept.
func (d *decimal) bounded() *decimal {
	if d.scale > 2*maxDigits || d.c.BitLen() > 7*maxDigits {
		return nil
	}
	return d
}

// align gives the coefficients of a and b at one scale.
func align(a, b *decimal) (x, y *big.Int, scale int) {
	switch {
	case a.scale < b.scale:
		return new(big.Int).Mul(a.c, pow10(b.scale-a.scale)), b.c, b.scale
	case a.scale > b.scale:
		return a.c, new(big.Int).Mul(b.c, pow10(a.scale-b.scale)), a.scale
	}
	return a.c, b.c, a.scale
}

// shortNumber reads a number of up to 18 digits without an exponent: n / 10^scale.
func shortNumber(text string) (n int64, scale int, ok bool) {
	digits := text
	if strings.HasPrefix(text, "-") {
		digits = text[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, 0, false
	}
	for i := range len(digits) {
		switch c := digits[i]; {
		case c >= '0' && c <= '9':
			n = n*10 + int64(c-'0')
		case c == '.' && i > 0 && i < len(digits)-1 && scale == 0:
			scale = len(digits) - 1 - i
		default:
			return 0, 0, false
		}
	}
	if len(digits) < len(text) {
		n = -n
	}
	return n, scale, true
}

// compareShort compares two short numbers; ok is false if they are too far apart for that.
func compareShort(a int64, scaleA int, b int64, scaleB int) (order int, ok bool) {
	const most = 1 << 59 // ten times that still fits
	for ; scaleA < scaleB && a < most && a > -most; scaleA++ {
		a *= 10
	}
	for ; scaleB < scaleA && b < most && b > -most; scaleB++ {
		b *= 10
	}
	switch {
	case scaleA != scaleB:
		return 0, false
	case a < b:
		return -1, true
	case a > b:
		return 1, true
	}
	return 0, true
}

// compareNumbers says how the numbers a and b lie to each other.
func compareNumbers(a, b *Item) (order int, known bool) {
	x, sx, okX := a.short()
	y, sy, okY := b.short()
	if okX && okY {
		if order, ok := compareShort(x, sx, y, sy); ok {
			return order, true
		}
	}
	p, okP := a.number()
	q, okQ := b.number()
	if !okP || !okQ {
		return 0, false
	}
	return p.cmp(q), true
}

func (d *decimal) cmp(o *decimal) int {
	x, y, _ := align(d, o)
	return x.Cmp(y)
}

func (d *decimal) sign() int { return d.c.Sign() }

func (d *decimal) add(o *decimal) *decimal {
	x, y, s := align(d, o)
	return &decimal{new(big.Int).Add(x, y), s}
}

func (d *decimal) neg() *decimal { return &decimal{new(big.Int).Neg(d.c), d.scale} }

func (d *decimal) abs() *decimal { return &decimal{new(big.Int).Abs(d.c), d.scale} }

func (d *decimal) mul(o *decimal) *decimal {
	return &decimal{new(big.Int).Mul(d.c, o.c), d.scale + o.scale}
}

// div divides to 28 digits behind the point; nil if o is 0.
func (d *decimal) div(o *decimal) *decimal {
	if o.sign() == 0 {
		return nil
	}
	x, y, _ := align(d, o)
	q := &decimal{divRound(new(big.Int).Mul(x, pow10(28)), y), 28}
	return q.trim()
}

// divRound divides, halves rounded away from zero.
func divRound(x, y *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(x, y, new(big.Int))
	if r.Abs(r).Lsh(r, 1).CmpAbs(y) >= 0 {
		q.Add(q, big.NewInt(int64(x.Sign()*y.Sign())))
	}
	return q
}

// trim takes away zeros at the end of the fraction.
func (d *decimal) trim() *decimal {
	if d.scale == 0 {
		return d
	}
	digits := d.c.String()
	zeros := min(len(digits)-len(strings.TrimRight(digits, "0")), d.scale)
	if d.sign() == 0 {
		zeros = d.scale
	}
	return &decimal{new(big.Int).Quo(d.c, pow10(zeros)), d.scale - zeros}
}

// quoRem divides to a whole number, towards zero, and gives what remains; nil if o is 0.
func (d *decimal) quoRem(o *decimal) (*big.Int, *decimal) {
	if o.sign() == 0 {
		return nil, nil
	}
	x, y, s := align(d, o)
	q, r := new(big.Int).QuoRem(x, y, new(big.Int))
	return q, &decimal{r, s}
}

// round keeps n digits behind the point.
func (d *decimal) round(n int) *decimal {
	if n >= d.scale {
		return d
	}
	return &decimal{divRound(d.c, pow10(d.scale-n)), n}
}

// whole cuts the fraction off: towards zero, or down (way -1), or up (way 1).
func (d *decimal) whole(way int) *big.Int {
	q, r := new(big.Int).QuoRem(d.c, pow10(d.scale), new(big.Int))
	if way != 0 && r.Sign() == way {
		q.Add(q, big.NewInt(int64(way)))
	}
	return q
}

func (d *decimal) float() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64)
	return f
}

// fromFloat gives the shortest decimal that stands for f; nil if f is not finite.
func fromFloat(f float64) *decimal {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return parseDecimal(strconv.FormatFloat(f, 'g', -1, 64))
}

func (d *decimal) String() string {
	s := new(big.Int).Abs(d.c).String()
	if d.scale > 0 {
		if len(s) <= d.scale {
			s = strings.Repeat("0", d.scale-len(s)+1) + s
		}
		s = s[:len(s)-d.scale] + "." + s[len(s)-d.scale:]
	}
	if d.sign() < 0 {
		s = "-" + s
	}
	return s
}
