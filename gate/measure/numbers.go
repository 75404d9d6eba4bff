package measure

import (
	"fmt"
	"slices"
	"strings"
)

// dice gives the same numbers each time.
type dice uint64

func (d *dice) roll(n int) int {
	*d ^= *d << 13
	*d ^= *d >> 7
	*d ^= *d << 17
	return int(uint64(*d) >> 11 % uint64(n))
}

func (d *dice) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(d.roll(10))
	}
	return string(b)
}

func (d *dice) from(letters string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[d.roll(len(letters))]
	}
	return string(b)
}

func value(s string) (n int) {
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}

func luhn(d string) string {
	for c := '0'; c <= '9'; c++ {
		sum := 0
		for i, x := range d + string(c) {
			n := int(x - '0')
			if (len(d)-i)%2 == 1 {
				if n *= 2; n > 9 {
					n -= 9
				}
			}
			sum += n
		}
		if sum%10 == 0 {
			return d + string(c)
		}
	}
	return ""
}

func iban(country, rest string) string {
	m := 0
	for _, c := range rest + country + "00" {
		if c >= 'A' {
			m = (m*100 + int(c-'A') + 10) % 97
		} else {
			m = (m*10 + int(c-'0')) % 97
		}
	}
	return fmt.Sprintf("%s%02d%s", country, 98-m, rest)
}

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// Register makes right and wrong numbers of one kind, in the forms in which people write them.
type Register struct {
	Name  string // what the scanner that must find them is called
	right func(d *dice) string
	wrong func(d *dice, right string) string
	forms []string // # is a place; the rest stands between
	words []string // what stands before
}

// other changes the character at i to another of the same sort.
func other(d *dice, s string, i int) string {
	set := "0123456789"
	if s[i] >= 'A' {
		set = dniLetters
	}
	for {
		if c := set[d.roll(len(set))]; c != s[i] {
			return s[:i] + string(c) + s[i+1:]
		}
	}
}

func last(d *dice, s string) string { return other(d, s, len(s)-1) }

