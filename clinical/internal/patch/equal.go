package patch

import (
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// equal compares as RFC 6902 does: members in any order, numbers by value.
func equal(a, b *resource.Node) bool {
	if a.Kind != b.Kind || len(a.Kids) != len(b.Kids) {
		return false
	}
	switch a.Kind {
	case resource.Number:
		return a.Text == b.Text || plain(a.Text) == plain(b.Text)
	case resource.Object:
		for i := range a.Kids {
			if other := b.Get(a.Kids[i].Name); other == nil || !equal(&a.Kids[i], other) {
				return false
			}
		}
		return true
	case resource.Array:
		for i := range a.Kids {
			if !equal(&a.Kids[i], &b.Kids[i]) {
				return false
			}
		}
		return true
	}
	return a.Text == b.Text
}

// plain writes a number in one way for each value: its digits, without zeros at either end, and its
// power of ten.
func plain(text string) string {
	sign := ""
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		sign, text = "-", rest
	}
	digits, power, _ := strings.Cut(strings.ToLower(text), "e")
	exp, err := strconv.Atoi("0" + strings.TrimPrefix(power, "+"))
	if strings.HasPrefix(power, "-") {
		exp, err = strconv.Atoi(power)
	}
	if err != nil {
		return sign + text
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	exp -= len(fraction)
	all := strings.TrimLeft(whole+fraction, "0")
	short := strings.TrimRight(all, "0")
	if short == "" {
		return "0"
	}
	return sign + short + "e" + strconv.Itoa(exp+len(all)-len(short))
}
