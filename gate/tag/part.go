package tag

// Lines in which somebody signs run name, hospital, street and town together. Where words and marks tell where
// one ends, they are believed more than what was learned.

var (
	// words with which an address begins and no name of a hospital or of a person goes on
	streetWords = hashes("calle", "avenida", "avda", "avd", "paseo", "pso", "ctra", "carretera", "plaza", "ronda", "apartado", "apdo", "carrer", "avinguda", "rua", "urbanizacion")
	ofWords     = hashes("de", "del", "la", "las", "los", "el", "of", "the")
	tailWords   = hashes("de", "del", "y", "e", "para", "hasta", "con", "of", "and", "for")
	doctors     = hashes("dr", "dra", "doctor", "doctora")
	inAddress   = hashes("piso", "planta", "bajo", "izq", "izda", "izquierda", "dcha", "derecha", "puerta", "pta", "esc", "escalera", "portal", "bloque", "edificio", "ed", "torre", "local", "casa", "colonia", "poligono", "centro", "interior", "sector", "letra", "oficina", "despacho", "km", "numero", "residencia", "residencial", "esquina", "parcela", "barrio", "camping", "manzana")
	twoWords    = hashes("san", "santa", "ciudad", "la", "las", "los", "el", "puerto", "santiago", "villa", "vila", "palma", "jerez", "alcala", "nuestra", "virgen", "salud")
)

func first(e Entity) uint8  { return 1 + 2*uint8(e) }
func inside(e Entity) uint8 { return 2 + 2*uint8(e) }

// part corrects where spans begin and end, the one from i to k among them.
func part(toks []token, labels []uint8, i, k int) {
	switch e := Entity((labels[i] - 1) / 2); e {
	case Location:
		for j := i + 1; j < k; j++ {
			if toks[j].kind != mark || toks[j+1].kind != word {
				continue
			}
			post := toks[j].hash == '-' && toks[j].glued && toks[j+1].glued && toks[j-1].kind == number && toks[j-1].end-toks[j-1].start == 5
			stop := toks[j].hash == '.' && toks[j].glued && !toks[j+1].glued && toks[j-1].kind == word && toks[j-1].end-toks[j-1].start > 3
			if post || stop {
				labels[j], labels[j+1] = 0, first(Location)
			}
		}
		if toks[i].kind == mark && toks[i].hash == '(' && i < k && !closed(toks[i:k+1]) {
			labels[i], labels[i+1] = 0, first(Location)
		}
	case Address:
		town(toks, labels, i, k)
	case Date:
		for j := i + 1; j < k; j++ {
			if toks[j].kind == word && toks[j].hash == hasta {
				labels[j], labels[j+1] = 0, first(Date)
			}
		}
	case Phone:
		for j := i + 1; j < k; j++ {
			if toks[j].kind == mark && (toks[j].hash == '/' || toks[j].hash == '-') && whole(&toks[j-1]) && whole(&toks[j+1]) {
				labels[j], labels[j+1] = 0, first(Phone)
			}
		}
	case StaffName, Facility, Organisation, Name:
		if e == Facility {
			beyond(toks, labels, i, k)
		}
		for j := i + 1; j <= k; j++ {
			if toks[j].kind == word && streetWords[toks[j].hash] && toks[j].shape >= 7 && !ofWords[wordAt(toks, j-1)] {
				street(toks, labels, j, k)
				break
			}
		}
		if e == StaffName && doctors[wordAt(toks, i)] && i < k {
			labels[i] = 0
			if i++; toks[i].kind == mark && i < k {
				labels[i] = 0
				i++
			}
			labels[i] = first(e)
		}
	}
}

var hasta, home = Hash("hasta"), Hash("domicilio")

// whole says that a number alone is a telephone's.
func whole(t *token) bool { return t.kind == number && t.end-t.start == 9 }

func closed(toks []token) bool {
	for i := range toks {
		if toks[i].kind == mark && toks[i].hash == ')' {
			return true
		}
	}
	return false
}

// street makes what stands from j to k an address, or the beginning of the one that follows.
func street(toks []token, labels []uint8, j, k int) {
	labels[j] = first(Address)
	for i := j + 1; i <= k; i++ {
		labels[i] = inside(Address)
	}
	next := k + 1
	if next < len(toks) && toks[next].kind == mark && toks[next].hash == ',' {
		next++
	}
	if next < len(toks) && labels[next] == first(Address) {
		for i := k + 1; i <= next; i++ {
			labels[i] = inside(Address)
		}
	}
}

// town takes the town off the end of an address: a place after the last number that is no part of a house.
func town(toks []token, labels []uint8, i, k int) {
	for j := i; j > 0 && toks[j-1].kind != newline; j-- {
		if toks[j-1].kind == word && toks[j-1].hash == home {
			return
		}
	}
	from := k + 1
	for from-1 > i && toks[from-1].kind != number {
		from--
	}
	if from-1 <= i { // there is no number
		return
	}
	for from <= k && (toks[from].kind == mark || toks[from].glued || toks[from].end-toks[from].start < 2) {
		from++
	}
	place := false
	for j := from; j <= k; j++ {
		t := &toks[j]
		if t.kind != word || inAddress[t.hash] || t.shape < 7 && !ofWords[t.hash] {
			return
		}
		place = place || t.gaz&(3<<PlaceShift) != 0 && t.end-t.start > 3
	}
	if !place {
		return
	}
	for j := from - 1; j > i && toks[j].kind == mark; j-- {
		labels[j] = 0
	}
	labels[from] = first(Location)
	for j := from + 1; j <= k; j++ {
		labels[j] = inside(Location)
	}
}

// beyond takes the street off the end of a hospital that is called after its town: "Hospital de Soria Calle Mayor
// Vieja, 2", where a number follows.
func beyond(toks []token, labels []uint8, i, k int) {
	next := k + 1
	if next < len(toks) && toks[next].kind == mark && toks[next].hash == ',' {
		next++
	}
	if next >= len(toks) || toks[next].kind != number && wordAt(toks, next) != noNumber {
		return
	}
	for j := i + 1; j+2 <= k; j++ {
		if wordAt(toks, j) != de || toks[j+1].kind != word || toks[j+1].gaz&(3<<PlaceShift) == 0 || twoWords[toks[j+1].hash] {
			continue
		}
		if t := &toks[j+2]; t.kind == word && t.shape >= 7 {
			street(toks, labels, j+2, k)
		}
		return
	}
}

var de, noNumber = Hash("de"), Hash("s") // s/n