// Registers are the numbers with a checksum or strict rules.
func Registers() []Register {
	return []Register{
		{"dni", func(d *dice) string { n := d.digits(8); return n + string(dniLetters[value(n)%23]) }, last,
			[]string{"#########", "########-#", "########.#", "##.###.###-#", "## ### ### #", "######## #"}, []string{"", "DNI ", "mi dni es ", "NIF: ", "(DNI "}},
		{"nie", func(d *dice) string {
			k := d.roll(3)
			n := d.digits(7)
			return string("XYZ"[k]) + n + string(dniLetters[(k*10_000_000+value(n))%23])
		}, last, []string{"#########", "#-#######-#", "# ####### #", "#.#######.#"}, []string{"", "NIE ", "su NIE: ", "con nie "}},
		{"nhs-number", func(d *dice) string {
			for {
				n := d.digits(9)
				sum := 0
				for i, c := range n {
					sum += int(c-'0') * (10 - i)
				}
				if k := (11 - sum%11) % 11; k < 10 && n != strings.Repeat(n[:1], 9) {
					return n + string(rune('0'+k))
				}
			}
		}, last, []string{"##########", "### ### ####", "###-###-####"}, []string{"NHS number ", "NHS no. ", "my nhs number is "}},
		{"nass", func(d *dice) string {
			p, n := fmt.Sprintf("%02d", 1+d.roll(50)), fmt.Sprintf("%d%s", 1+d.roll(9), d.digits(7))
			return fmt.Sprintf("%s%s%02d", p, n, value(p+n)%97)
		}, last, []string{"############", "## ######## ##", "##/########/##", "##-########-##"}, []string{"", "NASS ", "n.º de la Seguridad Social ", "seguridad social: "}},
		{"iban", func(d *dice) string {
			switch d.roll(4) {
			case 0:
				return iban("GB", d.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 4)+d.digits(14))
			case 1:
				return iban("DE", d.digits(18))
			}
			return iban("ES", d.digits(20))
		}, last, []string{"", "4"}, []string{"", "IBAN ", "a la cuenta ", "account: "}},
		{"card", func(d *dice) string {
			return luhn([]string{"4", "51", "55", "6011"}[d.roll(4)] + d.digits(20))
		}, last, []string{"################", "#### #### #### ####", "####-####-####-####"}, []string{"", "card ", "Visa ", "la tarjeta "}},
		{"npi", func(d *dice) string {
			n := string("12"[d.roll(2)]) + d.digits(8)
			return luhn("80840" + n)[5:]
		}, last, []string{"##########"}, []string{"NPI ", "NPI: ", "npi number "}},
		{"mbi", func(d *dice) string {
			a, x := "ACDEFGHJKMNPQRTUVWXY", "ACDEFGHJKMNPQRTUVWXY0123456789"
			return string('1'+rune(d.roll(9))) + d.from(a, 1) + d.from(x, 1) + d.digits(1) + d.from(a, 1) + d.from(x, 1) + d.digits(1) + d.from(a, 2) + d.digits(2)
		}, func(d *dice, s string) string { return s[:4] + d.from("SLOIBZ", 1) + s[5:] },
			[]string{"###########", "####-###-####", "#### ### ####"}, []string{"", "MBI ", "Medicare ", "medicare number: "}},
		{"nino", func(d *dice) string {
			for {
				p := d.from("ABCEGHJKLMNPRSTWXYZ", 1) + d.from("ABCEGHJKLMNPRSTWXYZ", 1)
				if !slices.Contains([]string{"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}, p) {
					return p + d.digits(6) + d.from("ABCD", 1)
				}
			}
		}, func(d *dice, s string) string {
			if d.roll(2) == 0 {
				return s[:8] + d.from("EFGHJKLMNPQRSTUVWXYZ", 1)
			}
			return d.from("DFIQUV", 1) + s[1:]
		}, []string{"#########", "## ## ## ## #", "##-##-##-##-#"}, []string{"", "NI number ", "NINO: ", "my national insurance is "}},
		{"ssn", func(d *dice) string {
			for {
				s := d.digits(9)
				if s[:3] != "000" && s[:3] != "666" && s[0] != '9' && s[3:5] != "00" && s[5:] != "0000" {
					return s
				}
			}
		}, func(d *dice, s string) string {
			switch d.roll(4) {
			case 0:
				return "000" + s[3:]
			case 1:
				return "666" + s[3:]
			case 2:
				return "9" + s[1:]
			}
			return s[:3] + "00" + s[5:]
		}, []string{"###-##-####", "### ## ####", "###.##.####"}, []string{"", "SSN ", "my social is ", "SSN: "}},
	}
}

// written puts a number into one of its forms.
func (r *Register) written(d *dice, s string) string {
	form := r.forms[d.roll(len(r.forms))]
	switch {
	case form == "":
		return s
	case form == "4":
		var groups []string
		for len(s) > 4 {
			groups, s = append(groups, s[:4]), s[4:]
		}
		return strings.Join(append(groups, s), " ")
	}
	var b strings.Builder
	for _, c := range form {
		if c == '#' {
			b.WriteByte(s[0])
			s = s[1:]
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// Texts calls each for n texts with a right number and n with a wrong one.
func (r *Register) Texts(n int, each func(text string, right bool)) {
	d := dice(88172645463325252)
	for range n {
		for _, right := range []bool{true, false} {
			s := r.right(&d)
			if r.Name == "card" {
				s = luhn(s[:15])
			}
			if !right {
				s = r.wrong(&d, s)
			}
			each(r.words[d.roll(len(r.words))]+r.written(&d, s)+[]string{"", ".", ", gracias", " and that is all", ")"}[d.roll(5)], right)
		}
	}
}
