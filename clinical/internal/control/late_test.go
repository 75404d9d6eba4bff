package control

import (
	"io"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/people"
)

// slowly is a body of which nothing comes until something else has happened.
type slowly struct{ first func() }

func (s *slowly) Read([]byte) (int, error) {
	s.first()
	return 0, io.EOF
}

// post sends a form as somebody, and lets something happen while it is under way.
func (w *world) post(as, path string, meanwhile func()) int {
	r := httptest.NewRequest("POST", path, &slowly{meanwhile})
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Test-Session", as)
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec.Code
}

// What was let in and then dawdled is decided anew: it may end after what let it in.
func TestTooLate(t *testing.T) {
	each(t, func(w *world) {
		if err := w.accept("irune", w.invite("")); err != nil {
			t.Fatal(err)
		}
		bernat := "/for/" + w.id["bernat"]
		if code := w.post("irune", bernat+"/add", func() {}); code != 200 {
			t.Fatalf("in time: %d", code)
		}
		end := func() {
			var all []people.Caregiver
			all, err := w.people.Caregivers(t.Context(), w.id["bernat"])
			if err == nil {
				err = w.people.EndCaregiver(t.Context(), w.doctor(), w.id["bernat"], all[0].Person)
			}
			if err != nil {
				t.Error(err)
			}
		}
		if code := w.post("irune", bernat+"/add", end); code != 404 {
			t.Errorf("a caregiver whose authority ended under way: %d", code)
		}
		away := func() {
			w.clock.Advance(2 * time.Second)
			if err := w.people.Connect(t.Context(), w.subject("new"), "Frida", w.id["ciro"]); err != nil {
				t.Error(err)
			}
		}
		if code := w.post("ciro", "/my/add", away); code != 404 {
			t.Errorf("an account that another took the place of under way: %d", code)
		}
		if n := len(w.all("Observation", "bernat")) + len(w.all("Observation", "ciro")); n != 1 {
			t.Errorf("%d readings, want the one in time", n)
		}
	})
}
