package media

import (
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

// Routes returns the address of every stored picture: GET /media/{key}.
func (s *Store) Routes() []web.Route {
	return []web.Route{{Pattern: "GET /media/{key}", Handler: s.serve}}
}

var keyShape = regexp.MustCompile(`^[0-9a-f]{32}-[1-9][0-9]{0,4}\.(jpg|png)$`)

// serve answers with one stored size. A picture that nothing public uses is for signed-in staff only
// and reads as not found to everybody else.
func (s *Store) serve(w http.ResponseWriter, r *http.Request) error {
	gone := fault.New(fault.NotFound, "There is no such picture.")
	key := r.PathValue("key")
	if !keyShape.MatchString(key) {
		return gone
	}
	var i Image
	var public bool
	err := s.store.Read(r.Context(), func(tx db.Tx) (err error) {
		i, public, err = s.byKey(r.Context(), tx, key[:32])
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return gone
	}
	if err != nil {
		return err
	}
	if !i.has(key) || !public && identity.From(r.Context()) == nil {
		return gone
	}
	f, _, err := s.blobs.Get(r.Context(), blobKey(key))
	if err != nil {
		return err
	}
	defer f.Close()
	h := w.Header()
	h.Set("Content-Type", i.Type)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Disposition", "inline")
	h.Set("ETag", `"`+key+`"`)
	// The name is the hash of the content, so what is behind it never changes.
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if !public {
		h.Set("Cache-Control", "private, max-age=3600")
	}
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}

// has reports whether key is one of the picture's stored sizes.
func (i Image) has(key string) bool {
	for _, w := range i.Widths {
		if i.key(w) == key {
			return true
		}
	}
	return false
}
