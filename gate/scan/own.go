package scan

import (
	"slices"
	"strings"
)

// own is what belongs to the organisation, prepared for look-up.
type own struct {
	phones  []string // last nine digits, or all if fewer
	emails  []string
	domains []string
	handles []string
	streets [][]uint64 // hashes of the words
	places  [][]uint64
	name    []uint64
	staff   [][]uint64

	templates []string
}

func newOwn(o Org) own {
	w := own{templates: o.Templates}
	for _, p := range o.Phones {
		if d := tailDigits(p); d != "" {
			w.phones = append(w.phones, d)
		}
	}
	for _, e := range o.Emails {
		e = strings.ToLower(e)
		w.emails = append(w.emails, e)
		if _, domain, ok := strings.Cut(e, "@"); ok && !freeMail(domain) {
			w.domains = append(w.domains, domain)
		}
	}
	for _, d := range o.Domains {
		w.domains = append(w.domains, strings.ToLower(d))
	}
	for _, h := range o.Handles {
		w.handles = append(w.handles, strings.ToLower(strings.TrimPrefix(h, "@")))
	}
	w.name = hashes(o.Name)
	for _, a := range o.Address {
		if h := hashes(a); len(h) > 0 {
			w.streets = append(w.streets, h)
		}
	}
	for _, p := range o.Places {
		if h := hashes(p); len(h) > 0 {
			w.places = append(w.places, h)
		}
	}
	for _, n := range slices.Concat(o.Staff, o.PublicTo) {
		if h := hashes(n); len(h) > 0 {
			w.staff = append(w.staff, h)
		}
	}
	return w
}

func freeMail(domain string) bool {
	host, _, _ := strings.Cut(domain, ".")
	return slices.Contains(strings.Fields("gmail googlemail hotmail yahoo outlook icloud proton protonmail live aol gmx msn me"), host)
}

func hashes(text string) []uint64 {
	var out []uint64
	for _, w := range splitWords(foldTerm(text)) {
		out = append(out, hashOf(w))
	}
	return out
}

func tailDigits(p string) string {
	var d []byte
	for i := range len(p) {
		if kindOf(p[i]) == cDigit {
			d = append(d, p[i])
		}
	}
	return string(d[max(0, len(d)-9):])
}

func (w *own) ownsPhone(digits string) bool {
	return slices.Contains(w.phones, digits[max(0, len(digits)-9):])
}

// ownsEmail says whether an address, or "@domain", is the organisation's, or plainly an office's and
// not a person's (info@, appointments@).
func (w *own) ownsEmail(address string) bool {
	local, domain, _ := strings.Cut(address, "@")
	if slices.Contains(w.emails, address) {
		return true
	}
	for _, d := range w.domains {
		if domain == d || strings.HasSuffix(domain, "."+d) {
			return true
		}
	}
	return slices.Contains(offices, local) && !freeMail(domain)
}

var offices = strings.Fields(`info information contact contacto contactenos hello hola help ayuda appointments citas cita
press prensa media communications comunicacion communication events eventos jobs empleo careers rrhh hr recruitment
patients pacientes atencion atencionpaciente atencionalpaciente feedback privacy privacidad dpo dpd donate donaciones
volunteers voluntariado reception recepcion admissions admisiones admision secretaria office support soporte
no-reply noreply newsletter boletin training formacion research investigacion ethics enquiries registration inscripciones`)

func (w *own) ownsHandle(h string) bool {
	if slices.Contains(w.handles, h) {
		return true
	}
	_, domain, ok := strings.Cut(h, "@")
	return ok && slices.Contains(w.domains, domain)
}

// startsWith says whether one of the phrases stands at token i, and returns its last token.
func (s *state) startsWith(phrases [][]uint64, i int) (int, bool) {
	for _, p := range phrases {
		if s.phraseAt(p, i) {
			return i + len(p) - 1, true
		}
	}
	return 0, false
}

func (s *state) phraseAt(p []uint64, i int) bool {
	if len(p) == 0 || i+len(p) > len(s.toks) {
		return false
	}
	for k, h := range p {
		if s.toks[i+k].hash != h {
			return false
		}
	}
	return true
}
