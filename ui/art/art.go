// Package art is the drawings: arches, neighbours, the river. They are Mitral's own, carry no meaning
// that words don't, and need nothing but SVG. Imports nothing of Mitral.
package art

import (
	"context"
	"embed"
	"io"
	"strings"
	"sync"

	"github.com/a-h/templ"
)

//go:embed *.svg
var files embed.FS

// drawings maps a name to what follows "<svg" in its file, read once.
var drawings = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	entries, _ := files.ReadDir(".")
	for _, e := range entries {
		raw, err := files.ReadFile(e.Name())
		body, ok := strings.CutPrefix(strings.TrimSpace(string(raw)), "<svg")
		if err != nil || !ok {
			panic("art: " + e.Name() + " is no drawing")
		}
		out[strings.TrimSuffix(e.Name(), ".svg")] = body
	}
	return out
})

// draw writes a drawing. A label makes it an image with that name; without one it is decoration.
func draw(name, class, label string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		open := `<svg class="` + class + `" aria-hidden="true"`
		if label != "" {
			open = `<svg class="` + class + `" role="img" aria-label="` + templ.EscapeString(label) + `"`
		}
		if _, err := io.WriteString(w, open); err != nil {
			return err
		}
		_, err := io.WriteString(w, drawings()[name])
		return err
	})
}

// Hero is the town by the river; label says so to who can't see it.
func Hero(label string) templ.Component { return draw("hero", "art", label) }

// Door is the two rooms and the valve in the wall between them.
func Door(label string) templ.Component { return draw("door", "art", label) }

// Frieze is the row of arches behind a profile.
func Frieze() templ.Component { return draw("frieze", "art", "") }

// Empty stands where a list has no items.
func Empty() templ.Component { return draw("empty", "art", "") }

// Badge is the badge of an organisation that has no logo of its own: a bridge over a river.
func Badge() templ.Component { return draw("badge", "badge", "") }

// Mark is Mitral's own mark, for dark ground.
func Mark() templ.Component { return draw("mark", "mark", "") }

// Nobody is a face without a name.
func Nobody() templ.Component { return draw("nobody", "art", "") }

// Failed is the drawing of an error page: gone, shut, wait or broken.
func Failed(scene string) templ.Component { return draw(scene, "art", "") }
