package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/platform/blob"
)

// Manifest says what a backup holds.
type Manifest struct {
	Format   int       `json:"format"`
	Program  string    `json:"program"`
	Taken    time.Time `json:"taken"`
	Database string    `json:"database"` // "sqlite" or "postgres"
	Stores   []Store   `json:"stores"`
	Parts    []Part    `json:"parts"`
}

// Store describes one store. Tables and Sequences are given for PostgreSQL only.
type Store struct {
	Name      string     `json:"name"`
	Version   int        `json:"version"` // migrations taken
	Jobs      int        `json:"jobs,omitempty"`
	Tables    []Table    `json:"tables,omitempty"`
	Sequences []Sequence `json:"sequences,omitempty"`
}

// Table is one table, after every table that it refers to.
type Table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

// Sequence is where a counter stands.
type Sequence struct {
	Name string `json:"name"`
	Last int64  `json:"last"`
}

// Part is a run of entries of the tar and the SHA-256 over them, each preceded by its name and size.
type Part struct {
	Name    string `json:"name"`
	Entries int    `json:"entries"`
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
}

const (
	format   = 1
	sqlite   = "sqlite"
	postgres = "postgres"

	manifestEntry = "manifest.json"
	filesPart     = "files"
	maxManifest   = 8 << 20
)

// ErrDamaged is the root of every error that says the backup itself can't be used as it is.
var ErrDamaged = errors.New("this is no backup of Mitral, or it is damaged")

func damaged(text string, args ...any) error {
	return fmt.Errorf("%w: "+text, append([]any{ErrDamaged}, args...)...)
}

// Entries of the tar are named
//
//	stores/NAME/database.db            a whole SQLite store
//	stores/NAME/TABLE/00000001.copy    a piece of a PostgreSQL table
//	files/KEY                          a file
//	manifest.json                      the last one
//
// and nothing else is read; a name never becomes a path except through blob's own check.
func databasePart(store string) string     { return "stores/" + store + "/database" }
func databaseEntry(store string) string    { return "stores/" + store + "/database.db" }
func tablePart(store, table string) string { return "stores/" + store + "/" + table }
func fileEntry(key string) string          { return "files/" + key }
func tableEntry(store, table string, n int) string {
	return fmt.Sprintf("stores/%s/%s/%08d.copy", store, table, n)
}

// entry is a parsed name.
type entry struct {
	part  string
	store string
	table string // of PostgreSQL
	n     int    // which piece of it, from 1
	key   string // of a file
}

var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

func parseEntry(name string) (entry, bool) {
	if key, ok := strings.CutPrefix(name, "files/"); ok {
		return entry{part: filesPart, key: key}, blob.ValidKey(key)
	}
	rest, ok := strings.CutPrefix(name, "stores/")
	if !ok {
		return entry{}, false
	}
	store, rest, _ := strings.Cut(rest, "/")
	if !identifier.MatchString(store) {
		return entry{}, false
	}
	if rest == "database.db" {
		return entry{part: databasePart(store), store: store}, true
	}
	table, piece, _ := strings.Cut(rest, "/")
	digits, ok := strings.CutSuffix(piece, ".copy")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || !identifier.MatchString(table) || tableEntry(store, table, n) != name {
		return entry{}, false
	}
	return entry{part: tablePart(store, table), store: store, table: table, n: n}, true
}

// readManifest parses and checks a manifest's own sense.
func readManifest(b []byte) (Manifest, error) {
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return Manifest{}, damaged("the manifest can't be read")
	}
	if head.Format > format {
		return Manifest{}, fmt.Errorf("the backup has format %d, this program knows %d: use the newer Mitral that wrote it", head.Format, format)
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil || m.Format != format || m.Database != sqlite && m.Database != postgres {
		return Manifest{}, damaged("the manifest makes no sense")
	}
	seen := map[string]bool{}
	for _, s := range m.Stores {
		if !identifier.MatchString(s.Name) || seen[s.Name] || s.Version < 0 || s.Jobs < 0 {
			return Manifest{}, damaged("the manifest makes no sense")
		}
		seen[s.Name] = true
		names := make([]string, 0, len(s.Tables)+len(s.Sequences))
		for _, t := range s.Tables {
			names = append(append(names, t.Name), t.Columns...)
		}
		for _, q := range s.Sequences {
			names = append(names, q.Name)
		}
		if slices.ContainsFunc(names, func(n string) bool { return !identifier.MatchString(n) }) {
			return Manifest{}, damaged("the manifest holds a name that is none")
		}
	}
	return m, nil
}
