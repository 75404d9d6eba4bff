package learn

import (
	_ "embed"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/gate/measure"
	"github.com/mitral-health/mitral/gate/tag"
)

// No labelled set has Spanish as people write it to each other, with persons in it, and few have care.
// prose.txt has such sentences with gaps; names and places of the lists fill them.
//
//go:embed prose.txt
var proseText string

// each sentence is filled this often.
const fillings = 16

type filler struct {
	seed                         uint64
	given, surnames, towns       []string
	givenEN, surnamesEN, townsEN []string
	common                       []string // Spanish surnames that many have
	rareGiven, rareSurnames      []string
	cities                       []string // of all countries
	kinds                        map[string][]string
	spanish                      bool
}

func (f *filler) next(n int) int {
	f.seed = f.seed*6364136223846793005 + 1442695040888963407
	return int(f.seed >> 33 % uint64(n))
}

func (f *filler) of(list []string) string { return list[f.next(len(list))] }

func title(s string) string {
	w := strings.Fields(strings.ToLower(s))
	for i := range w {
		switch w[i] {
		case "de", "del", "la", "las", "los", "y":
			continue
		}
		r := []rune(w[i])
		w[i] = strings.ToUpper(string(r[0])) + string(r[1:])
	}
	return strings.Join(w, " ")
}

func newFiller(dir string) (*filler, error) {
	f := &filler{seed: 7}
	return f, f.read(filepath.Join(dir, "gazetteers"))
}

func (f *filler) prose() (out []tag.Example) {
	for l := range strings.Lines(proseText) {
		l = strings.TrimSpace(l)
		switch {
		case l == "" || l[0] == ';':
			continue
		case l[0] == '[':
			f.spanish = l == "[es]"
			continue
		}
		for i := range fillings {
			x := f.fill(l)
			switch {
			case i%3 == 1:
				x = cased(x, lower)
			case i%12 == 2:
				x = cased(x, upper)
			}
			out = append(out, x)
		}
	}
	return out
}

func (f *filler) read(dir string) error {
	for _, file := range []string{"es_ine_hombres.csv", "es_ine_mujeres.csv"} {
		if err := rows(filepath.Join(dir, file), func(r []string) {
			if n, err := strconv.ParseFloat(r[1], 64); err == nil && n >= 400 {
				f.given = append(f.given, title(r[0]))
			}
		}); err != nil {
			return err
		}
	}
	if err := rows(filepath.Join(dir, "es_ine_apellidos-20.csv"), func(r []string) {
		if n, err := strconv.ParseFloat(r[1], 64); err == nil && n >= 20 {
			f.surnames = append(f.surnames, title(r[0]))
		}
	}); err != nil {
		return err
	}
	b, err := os.ReadFile(filepath.Join(dir, "es_municipios.json"))
	if err != nil {
		return err
	}
	var towns []struct {
		Nombre string `json:"nombre"`
	}
	if err := json.Unmarshal(b, &towns); err != nil {
		return err
	}
	for _, t := range towns {
		if !strings.ContainsAny(t.Nombre, ",/") {
			f.towns = append(f.towns, t.Nombre)
		}
	}
	if b, err = os.ReadFile(filepath.Join(dir, "faker_names.json")); err != nil {
		return err
	}
	var faker map[string]map[string]any
	if err := json.Unmarshal(b, &faker); err != nil {
		return err
	}
	deepSorted(faker["en"]["first_name"], func(s string) { f.givenEN = append(f.givenEN, s) })
	deepSorted(faker["en"]["last_name"], func(s string) { f.surnamesEN = append(f.surnamesEN, s) })
	deepSorted(faker["en"]["city_name"], func(s string) { f.townsEN = append(f.townsEN, s) })
	deepSorted(faker["es"]["last_name"], func(s string) { f.common = append(f.common, s) })
	if err := f.others(dir); err != nil {
		return err
	}
	n := 0
	return lines(filepath.Join(dir, "us_census1990_surnames.txt"), func(l string) {
		if p := strings.Fields(l); len(p) == 4 {
			if n++; n < 20000 {
				f.surnamesEN = append(f.surnamesEN, title(p[0]))
			}
		}
	})
}

// others reads names and places of all the world, and the kinds of words.
func (f *filler) others(dir string) error {
	for file, into := range map[string]*[]string{"philter_firstnames_minus_fps.json": &f.rareGiven, "philter_lastnames_minus_fps.json": &f.rareSurnames} {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return err
		}
		var names map[string]int
		if err := json.Unmarshal(b, &names); err != nil {
			return err
		}
		for _, w := range sortedKeys(names) {
			if len(w) > 3 && alphabetic(w) {
				*into = append(*into, title(w))
			}
		}
	}
	if err := lines(filepath.Join(dir, "geonames_cities1000.tsv"), func(l string) {
		if p := strings.Split(l, "\t"); len(p) > 6 && p[0] != "geonameid" && len(p[1]) < 20 {
			f.cities = append(f.cities, p[1])
		}
	}); err != nil {
		return err
	}
	f.kinds = map[string][]string{}
	for l := range strings.Lines(gapsText) {
		if p := strings.Split(strings.TrimSpace(l), "|"); len(p) > 1 {
			f.kinds[p[0]] = append(f.kinds[p[0]], p[1:]...)
		}
	}
	return nil
}

