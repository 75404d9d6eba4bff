package scan

import "strings"

// validRUT checks the last character of a Chilean RUT: modulo 11 with the weights 2 to 7 from the right, K for 10
// (Servicio de Registro Civil e Identificación).
func validRUT(d string) bool {
	if len(d) < 8 || len(d) > 9 || strings.Count(d, d[:1]) == len(d) {
		return false
	}
	sum, weight := 0, 2
	for i := len(d) - 2; i >= 0; i-- {
		sum += int(d[i]-'0') * weight
		if weight++; weight > 7 {
			weight = 2
		}
	}
	switch check := 11 - sum%11; check {
	case 11:
		return d[len(d)-1] == '0'
	case 10:
		return d[len(d)-1] == 'K'
	default:
		return d[len(d)-1] == byte('0'+check)
	}
}

// validCPF checks both last digits of a Brazilian CPF, modulo 11 (Receita Federal).
func validCPF(d string) bool {
	if len(d) != 11 || strings.Count(d, d[:1]) == 11 {
		return false
	}
	for n := 9; n <= 10; n++ {
		sum := 0
		for i := range n {
			sum += int(d[i]-'0') * (n + 1 - i)
		}
		if sum*10%11%10 != int(d[n]-'0') {
			return false
		}
	}
	return true
}

// validCUIT checks an Argentinian CUIT or CUIL: the kinds of person, and modulo 11 (AFIP).
func validCUIT(d string) bool {
	if len(d) != 11 || !strings.Contains(" 20 23 24 25 26 27 ", " "+d[:2]+" ") { // 30 and over are firms
		return false
	}
	sum := 0
	for i, w := range [...]int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2} {
		sum += int(d[i]-'0') * w
	}
	check := 11 - sum%11
	if check == 11 {
		check = 0
	}
	return check == int(d[10]-'0')
}

// validCURP checks the form of a Mexican CURP: four letters, a date of birth, sex, state and consonants, and two
// characters that tell people apart (Instructivo Normativo CURP).
func validCURP(c string) bool {
	const form = "AAAANNNNNNGAAAAAXN"
	if len(c) != len(form) {
		return false
	}
	for i := range len(c) {
		digit := c[i] >= '0' && c[i] <= '9'
		switch form[i] {
		case 'A':
			if digit {
				return false
			}
		case 'N':
			if !digit {
				return false
			}
		case 'G':
			if c[i] != 'H' && c[i] != 'M' && c[i] != 'X' {
				return false
			}
		}
	}
	month, day := number(c[6:8]), number(c[8:10])
	return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

// national says whether a run of digits, perhaps with a K after it, is a number that Latin American states give to
// persons. Without the signs that people write into it, its name must stand before.
func (s *state) national(r *run) bool {
	d := r.text()
	switch {
	case r.form(2, 3, 3, 1), r.form(1, 3, 3, 1):
		return r.sep == '.' && validRUT(d)
	case r.form(8, 1), r.form(7, 1):
		return s.wordBefore(r.first, 6, "rut", "run") && validRUT(d)
	case r.form(3, 3, 3, 2):
		return r.sep == '.' && validCPF(d)
	case r.form(2, 8, 1):
		return r.sep == '-' && validCUIT(d)
	}
	switch {
	case r.n == 8 || r.n == 7: // the K stands for itself
		if k := r.last + 1; k < len(s.toks) && s.toks[k].is(fHyphen) && s.is(k, "k") && validRUT(d+"K") {
			if r.form(2, 3, 3) || r.form(1, 3, 3) || s.wordBefore(r.first, 6, "rut", "run") {
				r.last, r.end = k, s.toks[k].end
				return true
			}
		}
	case r.n == 11 && r.ng == 1:
		return s.wordBefore(r.first, 4, "cpf") && validCPF(d) || s.wordBefore(r.first, 4, "cuit", "cuil") && validCUIT(d)
	}
	return false
}
