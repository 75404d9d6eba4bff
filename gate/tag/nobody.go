package tag

import "slices"

// states of the United States: each has more people than could be told apart by it (45 CFR 164.514(b)(2)(i)(B)).
var states = hashes("alabama", "alaska", "arizona", "arkansas", "california", "colorado", "connecticut", "delaware", "florida", "hawaii", "idaho", "illinois",
	"indiana", "iowa", "kansas", "kentucky", "louisiana", "maine", "maryland", "massachusetts", "michigan", "minnesota", "mississippi", "missouri", "montana",
	"nebraska", "nevada", "ohio", "oklahoma", "oregon", "pennsylvania", "tennessee", "texas", "utah", "vermont", "wisconsin", "wyoming")

// nobodys forgets years, months and spells of time, and states, in a medical text where nobody is named or numbered: they
// tell when and where somebody unknown fell ill, or since when a drug is sold.
func nobodys(toks []token, labels []uint8) {
	for i, l := range labels {
		if _, formal := toks[i].formal(); formal {
			return
		}
		if l > 0 {
			switch Entity((l - 1) / 2) {
			case Date, Age, Sex, Group, Profession, Country, Organisation, Title:
			default:
				if l != first(Location) || !states[toks[i].hash] || i+1 < len(labels) && labels[i+1] == inside(Location) {
					return
				}
			}
		}
	}
	for i := 0; i < len(toks); i++ {
		if labels[i] == first(Location) {
			labels[i] = 0
		}
		if labels[i] != first(Date) {
			continue
		}
		k := i
		for k+1 < len(toks) && labels[k+1] == inside(Date) {
			k++
		}
		if !day(toks[i : k+1]) {
			clear(labels[i : k+1])
		}
		i = k
	}
}

// medical says that a text speaks of illness or treatment.
func medical(toks []token) bool {
	return slices.ContainsFunc(toks, func(t token) bool { return t.kind == word && t.end-t.start > 6 && t.gaz&Medical != 0 })
}

// day says that these words tell a day, and not only a year, a month or a spell.
func day(toks []token) bool {
	days := 0
	for i := range toks {
		t := &toks[i]
		switch {
		case t.kind == number && t.gaz&ofDate != 0, Kinds[t.gaz>>KindShift] == "weekday" && t.kind == word:
			return true
		case t.kind == number && t.gaz&7 < 3, t.kind == word && Kinds[t.gaz>>KindShift] == "month":
			days++
		}
	}
	return days > 1
}

// onlyYear says that a year is all that these words tell of time.
func onlyYear(toks []token) bool {
	years := 0
	for i := range toks {
		switch t := &toks[i]; {
		case t.kind == number && t.gaz&7 == 5:
			years++
		case t.kind == number, Kinds[t.gaz>>KindShift] == "month":
			return false
		}
	}
	return years == 1
}
