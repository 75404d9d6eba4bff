package scan

import "slices"

// class is a sort of mark: what one scanner finds, or one list of a pack.
type class uint16

// The scanners' classes. A pack refers to them by the names in scanners.
const (
	classNone class = iota
	classSSN
	classDNI
	classNIE
	classNHS
	classNHSLike
	classNINO
	classNASS
	classCIP
	classIBAN
	classCard
	classNPI
	classMBI
	classRecord
	classPhone
	classEmail
	classProfileURL
	classHandle
	classIP
	classDate
	classDateRef
	classAge
	classAgeMinor
	classAge90
	classRoom
	classBed
	classStreet
	classAddress
	classPostcode
	classPlace
	className
	classGiven
	classNameLike
	classStaff
	classOwn
	classYouDid
	classTreatment
	classPast
	classDrug
	classLongAgo
	classSpelled
	classNational
	classPlate
	classInitials
	classRoomCode
	classBirth
	classRecordLink
	classEmojiCare
	classEmojiSecret
	classDisguised
	classBedRow
	classGivenToo
	firstList
)

var scanners = map[string]class{
	"ssn": classSSN, "dni": classDNI, "nie": classNIE, "nhs-number": classNHS, "nhs-number-like": classNHSLike,
	"nino": classNINO, "nass": classNASS, "cip": classCIP, "iban": classIBAN, "card": classCard, "npi": classNPI,
	"mbi": classMBI, "record-number": classRecord, "phone": classPhone, "email": classEmail,
	"profile-url": classProfileURL, "handle": classHandle, "ip": classIP, "date": classDate, "weekday": classDateRef,
	"age": classAge, "age-minor": classAgeMinor, "age-90": classAge90, "room": classRoom, "bed": classBed,
	"street": classStreet, "address": classAddress, "postcode": classPostcode, "place": classPlace,
	"name": className, "given-name": classGiven, "name-like": classNameLike, "staff": classStaff, "own": classOwn,
	"you-did": classYouDid, "treatment": classTreatment, "past": classPast, "drug": classDrug, "long-ago": classLongAgo,
	"spelled-number": classSpelled, "national-id": classNational, "plate": classPlate, "initials": classInitials,
	"room-code": classRoomCode, "birth-date": classBirth, "record-link": classRecordLink, "emoji-care": classEmojiCare,
	"emoji-secret": classEmojiSecret, "disguised": classDisguised, "bed-row": classBedRow, "given-or-word": classGivenToo,
}

// Scanners lists the names of the built-in scanners, sorted.
func Scanners() []string {
	names := make([]string, 0, len(scanners))
	for n := range scanners {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// mark says that the tokens first to last (inclusive) are something of a class.
type mark struct {
	class       class
	first, last int32
	start, end  int32 // bytes of the folded text; may be wider than the tokens ("+34", "@")
	plain       int32 // glossary entry, -1 if none
	next        int32 // the next mark that starts at the same token, -1 at the end
}

// add keeps a mark unless the same one is there already.
func (s *state) add(m mark) {
	for i := s.heads[m.first]; i >= 0; i = s.marks[i].next {
		if have := &s.marks[i]; have.class == m.class && have.last == m.last && have.plain == m.plain {
			return
		}
	}
	m.next = s.heads[m.first]
	s.heads[m.first] = int32(len(s.marks))
	s.marks = append(s.marks, m)
}

// markTokens adds a mark that covers exactly the tokens first to last.
func (s *state) markTokens(c class, first, last int) {
	s.add(mark{class: c, first: int32(first), last: int32(last), start: s.toks[first].start, end: s.toks[last].end, plain: -1})
}

// longest returns the last token of the longest mark of class c that starts at token i, or -1.
func (s *state) longest(c class, i int) int {
	last := int32(-1)
	for m := s.heads[i]; m >= 0; m = s.marks[m].next {
		if s.marks[m].class == c {
			last = max(last, s.marks[m].last)
		}
	}
	return int(last)
}

// index sorts the marks into one list per class, each in order of the text.
func (s *state) index() {
	for i := range s.byClass {
		s.byClass[i] = s.byClass[i][:0]
	}
	for i := range s.heads {
		for m := s.heads[i]; m >= 0; m = s.marks[m].next {
			c := s.marks[m].class
			s.byClass[c] = append(s.byClass[c], m)
		}
	}
}

// firstAt returns the first of the marks in a list of one class that begins at the word pos or later.
func (s *state) firstAt(list []int32, pos int32) int {
	i, _ := slices.BinarySearchFunc(list, pos, func(x, pos int32) int { return int(s.toks[s.marks[x].first].pos - pos) })
	return i
}

// near says whether a mark of class c lies within n words of m, and returns the nearest: before it,
// after it, or either if both are wanted. m itself is not near itself.
func (s *state) near(m *mark, c class, n int32, before, after bool) *mark {
	list := s.byClass[c]
	if len(list) == 0 {
		return nil
	}
	from, to := s.toks[m.first].pos-n, s.toks[m.last].pos+n
	i := s.firstAt(list, from-s.engine.reach)
	var best *mark
	bestGap := int32(1 << 30)
	for ; i < len(list); i++ {
		o := &s.marks[list[i]]
		first, last := s.toks[o.first].pos, s.toks[o.last].pos
		if first > to {
			break
		}
		if o == m || last < from || o.first == m.first && o.last == m.last && o.class == m.class {
			continue
		}
		gap := int32(0)
		switch {
		case o.last < m.first:
			if !before {
				continue
			}
			gap = s.toks[m.first].pos - last
		case o.first > m.last:
			if !after {
				continue
			}
			gap = first - s.toks[m.last].pos
		}
		if gap <= n && (gap < bestGap || gap == bestGap && o.last-o.first > best.last-best.first) {
			best, bestGap = o, gap
		}
	}
	return best
}
