package learn

import (
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/gate/sense"
	"github.com/mitral-health/mitral/gate/tag"
)

// facts collects what is known of each word before it goes into the table.
type facts map[string]uint16

func (f facts) class(w string, shift, class int) {
	for _, p := range pieces(w) {
		if have := int(f[p] >> shift & 3); class > have {
			f[p] = f[p]&^(3<<shift) | uint16(class)<<shift
		}
	}
}

func (f facts) flag(w string, bit uint16) {
	for _, p := range pieces(w) {
		f[p] |= bit
	}
}

// pieces folds words as the tagger sees them; bits of one or two letters say nothing.
func pieces(w string) []string {
	b, _ := folder.Fold(strings.ToLower(w))
	var out []string
	for _, p := range strings.FieldsFunc(string(b), func(r rune) bool { return r < 'a' || r > 'z' }) {
		switch p {
		case "de", "la", "las", "los", "del", "el", "the", "of", "san", "and":
			continue
		}
		if len(p) > 1 {
			out = append(out, p)
		}
	}
	return out
}

func rank(n float64, mid, high float64) int {
	switch {
	case n >= high:
		return 3
	case n >= mid:
		return 2
	}
	return 1
}

// Words makes the table of words from the lists of a folder.
func Words(dir string) (*tag.Words, int, error) {
	dir = filepath.Join(dir, "gazetteers")
	f := facts{}
	for _, add := range []func(string, facts) error{surnames, spanishNames, moreNames, places, ordinary, medical, kinds} {
		if err := add(dir, f); err != nil {
			return nil, 0, err
		}
	}
	t, n := tag.NewWords(), 0
	for _, w := range sorted(f) {
		// the rarest of names that are no Spanish or American ones in use only cost room
		if f[w]&^(1<<tag.GivenShift|1<<tag.SurnameShift|1<<tag.PlaceShift) == 0 && f[w]>>tag.PlaceShift&3 == 0 && len(w) > 14 {
			continue
		}
		if n++; n > tag.WordsSize*85/100 || !t.Set(tag.Hash(w), f[w]) {
			return nil, 0, strconv.ErrRange
		}
	}
	return t, n, classes(f, t)
}

// classes takes the word classes of the model that reads whole texts.
func classes(f facts, t *tag.Words) error {
	m, err := sense.Builtin()
	if err != nil {
		return err
	}
	for _, w := range sorted(f) {
		for lang, name := range []string{"en", "es"} {
			if c := m.Class(scan.WordHash(w) ^ scan.LangHash(name)); c != 0 && !t.SetClass(tag.Hash(w), lang, c) {
				return strconv.ErrRange
			}
		}
	}
	return nil
}

func lines(path string, do func(string)) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for l := range strings.Lines(string(b)) {
		do(strings.TrimRight(l, "\r\n"))
	}
	return nil
}

func surnames(dir string, f facts) error {
	return lines(filepath.Join(dir, "us_census1990_surnames.txt"), func(l string) {
		if p := strings.Fields(l); len(p) == 4 {
			if n, _ := strconv.Atoi(p[3]); n <= 60000 {
				c := 1
				if n <= 12000 {
					c = 2
				}
				if n <= 2000 {
					c = 3
				}
				f.class(p[0], tag.SurnameShift, c)
			}
		}
	})
}

func rows(path string, do func([]string)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	r := csv.NewReader(file)
	r.FieldsPerRecord = -1
	all, err := r.ReadAll()
	for _, row := range all {
		do(row)
	}
	return err
}

func spanishNames(dir string, f facts) error {
	for _, file := range []string{"es_ine_hombres.csv", "es_ine_mujeres.csv"} {
		if err := rows(filepath.Join(dir, file), func(r []string) {
			if n, err := strconv.ParseFloat(r[1], 64); err == nil && n >= 50 {
				f.class(r[0], tag.GivenShift, rank(n, 500, 10000))
			}
		}); err != nil {
			return err
		}
	}
	return rows(filepath.Join(dir, "es_ine_apellidos-20.csv"), func(r []string) {
		if n, err := strconv.ParseFloat(r[1], 64); err == nil {
			f.class(r[0], tag.SurnameShift, rank(n, 1000, 15000))
		}
	})
}

