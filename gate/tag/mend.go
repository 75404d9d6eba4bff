package tag

// After the search: what form and the words beside it make certain.

func hashes(words ...string) map[uint32]bool {
	out := map[uint32]bool{}
	for _, w := range words {
		out[Hash(w)] = true
	}
	return out
}

var (
	// illnesses, signs and tests that are called after somebody: "Graves' disease", "sindrome de Marfan"
	afterSomebody = hashes("disease", "syndrome", "lymphoma", "palsy", "sign", "test", "score", "criteria", "classification", "thyroiditis", "esophagus",
		"oesophagus", "phenomenon", "disorder", "fracture", "procedure", "operation", "contracture", "sarcoma", "tumor", "tumour", "carcinoma", "arteritis",
		"anemia", "chorea", "scale", "index", "staging", "stage", "grade", "maneuver", "manoeuvre", "reflex", "triad", "questionnaire", "inventory", "rule", "rules", "exam", "examination", "formula", "equation", "stain", "method", "incision", "point", "line", "cells", "bodies", "virus", "infection", "catheter")
	and, or = Hash("and"), Hash("or")
	// what is called after somebody, or a place, and is never somebody's own
	terms = hashes("disease", "syndrome", "lymphoma", "palsy", "criteria", "classification", "maneuver", "manoeuvre", "phenomenon", "thyroiditis",
		"esophagus", "fever", "virus", "encephalitis", "strain", "diet", "doctrine", "formula", "reflex", "tube", "scale", "staging", "sarcoma", "fracture", "contracture",
		"procedure", "technique", "protocol", "vaccine", "antibody", "antibodies", "chorea", "ataxia", "dystrophy", "anemia", "arteritis", "neuroma", "triad")
	units       = hashes("mg", "mcg", "g", "kg", "ml", "mm", "cm", "iu", "units", "weeks", "mmhg", "meq", "bid", "tid", "puffs")
	calledAfter = hashes("sindrome", "enfermedad", "signo", "escala", "test", "maniobra", "triada", "linfoma", "sarcoma", "tumor", "angina", "fractura", "clasificacion", "tecnica", "celulas", "virus")
	// what has a year that is nobody's: "the 2023 guidelines"
	published = hashes("guideline", "guidelines", "recommendation", "recommendations", "criteria", "consensus", "trial", "study", "update", "classification", "statement", "edition", "article", "paper", "review")
	issued    = hashes("guideline", "guidelines", "recommendation", "recommendations", "criteria", "consensus", "trial", "statement")
	// how the common names of drugs end
	drugEnds = hashes("pril", "zole", "rtan", "olol", "umab", "imab", "inib", "ptin", "ozin", "tide", "aban", "epam", "kast", "atin", "oxin", "ycin", "llin", "cept", "mide", "afil")
)

// mend corrects labels: days in figures are whole, who gave an illness its name is not somebody, and the
// year of a guideline is not when something happened.
func mend(toks []token, labels []uint8) {
	dates(toks, labels)
	spanish, medical := style(toks)&4 != 0, medical(toks)
	for i := 0; i < len(toks); i++ {
		l := labels[i]
		if l == 0 {
			continue
		}
		k := i
		for k+1 < len(toks) && labels[k+1] == (l-1)/2*2+2 {
			k++
		}
		switch Entity((l - 1) / 2) {
		case Name, StaffName, Location, Organisation:
			if eponym(toks, i, k) || !spanish && called(toks, i, k) || letter(toks, i, k) || i == k && (drug(&toks[i]) || issuer(toks, i) || medical && l == first(Name) && acronym(toks, i)) {
				clear(labels[i : k+1])
			}
		case Date:
			if measured(toks, k) || onlyYear(toks[i:k+1]) && (published[wordAt(toks, k+1)] || published[wordAt(toks, k+2)]) {
				clear(labels[i : k+1])
			}
		}
		if spanish && labels[i] == l {
			part(toks, labels, i, k)
		}
		i = k
	}
	if medical && !spanish {
		nobodys(toks, labels)
	}
}

// drug says that a word is the common or a trade name of a drug, and nobody's name.
func drug(t *token) bool {
	const named = 3<<GivenShift | 3<<SurnameShift | 3<<PlaceShift
	return t.kind == word && brands[t.hash] || t.kind == word && t.end-t.start > 6 && t.gaz&named == 0 && drugEnds[t.suf4]
}

// eponym says that all words from one to the other are such as illnesses are called after, and one stands there.
func eponym(toks []token, from, to int) bool {
	words := 0
	for i := from; i <= to; i++ {
		t := &toks[i]
		if t.kind == word && !(i > from && t.glued && t.hash == Hash("s")) {
			if Kinds[t.known()] != "eponym" && !inventors[t.hash] {
				return false
			}
			words++
		}
	}
	next := to + 1
	if next < len(toks) && toks[next].kind == mark && toks[next].hash == '\'' {
		next++
		if next < len(toks) && toks[next].glued && toks[next].hash == Hash("s") {
			next++
		}
	}
	return words > 0 && (afterSomebody[wordAt(toks, next)] || wordAt(toks, from-1) == Hash("de") && calledAfter[wordAt(toks, from-2)])
}

