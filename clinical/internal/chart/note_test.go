package chart

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// A note of any length is drawn as far as the app would take it in, and goes with its reading.
func TestLongNote(t *testing.T) {
	each(t, func(w *world) {
		long := strings.Repeat("ñ", mostNote)
		write := func(note string) {
			w.do(func(tx *records.Tx) error {
				_, _, err := tx.Update(w.Context(), pulse("edda", "one", w.clock.Now(), 70, note), records.Any)
				return err
			})
		}
		for note, want := range map[string]string{long: long, long + long: long + "…"} {
			write(note)
			if got := w.drawn("edda")[vitals.HeartRate]; len(got) != 1 || got[0].Note != want {
				t.Errorf("a note of %d bytes: %.2000v", len(note), got)
			}
		}
	})
}
