package text

import (
	"embed"
	"encoding/json"
	"path"
	"sync"
)

//go:embed es/*.json
var files embed.FS

// spanish is every Spanish sentence by its English one, read when the first page needs it.
var spanish = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	entries, err := files.ReadDir("es")
	if err != nil {
		panic("text: " + err.Error())
	}
	for _, e := range entries {
		raw, err := files.ReadFile(path.Join("es", e.Name()))
		if err == nil {
			err = json.Unmarshal(raw, &all)
		}
		if err != nil {
			panic("text: es/" + e.Name() + ": " + err.Error())
		}
	}
	return all
})

func find(lang, key string) string {
	if lang != "es" {
		return key
	}
	if s, ok := spanish()[key]; ok {
		return s
	}
	return key
}

// Load reads the catalogue, so that the first page need not.
func Load() { spanish() }
