package scan

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// A term is how a rule pack writes what to look for, word by word; docs/gate.md has the same table.
//
//	heart attack       these words in this order; accents, case and hyphens don't matter
//	operad*            any word that begins so
//	=US                in exactly this case
//	(a|the|one of)     one of these; brackets may stand inside brackets
//	(very)?            or nothing
//	~3                 up to three words of any kind
//	<phone>            whatever a scanner or a list of that name found
//	<number>           digits; <long-number> at least four
//
// Punctuation inside a sentence is skipped; a term never reaches over the end of a sentence.

// Limits on terms, so that no pack can make the gate slow.
const (
	maxTermBytes    = 900
	maxElements     = 16
	maxGap          = 8
	maxBranches     = 600
	maxAlternatives = 160
)

type atomKind uint8

const (
	atomWord atomKind = iota
	atomExact
	atomClass
	atomNumber
	atomAny
)

type atom struct {
	kind atomKind
	id   uint32
	text string // atomExact: as written; atomClass: the name, until it is resolved
}

type element struct {
	alts     [][]atom
	optional bool
	gap      int
}

type pattern struct {
	class    class
	elements []element
	plain    int32 // which glossary entry, -1 if none
}

// CheckTerm says whether a term is well written, and which lists and scanners it refers to.
func CheckTerm(term string) (refs []string, err error) {
	els, err := parseTerm(newScratchVocab(), term)
	if err != nil {
		return nil, err
	}
	for _, e := range els {
		for _, alt := range e.alts {
			for _, a := range alt {
				if a.kind == atomClass {
					refs = append(refs, a.text)
				}
			}
		}
	}
	return refs, nil
}

func newScratchVocab() *vocab {
	return &vocab{words: map[uint64]entry{}, prefix: map[uint64]uint32{}, next: 1}
}

func parseTerm(v *vocab, term string) ([]element, error) {
	if len(term) > maxTermBytes {
		return nil, fmt.Errorf("longer than %d bytes", maxTermBytes)
	}
	var els []element
	branches := 1
	rest := strings.TrimSpace(foldTerm(term))
	for rest != "" {
		var e element
		part, after, err := cutPart(rest)
		if err != nil {
			return nil, err
		}
		switch {
		case part[0] == '(':
			e.optional = strings.HasSuffix(part, "?")
			alts, err := alternatives(strings.Trim(part, "?"))
			if err != nil {
				return nil, err
			}
			for _, alt := range alts {
				atoms, err := parseAtoms(v, alt)
				if err != nil {
					return nil, err
				}
				if len(atoms) == 0 {
					return nil, fmt.Errorf("an alternative is empty; write (…)? for something that may be absent")
				}
				e.alts = append(e.alts, atoms)
			}
			if e.optional {
				branches *= 2
			}
		case part[0] == '~':
			if e.gap, err = gap(part); err != nil {
				return nil, err
			}
			branches *= e.gap + 1
		default:
			atoms, err := parseAtoms(v, part)
			if err != nil {
				return nil, err
			}
			if len(atoms) > 0 {
				e.alts = [][]atom{atoms}
			}
		}
		if e.gap > 0 || e.alts != nil {
			els = append(els, e)
		}
		rest = strings.TrimLeft(after, " ")
	}
	switch {
	case len(els) == 0:
		return nil, fmt.Errorf("it has no words")
	case len(els) > maxElements:
		return nil, fmt.Errorf("more than %d parts", maxElements)
	case branches > maxBranches:
		return nil, fmt.Errorf("too many gaps and optional parts")
	case els[0].gap > 0 || els[len(els)-1].gap > 0:
		return nil, fmt.Errorf("a gap can't stand at the start or the end")
	case slices.ContainsFunc(els[0].alts, func(a []atom) bool { return a[0].kind == atomAny }):
		return nil, fmt.Errorf("it can't begin with any word")
	case !slices.ContainsFunc(els, func(e element) bool { return e.alts != nil && !e.optional }):
		return nil, fmt.Errorf("everything in it is optional")
	}
	return els, nil
}

// foldTerm removes accents as the text's folding does, but keeps the signs of the notation.
func foldTerm(term string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(term) {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			b.WriteString(foldRune(r))
		}
	}
	return b.String()
}

func parseAtoms(v *vocab, text string) ([]atom, error) {
	var atoms []atom
	for field := range strings.FieldsSeq(text) {
		switch {
		case field == "_":
			atoms = append(atoms, atom{kind: atomAny})
		case field[0] == '<':
			name, ok := strings.CutSuffix(field[1:], ">")
			if !ok || !validName(name) {
				return nil, fmt.Errorf("%q: a list or scanner is written <name>", field)
			}
			switch name {
			case "number":
				atoms = append(atoms, atom{kind: atomNumber, id: 1})
			case "long-number":
				atoms = append(atoms, atom{kind: atomNumber, id: 4})
			default:
				atoms = append(atoms, atom{kind: atomClass, text: name})
			}
		case strings.HasSuffix(field, "*"):
			w := strings.ToLower(field[:len(field)-1])
			if len(w) < 3 || len(w) > 31 || !allLetters(w) {
				return nil, fmt.Errorf("%q: at least three letters before the star", field)
			}
			atoms = append(atoms, atom{kind: atomWord, id: v.start(w)})
		default:
			exact := field[0] == '='
			for _, w := range splitWords(strings.TrimPrefix(field, "=")) {
				a := atom{kind: atomWord, id: v.word(w)}
				if exact {
					a.kind, a.text = atomExact, w
				}
				atoms = append(atoms, a)
			}
		}
	}
	return atoms, nil
}

// splitWords cuts as tokenise does: runs of letters, runs of digits, and 's with its letters.
func splitWords(s string) []string {
	var out []string
	for i := 0; i < len(s); {
		from := i
		switch {
		case letterByte(s[i]) || s[i] == '\'' && (i == 0 || letterByte(s[i-1])) && i+1 < len(s) && letterByte(s[i+1]):
			i++
			for i < len(s) && letterByte(s[i]) {
				i++
			}
		case kindOf(s[i]) == cDigit:
			for i < len(s) && kindOf(s[i]) == cDigit {
				i++
			}
		default:
			i++
			continue
		}
		out = append(out, unhurried(s[from:i])...)
	}
	return out
}

func allLetters(s string) bool {
	for i := range len(s) {
		if !letterByte(s[i]) {
			return false
		}
	}
	return true
}

func validName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
