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

// Nobody fills the store of files alone.
func TestFilesOfADay(t *testing.T) {
	each(t, func(w *world) {
		err := w.store.Write(t.Context(), func(tx db.Tx) error {
			for i := range maxDaily - 1 {
				if _, err := tx.Exec(t.Context(), `INSERT INTO talk_files (id, patient, owner, message, title, type, size, wide, high, sum, place, secret, at)
					VALUES ($1, $2, $3, '-', '', '', 0, 0, 0, '', $1, $4, $5)`, fmt.Sprintf("f%d", i), w.id["edda"], w.subject("edda"), []byte{}, db.Micros(w.clock.Now())); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		send := func(as, path, key string) int {
			return w.post(as, path, map[string]string{"key": key + "0123456789abcdef", "text": "Look"}, part{"a.jpg", "image/jpeg", snapshot(40, 30)}).Code
		}
		if got := []int{send("edda", own, "a"), send("edda", own, "b"), send("ciro", own, "c"), send("nurse", w.team("edda"), "d")}; fmt.Sprint(got) != "[303 422 303 303]" {
			t.Errorf("the last of the day, one more, somebody else, a colleague: %v", got)
		}
		w.clock.Advance(25 * time.Hour)
		if code := send("edda", own, "e"); code != 303 {
			t.Errorf("the next day: %d", code)
		}
	})
}