// called says that a name stands before what doctors call after people and places, as no person's would: without
// 's and in one piece ("Stevens-Johnson syndrome", "the Rotterdam criteria"), or one of two ("Rinne and Weber test").
func called(toks []token, from, to int) bool {
	if !onePiece(toks, from, to) {
		return false
	}
	next := to + 1
	if w := wordAt(toks, next); w == and || w == or {
		for next++; next < len(toks) && next < to+5 && (toks[next].glued || next == to+2) && !terms[wordAt(toks, next)]; next++ {
			if toks[next].kind == word && toks[next].shape < 7 {
				return false
			}
		}
	}
	return terms[wordAt(toks, next)]
}

// onePiece says that nothing stands between the words.
func onePiece(toks []token, from, to int) bool {
	for i := from + 1; i <= to; i++ {
		if !toks[i].glued {
			return false
		}
	}
	return toks[to].kind == word
}

// letter says that one letter is all: "e.g.", "H. pylori".
func letter(toks []token, from, to int) bool {
	for from < to && toks[to].kind == mark {
		to--
	}
	for from < to && toks[from].kind == mark {
		from++
	}
	t := &toks[from]
	if from != to || t.kind != word || t.end-t.start != 1 || from+2 >= len(toks) || toks[from+1].hash != '.' {
		return false
	}
	next := &toks[from+2]
	return t.shape == 1 && t.glued || next.kind == word && next.shape == 3 && next.class[0] == 0
}

// measured says that a number before a unit ends the span: a dose, not a day.
func measured(toks []token, to int) bool { return toks[to].kind == number && units[wordAt(toks, to+1)] }

// acronym says that a word stands alone in capitals: an illness ("GERD"), not somebody.
func acronym(toks []token, i int) bool {
	shouts := func(i int) bool {
		return i >= 0 && i < len(toks) && toks[i].kind == word && (toks[i].shape == 5 || toks[i].shape == 6)
	}
	t := &toks[i]
	return t.kind == word && t.shape == 6 && t.end-t.start < 6 && !shouts(i-1) && !shouts(i+1)
}

// issuer says that capitals name who wrote a guideline: "ADA guidelines".
func issuer(toks []token, i int) bool {
	t := &toks[i]
	return t.kind == word && (t.shape == 5 || t.shape == 6) && t.end-t.start < 7 && (issued[wordAt(toks, i+1)] || issued[wordAt(toks, i+2)])
}

// wordAt is the hash of the word at i, 0 if there is none.
func wordAt(toks []token, i int) uint32 {
	if i < 0 || i >= len(toks) || toks[i].kind != word {
		return 0
	}
	return toks[i].hash
}

// dates labels all of day/month/year where nothing, or a part of it, was found.
func dates(toks []token, labels []uint8) {
	const begin, inside = 1 + 2*uint8(Date), 2 + 2*uint8(Date)
	for i := 0; i+4 < len(toks); i++ {
		if toks[i].kind != number || toks[i].gaz&ofDate == 0 {
			continue
		}
		whole := true
		for _, l := range labels[i : i+5] {
			whole = whole && (l == 0 || l == begin || l == inside)
		}
		if whole {
			if labels[i] != inside {
				labels[i] = begin
			}
			for k := i + 1; k < i+5; k++ {
				labels[k] = inside
			}
		}
		i += 4
	}
}

// trim leaves out marks at the ends of what was found that belong to the sentence around it.
func trim(toks []token, from, to int) (int, int) {
	open, quotes := 0, 0
	for i := from; i <= to; i++ {
		switch {
		case toks[i].kind == mark && toks[i].hash == '(':
			open++
		case toks[i].kind == mark && toks[i].hash == ')':
			open--
		case toks[i].kind == mark && toks[i].hash == '"':
			quotes++
		}
	}
	for from <= to && toks[from].kind == mark && (toks[from].hash != '(' && toks[from].hash != '#' && toks[from].hash != '+' || from == to) {
		switch toks[from].hash {
		case ')':
			open++
		case '"':
			if quotes%2 == 0 && from < to {
				return from, to
			}
			quotes++
		}
		from++
	}
	for ; from <= to; to-- {
		t, before := &toks[to], &toks[max(to-1, from)]
		if t.kind == newline || t.kind == word && from < to && t.shape < 4 && tailWords[t.hash] {
			continue
		}
		if t.kind != mark {
			break
		}
		switch t.hash {
		case '.':
			if before.kind == word && before.end-before.start < 5 {
				return from, to
			}
		case ')':
			if open >= 0 {
				return from, to
			}
			open++
		case '"':
			if quotes%2 == 0 {
				return from, to
			}
			quotes++
		case ',', ';', ':', '-', '(', '/', '!', '?':
		default:
			return from, to
		}
	}
	return from, to
}
