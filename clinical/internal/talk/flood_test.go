package talk

import (
	"fmt"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
)

// However much one patient writes, it pushes nobody out of the inbox, least of all who writes of danger.
func TestFloodHidesNobody(t *testing.T) {
	each(t, func(w *world) {
		w.as(w.patient("edda"), func(tx *records.Tx) {
			for i := range 2 * mostWaiting {
				l := line{ID: fmt.Sprintf("flood-%d", i), At: w.clock.Now().Add(time.Duration(i-3000) * time.Second), Side: home, Author: "Patient/" + w.id["edda"], Waits: true}
				if _, err := index(t.Context(), tx.Beside(), w.id["edda"], l); err != nil {
					t.Fatal(err)
				}
			}
		})
		w.want("ciro", "POST", own, 303, "", "key", "0123456789abcdef", "text", "I have chest pain", "sure", "on")
		err := w.store.Read(t.Context(), func(tx db.Tx) error {
			all, err := waitingLines(t.Context(), tx)
			if len(all) != 2 || all[0].Patient != w.id["ciro"] || !all[0].Urgent || all[1].Count != 2*mostWaiting || all[1].First != "flood-0" {
				t.Errorf("%+v", all)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
