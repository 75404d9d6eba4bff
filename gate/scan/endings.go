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
		case ends(w, youDid) && t.bits&bNotYouDid == 0:
			s.markTokens(classYouDid, i, i)
		case ends(w, treatments) && t.bits&bStop == 0:
			s.markTokens(classTreatment, i, i)
		case ends(w, drugs) && t.bits&(bStop|bNotPast) == 0:
			s.markTokens(classDrug, i, i)
		}
	}
}

var (
	youDid     = [][]byte{[]byte("aste"), []byte("iste"), []byte("asteis"), []byte("isteis"), []byte("abas")}
	treatments = [][]byte{[]byte("ectomy"), []byte("plasty"), []byte("oscopy"), []byte("ostomy"), []byte("otomy"), []byte("itis"),
		[]byte("ectomia"), []byte("plastia"), []byte("oscopia"), []byte("ostomia"), []byte("otomia")}
)

func ends(w []byte, endings [][]byte) bool {
	for _, e := range endings {
		if bytes.HasSuffix(w, e) {
			return true
		}
	}
	return false
}
