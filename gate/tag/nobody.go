package tag

// nobodys forgets years, months and spells of time in a medical text where nobody is named or numbered: they tell when
// somebody unknown fell ill, or since when a drug is sold.
func nobodys(toks []token, labels []uint8) {
	medical := false
	for i, l := range labels {
		medical = medical || toks[i].kind == word && toks[i].end-toks[i].start > 6 && toks[i].gaz&Medical != 0
		if _, formal := toks[i].formal(); formal {
			return
		}
		if l > 0 {
			switch Entity((l - 1) / 2) {
			case Date, Age, Sex, Group, Profession, Country, Organisation, Title:
			default:
				return
			}
		}
	}
	for i := 0; medical && i < len(toks); i++ {
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
