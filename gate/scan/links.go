package scan

import (
	"bytes"
	"strings"
)

// recordLink marks a link into a portal that names a user or a record, whose top-level domain is token i:
// "portal.clinic.example/u/rgomez/labs/55213", "…/results?patient=4471". The organisation's own count, too.
func (s *state) recordLink(i int) {
	b := s.text.b
	to := int(s.toks[i].end)
	if to >= len(b) || b[to] != '/' {
		return
	}
	for to < len(b) && to-int(s.toks[i].end) < 160 && kindOf(b[to]) != cSpace && kindOf(b[to]) != cNewline && b[to] != ')' && b[to] != '"' && b[to] != ',' {
		to++
	}
	for b[to-1] == '.' || b[to-1] == '!' || b[to-1] == '?' {
		to--
	}
	if !namesRecord(b[s.toks[i].end:to]) {
		return
	}
	from := int(s.toks[i-1].start)
	for from > 0 && int(s.toks[i].start)-from < 60 && kindOf(b[from-1]) != cSpace && kindOf(b[from-1]) != cNewline && b[from-1] != '(' && b[from-1] != '"' {
		from--
	}
	first, last := s.tokenAt(i, int32(from)), s.lastTokenBefore(i, int32(to))
	s.add(mark{class: classRecordLink, first: int32(first), last: int32(last), start: int32(from), end: int32(to), plain: -1})
}

// namesRecord says whether the path of a link holds a word for a person or a record and, after it, which.
func namesRecord(path []byte) bool {
	var word string
	for piece := range bytes.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '?' || r == '&' || r == '=' || r == '#' }) {
		switch digits := countDigits(piece); word {
		case "u", "user", "users", "usuario", "usuarios", "mrn", "nhc", "dni":
			if digits > 0 || word[0] == 'u' && len(piece) > 3 {
				return true
			}
		case "patient", "patients", "patientid", "paciente", "pacientes", "record", "records", "chart", "charts", "labs", "lab",
			"result", "results", "resultado", "resultados", "historia", "expediente", "informe", "informes":
			if digits >= 4 && !(len(piece) == 4 && digits == 4 && year(int32(number(string(piece))))) {
				return true
			}
		}
		word = strings.ToLower(string(piece))
	}
	return false
}

func countDigits(p []byte) int {
	n := 0
	for _, c := range p {
		if kindOf(c) == cDigit {
			n++
		}
	}
	return n
}

// userName marks the name of somebody's account of a portal: "patient portal user t_wexler1958".
func (s *state) userName(i int) {
	if !s.wordBefore(i, 4, "portal", "mychart", "chart", "patient", "paciente", "results", "resultados") {
		return
	}
	k := i + 1
	for k < len(s.toks) && k < i+3 && (s.is(k, "name") || s.is(k, "id") || s.is(k, "is") || s.is(k, "es")) {
		k++
	}
	if k >= len(s.toks) || s.toks[k].is(fBreak) {
		return
	}
	b, to := s.text.b, int(s.toks[k].start)
	for to < len(b) && to-int(s.toks[k].start) < 40 && (letterByte(b[to]) || kindOf(b[to]) == cDigit || b[to] == '_' || b[to] == '.' && to+1 < len(b) && letterByte(b[to+1])) {
		to++
	}
	name := b[s.toks[k].start:to]
	if digits := countDigits(name); bytes.IndexByte(name, '_') > 0 || digits >= 2 && digits < len(name) {
		last := s.lastTokenBefore(k, int32(to))
		s.add(mark{class: classRecord, first: int32(k), last: int32(last), start: s.toks[k].start, end: int32(to), plain: -1})
	}
}