//go:embed gaps.txt
var gapsText string

var monthsES = strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
var monthsEN = strings.Fields("January February March April May June July August September October November December")

// gap returns what stands in a gap and what it is.
func (f *filler) gap(kind byte) (string, tag.Entity, bool) {
	given, surnames, towns, months := f.givenEN, f.surnamesEN, f.townsEN, monthsEN
	if f.spanish {
		given, surnames, towns, months = f.given, f.surnames, f.towns, monthsES
	}
	if f.next(12) == 0 { // people move
		given, surnames = f.givenEN, f.surnames
	}
	if f.spanish && f.next(2) == 0 {
		surnames = f.common
	}
	full := f.of(given) + " " + f.of(surnames)
	if f.spanish && f.next(2) == 0 {
		full += " " + f.of(surnames)
	}
	day := strconv.Itoa(1 + f.next(28))
	switch kind {
	case 'N':
		return full, tag.Name, true
	case 'G':
		return f.of(given), tag.Name, true
	case 'S':
		return f.of(surnames), tag.Name, true
	case 'P':
		return full, tag.StaffName, true
	case 'Q':
		return f.of(surnames), tag.StaffName, true
	case 'L':
		return f.of(towns), tag.Location, true
	case 'D':
		switch {
		case f.next(4) == 0:
			return day + "/" + strconv.Itoa(1+f.next(12)) + "/" + strconv.Itoa(1990+f.next(36)), tag.Date, true
		case f.spanish:
			return day + " de " + f.of(months), tag.Date, true
		case f.next(2) == 0:
			return day + " " + f.of(months), tag.Date, true
		}
		return f.of(months) + " " + day, tag.Date, true
	case 'A':
		n := strconv.Itoa(1 + f.next(96))
		if f.spanish {
			return n + " años", tag.Age, true
		}
		return n, tag.Age, true
	case 'T':
		return "6" + strconv.Itoa(10+f.next(89)) + " " + strconv.Itoa(100+f.next(899)) + " " + strconv.Itoa(100+f.next(899)), tag.Phone, true
	case 'E': // an illness, a drug, a score: nobody
		return f.of(f.kinds["nobody"]), 0, false
	case 'K':
		return f.pick("kin"), tag.Relative, true
	case 'J':
		return f.pick("job"), tag.Profession, true
	case 'C':
		return f.pick("country"), tag.Country, true
	case 'V':
		return f.pick("country"), tag.Location, true
	case 'R':
		return f.pick("demonym"), tag.Group, true
	case 'B':
		return f.pick("demonym"), tag.ID, true
	case 'O':
		return f.of(f.kinds["firm"]), tag.Organisation, true
	case 'U':
		return f.of(f.cities), tag.Location, true
	case 'X':
		return f.pick("sex"), tag.Sex, true
	case 'Y':
		return strconv.Itoa(1960 + f.next(66)), tag.Date, true
	case 'I':
		return strconv.Itoa(100000 + f.next(8999999)), tag.ID, true
	}
	return "", 0, false
}

// pick takes one of the words of a kind in the language.
func (f *filler) pick(kind string) string {
	if f.spanish {
		kind += "-es"
	}
	return f.of(f.kinds[kind])
}

func (f *filler) fill(sentence string) tag.Example {
	var b strings.Builder
	var r measure.Record
	for i := 0; i < len(sentence); i++ {
		if sentence[i] == '{' && i+2 < len(sentence) && sentence[i+2] == '}' {
			if text, e, ok := f.gap(sentence[i+1]); ok || text != "" {
				if !ok {
					b.WriteString(text)
					i += 2
					continue
				}
				r.Spans = append(r.Spans, measure.Mark{Start: b.Len(), End: b.Len() + len(text), U: e.String()})
				b.WriteString(text)
				i += 2
				continue
			}
		}
		b.WriteByte(sentence[i])
	}
	r.Text = b.String()
	return example(&r)
}

func deepSorted(v any, do func(string)) {
	switch v := v.(type) {
	case string:
		do(v)
	case []any:
		for _, x := range v {
			deepSorted(x, do)
		}
	case map[string]any:
		for _, k := range sortedKeys(v) {
			deepSorted(v[k], do)
		}
	}
}