func moreNames(dir string, f facts) error {
	b, err := os.ReadFile(filepath.Join(dir, "philter_firstnames_minus_fps.json"))
	if err != nil {
		return err
	}
	var first map[string]int
	if err := json.Unmarshal(b, &first); err != nil {
		return err
	}
	for w := range first {
		if len(w) > 2 {
			f.class(w, tag.GivenShift, 1)
		}
	}
	if b, err = os.ReadFile(filepath.Join(dir, "faker_names.json")); err != nil {
		return err
	}
	var faker map[string]map[string]json.RawMessage
	if err := json.Unmarshal(b, &faker); err != nil {
		return err
	}
	for _, lang := range faker {
		for key, raw := range lang {
			var v any
			if err := json.Unmarshal(raw, &v); err != nil {
				return err
			}
			shift := -1
			switch {
			case strings.Contains(key, "first"):
				shift = tag.GivenShift
			case strings.Contains(key, "last"):
				shift = tag.SurnameShift
			}
			if shift >= 0 {
				deepSorted(v, func(s string) { f.class(s, shift, 2) })
			}
		}
	}
	return nil
}

func places(dir string, f facts) error {
	err := lines(filepath.Join(dir, "geonames_cities1000.tsv"), func(l string) {
		p := strings.Split(l, "\t")
		if len(p) < 7 {
			return
		}
		pop, err := strconv.ParseFloat(p[6], 64)
		if err != nil || pop < 15000 && p[3] != "ES" && p[3] != "US" && p[3] != "GB" {
			return
		}
		f.class(p[1], tag.PlaceShift, rank(pop, 15000, 200000))
		if pop > 500000 && p[2] != "" {
			f.class(strings.Split(p[2], ",")[0], tag.PlaceShift, 3)
		}
	})
	if err != nil {
		return err
	}
	if err := lines(filepath.Join(dir, "phileas_states.txt"), func(l string) { f.class(l, tag.PlaceShift, 3) }); err != nil {
		return err
	}
	var towns []struct {
		Nombre string `json:"nombre"`
	}
	b, err := os.ReadFile(filepath.Join(dir, "es_municipios.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &towns); err != nil {
		return err
	}
	for _, t := range towns {
		f.class(t.Nombre, tag.PlaceShift, 1)
	}
	return nil
}

func ordinary(dir string, f facts) error {
	for file, bit := range map[string]uint16{"deb_american-english-large.txt": tag.English, "deb_spanish_words_PD.txt": tag.Spanish} {
		if err := lines(filepath.Join(dir, file), func(l string) {
			if l != "" && !strings.Contains(l, "'") && l[:1] == strings.ToLower(l[:1]) {
				f.flag(l, bit)
			}
		}); err != nil {
			return err
		}
	}
	return nil
}

func medical(dir string, f facts) error {
	for _, file := range []string{"us_icd10cm_2018_categories.csv", "orphanet_rare_diseases_en.tsv"} {
		if err := lines(filepath.Join(dir, file), func(l string) {
			p := strings.FieldsFunc(l, func(r rune) bool { return r == '\t' || r == '"' })
			if len(p) > 1 {
				f.flag(p[1], tag.Medical)
			}
		}); err != nil {
			return err
		}
	}
	return nil
}

//go:embed kinds.txt
var kindsText string

// kinds reads the list of words that say what stands next to them. The first kind of a word counts.
func kinds(_ string, f facts) error {
	for l := range strings.Lines(kindsText) {
		w := strings.Fields(l)
		if len(w) == 0 || w[0] == ";" {
			continue
		}
		k := slices.Index(tag.Kinds[:], w[0])
		if k < 1 {
			return fmt.Errorf("kinds.txt: there is no kind %q", w[0])
		}
		for _, w := range w[1:] {
			b, _ := folder.Fold(w)
			if f[string(b)]>>tag.KindShift == 0 {
				f[string(b)] |= uint16(k) << tag.KindShift
			}
		}
	}
	return nil
}
