package scan

import (
	_ "embed"
	"strings"
)

// bits say what kinds of word a token is, as far as the hand-written scanners need to know.
type bits uint64

const (
	bTitle    bits = 1 << iota // Mrs, señora: a person of any kind follows
	bPro                       // Dr, nurse, enfermera: a professional follows
	bGiven                     // a given name
	bGivenToo                  // a given name that is a common word as well: Grace, Rosa
	bParticle                  // de la, van, bin: inside a name
	bMonth
	bMonthToo // May, March: a month only beside a day or a year
	bWeekday
	bStreetBefore // calle, avenida
	bStreetAfter  // street, road
	bTLD
	bDigitWord
	bNinety  // ninety, noventa
	bHundred // hundred, cien
	bInstitution
	bAbbrev
	bStop     // never part of a name
	bBigPlace // too large to point to anybody
	bFreeMail
	bRoom
	bBed
	bPlaceWord // a place may follow
	bHotWord   // a record number follows
	bGroup     // people in general: adults, mayores
	bCommon    // often capitalised without being a name
	bDot
	bAtWord
	bPhoneWord
	bNationality
	bEnglish
	bSpanish
	bNotYouDid  // ends like a verb in the second person, but is none
	bNotPast    // ends like a verb in the past, or like a drug, but is none
	bEndearing  // little: stands before a name without being part of it
	bIDWord     // the number of a person may follow: dni, passport
	bRecordWord // the number of a record may follow at once: historia, hc
	bVehicle    // a number plate may be near
	bBirth      // a date of birth follows
	bUser       // the name of an account follows
)

var sections = map[string]bits{
	"title": bTitle, "professional": bPro, "given": bGiven, "given-and-word": bGivenToo, "particle": bParticle,
	"month": bMonth, "month-and-word": bMonthToo, "weekday": bWeekday, "street-before": bStreetBefore,
	"street-after": bStreetAfter, "top-level-domain": bTLD, "digit": bDigitWord, "ninety": bNinety,
	"hundred": bHundred, "institution": bInstitution, "abbreviation": bAbbrev, "stop": bStop,
	"big-place": bBigPlace, "free-mail": bFreeMail, "room": bRoom, "bed": bBed, "hot-word": bHotWord,
	"group": bGroup, "common": bCommon, "dot": bDot, "at": bAtWord, "phone": bPhoneWord, "nationality": bNationality,
	"place-word": bPlaceWord, "english": bEnglish, "endearing": bEndearing, "not-you-did": bNotYouDid, "spanish": bSpanish, "not-past": bNotPast,
	"id-word": bIDWord, "record-word": bRecordWord, "vehicle": bVehicle, "birth": bBirth, "user": bUser,
}

//go:embed words.txt
var wordsText string

type entry struct {
	id   uint32 // zero for a word that only has bits
	bits bits
}

// vocab is every word that the engine knows: those of words.txt by kind, and those of the patterns.
type vocab struct {
	words  map[uint64]entry
	prefix map[uint64]uint32
	chat   map[uint64]chat
	lens   uint32 // bit n is set if a prefix of n bytes exists
	next   uint32
}

func newVocab() *vocab {
	v := &vocab{words: map[uint64]entry{}, prefix: map[uint64]uint32{}, chat: chatForms(), next: 1}
	var kind bits
	for line := range strings.Lines(wordsText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == ';':
		case line[0] == '[':
			kind = sections[strings.Trim(line, "[]")]
		default:
			for word := range strings.FieldsSeq(line) {
				v.mark(word, kind)
			}
		}
	}
	return v
}

func (v *vocab) mark(word string, kind bits) {
	h := hashOf(word)
	e := v.words[h]
	e.bits |= kind
	v.words[h] = e
}

// word returns the id of an exact word, giving it one if it is new.
func (v *vocab) word(w string) uint32 {
	h := hashOf(w)
	e := v.words[h]
	if e.id == 0 {
		e.id = v.next
		v.next++
		v.words[h] = e
	}
	return e.id
}

// start returns the id of a word's beginning.
func (v *vocab) start(w string) uint32 {
	h := hashOf(w)
	id, ok := v.prefix[h]
	if !ok {
		id = v.next
		v.next++
		v.prefix[h] = id
		v.lens |= 1 << len(w)
	}
	return id
}

// leet says whether the letters and digits from from on spell a known word when the digits are read
// as the letters they look like ("canc3r"), and where that word ends. The letters end at i.
func (v *vocab) leet(b []byte, from, i int) (int, bool) {
	if i >= len(b) || leetLetter(b[i]) == 0 {
		return 0, false
	}
	n := i
	for n < len(b) && n-from < 32 && (letterByte(b[n]) || leetLetter(b[n]) != 0) {
		n++
	}
	letters := 0
	for _, c := range b[from:n] {
		if letterByte(c) {
			letters++
		}
	}
	if n-from < 3 || letters*2 <= n-from || n < len(b) && kindOf(b[n]) == cDigit { // ES70 is an account, not "esto"
		return 0, false
	}
	h := v.leetHash(b, from, n)
	e, ok := v.words[h]
	return n, ok && (e.bits&bStop == 0 || n-from == 3) || disguised(b[from:n])
}

// leetStart is leet for a word whose first letter is a digit ("5ida"), from from on. The word must be known, and
// long enough to be no count or ordinal.
func (v *vocab) leetStart(b []byte, from int) (int, bool) {
	if leetLetter(b[from]) == 0 {
		return 0, false
	}
	n, digits := from, 0
	for n < len(b) && n-from < 32 && (kindOf(b[n]) == cLetter || leetLetter(b[n]) != 0) {
		if kindOf(b[n]) != cLetter {
			digits++
		}
		n++
	}
	if n-from < 4 || digits > 2 || kindOf(b[from+1]) != cLetter || n < len(b) && (letterByte(b[n]) || kindOf(b[n]) == cDigit) {
		return 0, false
	}
	e, ok := v.words[v.leetHash(b, from, n)]
	return n, ok && e.bits&(bStop|bGroup) == 0
}

// disguised says whether a word that nobody knows is one with digits in the place of letters, and no
// code: single digits stand between letters, most of which are small.
func disguised(w []byte) bool {
	letters, small := 0, 0
	for i, c := range w {
		switch kindOf(c) {
		case cLetter:
			letters++
			small++
		case cUpper:
			letters++
		default:
			if c == '@' || i == 0 || i == len(w)-1 || !letterByte(w[i+1]) {
				return false
			}
		}
	}
	return len(w) > 3 && small*2 > letters && letters*2 > len(w)
}

func (v *vocab) leetHash(b []byte, from, n int) uint64 {
	h := uint64(fnvOffset)
	for _, c := range b[from:n] {
		if l := leetLetter(c); l != 0 {
			c = l
		}
		h = (h ^ uint64(lower(c))) * fnvPrime
	}
	return h
}

func leetLetter(c byte) byte {
	switch c {
	case '0':
		return 'o'
	case '1':
		return 'i'
	case '3':
		return 'e'
	case '4', '@':
		return 'a'
	case '5':
		return 's'
	case '7':
		return 't'
	}
	return 0
}
