package scan

import "strings"

// The validators take digits (or letters and digits, upper case) without separators. Each names the
// rule it follows.

// validSSN follows the Social Security Administration's allocation rules: no area 000, 666 or 900 and
// over, no group 00, no serial 0000, and none of the numbers that were printed in advertisements.
func validSSN(d string) bool {
	if len(d) != 9 || d[:3] == "000" || d[:3] == "666" || d[0] == '9' || d[3:5] == "00" || d[5:] == "0000" {
		return false
	}
	return d != "078051120" && d != "219099999" && d != "123456789" && strings.Count(d, d[:1]) != 9
}

// validDNI checks the letter of a Spanish identity number: the remainder of a division by 23 (Real
// Decreto 1553/2005). A NIE's first letter X, Y or Z counts as 0, 1 or 2.
func validDNI(digits string, letter byte) bool {
	if len(digits) != 8 {
		return false
	}
	return "TRWAGMYFPDXBNJZSQVHLCKE"[number(digits)%23] == letter
}

// validNHS checks the NHS number's last digit, modulo 11 (NHS Data Dictionary).
func validNHS(d string) bool {
	if len(d) != 10 || strings.Count(d, d[:1]) == 10 {
		return false
	}
	sum := 0
	for i := range 9 {
		sum += int(d[i]-'0') * (10 - i)
	}
	check := 11 - sum%11
	if check == 11 {
		check = 0
	}
	return check == int(d[9]-'0')
}

// validNASS checks a Spanish social security number of 12 digits: province, eight digits, and the rest
// of a division by 97.
func validNASS(d string) bool {
	if len(d) != 12 {
		return false
	}
	province := number(d[:2])
	if province < 1 || province > 53 && province != 66 {
		return false
	}
	n := number(d[:10])
	if d[2] == '0' { // the zero is left out of the sum
		n = province*10_000_000 + number(d[3:10])
	}
	return n%97 == number(d[10:])
}

// validLuhn checks the digit of ISO/IEC 7812-1.
func validLuhn(d string) bool {
	sum, double := 0, false
	for i := len(d) - 1; i >= 0; i-- {
		n := int(d[i] - '0')
		if double {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
		double = !double
	}
	return sum%10 == 0
}

// validCard asks for a payment card's first digits and length besides the check digit.
func validCard(d string) bool {
	if len(d) < 13 || len(d) > 19 || strings.Count(d, d[:1]) == len(d) || !validLuhn(d) {
		return false
	}
	switch two := number(d[:2]); {
	case d[0] == '4':
		return len(d) == 13 || len(d) == 16 || len(d) == 19
	case two >= 51 && two <= 55, number(d[:4]) >= 2221 && number(d[:4]) <= 2720:
		return len(d) == 16
	case two == 34 || two == 37:
		return len(d) == 15
	case d[:4] == "6011", two == 65, two == 62, two == 35:
		return len(d) >= 16
	case two == 36, two == 38, d[:2] == "30":
		return len(d) == 14
	case two == 50, two == 56, two == 57, two == 58, two == 63, two == 67:
		return len(d) >= 16
	}
	return false
}

// validNPI checks an American provider number: Luhn over the number with the prefix 80840 (CMS).
func validNPI(d string) bool {
	return len(d) == 10 && (d[0] == '1' || d[0] == '2') && validLuhn("80840"+d)
}

// validMBI checks the form of a Medicare beneficiary identifier (CMS): eleven characters, each place
// with its own alphabet, without S, L, O, I, B and Z.
func validMBI(s string) bool {
	const form = "CAXNAXNAANN"
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		digit := c >= '0' && c <= '9'
		letter := c >= 'A' && c <= 'Z' && !strings.ContainsRune("SLOIBZ", rune(c))
		switch form[i] {
		case 'C':
			if !digit || c == '0' {
				return false
			}
		case 'A':
			if !letter {
				return false
			}
		case 'N':
			if !digit {
				return false
			}
		case 'X':
			if !digit && !letter {
				return false
			}
		}
	}
	return true
}

// validNINO checks the form of a British national insurance number (HMRC NIM39110).
func validNINO(s string) bool {
	if len(s) != 9 || strings.IndexByte("ABCD", s[8]) < 0 || strings.ContainsAny(s[:1], "DFIQUV0123456789") ||
		strings.ContainsAny(s[1:2], "DFIQUVO0123456789") {
		return false
	}
	switch s[:2] {
	case "BG", "GB", "KN", "NK", "NT", "TN", "ZZ":
		return false
	}
	for i := 2; i < 8; i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

var ibanLength = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
	"EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26,
	"IT": 27, "LI": 21, "LT": 20, "LU": 22, "LV": 21, "MA": 28, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28,
	"PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29,
}

// validIBAN checks length by country and the remainder modulo 97 (ISO 13616).
func validIBAN(s string) bool {
	if len(s) < 4 || ibanLength[s[:2]] != len(s) {
		return false
	}
	rest := 0
	for i := range len(s) {
		switch c := s[(i+4)%len(s)]; {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

func number(d string) int {
	n := 0
	for i := range len(d) {
		n = n*10 + int(d[i]-'0')
	}
	return n
}
