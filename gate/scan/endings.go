package scan

import "bytes"

// endings finds words by how they end: Spanish verbs that tell somebody what they did ("viniste",
// "gritabas"), and names of operations and inflammations ("prostatectomy", "otitis").
func (s *state) endings() {
	for i := range s.toks {
		t := &s.toks[i]
		if t.is(fDigits) && t.end-t.start == 4 && t.val >= 1000 && t.val < 1935 {
			s.markTokens(classLongAgo, i, i)
		}
		if t.is(fLeet) || t.is(fApart) && t.nids == 0 && t.bits == 0 && t.end-t.start >= 7 {
			s.markTokens(classDisguised, i, i)
		}
		if !t.is(fDigits) && s.past(i) {
			s.markTokens(classPast, i, i)
		}
		if t.is(fDigits) || t.end-t.start < 6 || t.end-t.start > 30 {
			continue
		}
		var buf [30]byte
		w := buf[:t.end-t.start]
		for k, c := range s.text.b[t.start:t.end] {
			w[k] = lower(c)
		}
		switch {
		case youDid.end(w) && t.bits&bNotYouDid == 0:
			s.markTokens(classYouDid, i, i)
		case treatments.end(w) && t.bits&bStop == 0:
			s.markTokens(classTreatment, i, i)
		case drugs.end(w) && t.bits&(bStop|bNotPast) == 0:
			s.markTokens(classDrug, i, i)
		}
	}
}

// endings are ways in which words end, each of at least three letters.
type endings struct {
	all   [][]byte
	tails [16]uint64 // which last three letters there are, one bit of 1024 for each
}

func endingsOf(all ...string) *endings {
	e := &endings{}
	for _, w := range all {
		e.all = append(e.all, []byte(w))
		k := tail([]byte(w))
		e.tails[k>>6] |= 1 << (k & 63)
	}
	return e
}

func tail(w []byte) uint32 {
	n := len(w)
	return (uint32(w[n-1])*961 + uint32(w[n-2])*31 + uint32(w[n-3])) & 1023
}

// end says whether w, of three letters or more, ends so.
func (e *endings) end(w []byte) bool {
	if k := tail(w); e.tails[k>>6]>>(k&63)&1 == 0 {
		return false
	}
	for _, e := range e.all {
		if bytes.HasSuffix(w, e) {
			return true
		}
	}
	return false
}

var (
	youDid     = endingsOf("aste", "iste", "asteis", "isteis", "abas")
	treatments = endingsOf("ectomy", "plasty", "oscopy", "ostomy", "otomy", "itis", "ectomia", "plastia", "oscopia", "ostomia", "otomia")
)
