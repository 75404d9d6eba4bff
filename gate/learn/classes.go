package learn

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/gate/sense"
)

// WordClasses reads the Brown clusters and frequencies of a folder that holds them for both languages
// (LANG_lexeme_cluster.json.gz, LANG_lexeme_prob.json.gz) and keeps the n most frequent words of each.
func WordClasses(dir string, n int) ([]sense.Word, error) {
	have := map[uint32]bool{}
	var out []sense.Word
	for k, lang := range []string{"en", "es"} {
		var classes map[string]int
		var often map[string]float64
		if err := gunzip(filepath.Join(dir, lang+"_lexeme_cluster.json.gz"), &classes); err != nil {
			return nil, err
		}
		if err := gunzip(filepath.Join(dir, lang+"_lexeme_prob.json.gz"), &often); err != nil {
			return nil, err
		}
		words := make([]string, 0, len(classes))
		numbers := map[int]int{}
		var all []int
		for w, c := range classes {
			words = append(words, w)
			if numbers[c] == 0 {
				numbers[c] = 1
				all = append(all, c)
			}
		}
		slices.Sort(all)
		for i, c := range all {
			numbers[c] = i + 16 + 2048*k
		}
		slices.SortFunc(words, func(a, b string) int {
			if often[a] != often[b] {
				if often[a] > often[b] {
					return -1
				}
				return 1
			}
			return strings.Compare(a, b)
		})
		kept := 0
		for _, w := range words {
			b, _ := folder.Fold(w)
			f := strings.ToLower(string(b))
			if strings.Trim(f, "abcdefghijklmnopqrstuvwxyz'") != "" || f == "" {
				continue
			}
			h := scan.WordHash(f) ^ scan.LangHash(lang)
			if have[h] {
				continue
			}
			have[h] = true
			out = append(out, sense.Word{Hash: h, Class: uint16(numbers[classes[w]])})
			if kept++; kept == n {
				break
			}
		}
	}
	return out, nil
}

func gunzip(path string, into any) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return json.NewDecoder(z).Decode(into)
}
