package scan

import "slices"

// phoneClass says whether a run of digits is a telephone number: by the plans of Spain, the United
// Kingdom and North America, or international with a plus.
func (s *state) phoneClass(r *run) class {
	d := r.text()
	if r.plus || len(d) > 10 && d[:2] == "00" {
		if !r.plus {
			d = d[2:]
		}
		if len(d) >= 9 && len(d) <= 15 && d[0] != '0' {
			return classPhone
		}
		return classNone
	}
	switch {
	case spanish(d, r), british(d, r), american(d, r):
		return classPhone
	case len(d) >= 7 && len(d) <= 13 && r.ng <= 5 && s.calledBefore(r.first) && d[0] != '0':
		return classPhone
	}
	return classNone
}

// spanish: nine digits from 6 to 9, in the groups in which people write them.
func spanish(d string, r *run) bool {
	if len(d) == 11 && d[:2] == "34" {
		return d[2] >= '6'
	}
	if len(d) != 9 || d[0] < '6' || d[1] == '0' && d[0] == '7' {
		return false
	}
	switch {
	case r.ng == 1, r.ng == 9, r.form(3, 3, 3), r.form(3, 2, 2, 2), r.form(2, 3, 2, 2), r.form(3, 6), r.form(2, 7), r.form(5, 4), r.form(2, 3, 4):
		return true
	}
	return false
}

// british: a zero and nine or ten digits.
func british(d string, r *run) bool {
	if d[0] != '0' || len(d) != 11 && len(d) != 10 || d[1] == '0' || d[1] == '4' || d[1] == '6' {
		return false
	}
	return r.ng <= 4 && r.groups[0] >= 3 || r.ng == len(d)
}

// american: area code and exchange from 2 to 9, with separators, in brackets or bare; or the seven
// digits of a local number with a hyphen.
func american(d string, r *run) bool {
	if len(d) == 11 && d[0] == '1' {
		d = d[1:]
		if !slices.Contains([]int8{1, 4, 11}, r.groups[0]) {
			return false
		}
	} else if len(d) == 10 && r.ng > 1 && !r.form(3, 3, 4) && r.ng != 10 && !r.form(3, 7) && !r.form(6, 4) {
		return false
	}
	if len(d) == 7 {
		return r.form(3, 4) && (r.sep == '-' || r.sep == '.') && d[0] >= '2' || r.ng == 7 && r.sep == ' ' && d[:3] == "555"
	}
	return len(d) == 10 && d[0] >= '2' && d[3] >= '2' && d[1] != '9'
}

// calledBefore says whether the words before token i speak of telephoning.
func (s *state) calledBefore(i int) bool {
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		if s.toks[k].bits&bPhoneWord != 0 {
			return true
		}
		if s.toks[k].is(fBreak) {
			break
		}
	}
	return false
}
