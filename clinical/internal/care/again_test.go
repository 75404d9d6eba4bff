package care

import (
	"sync"
	"testing"
)

// Of many who put an alert off again at the same moment one does, and the others are told.
func TestPutOffAgainByMany(t *testing.T) {
	each(t, func(w *world) {
		page := w.gains()
		alert, seen := w.alert("doctor", page)
		w.want("doctor", "POST", alert, 303, "done=snooze", "do", "snooze", "seen", seen, "reason", "A new tablet.", "until", "tomorrow")
		alert, seen = w.alert("doctor", page)
		const many = 6
		codes := make(chan int, many)
		var group sync.WaitGroup
		for range many {
			group.Go(func() {
				codes <- w.do("doctor", "POST", alert, "do", "snooze", "seen", seen, "reason", "Still new.", "until", "tomorrow").Code
			})
		}
		group.Wait()
		close(codes)
		n := map[int]int{}
		for code := range codes {
			n[code]++
		}
		if n[303] != 1 || n[409] != many-1 {
			t.Errorf("answers %v", n)
		}
	})
}
