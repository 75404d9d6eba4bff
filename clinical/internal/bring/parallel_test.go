package bring

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// TestQueueAtOnce: the same queue from twenty sides at the same time, each in another order, as when a phone tries again
// while its first request is still under way, at another copy of the program.
func TestQueueAtOnce(t *testing.T) {
	each(t, func(w *world) {
		now := w.clock.Now()
		var queue []waiting
		for i := range 6 {
			queue = append(queue, bp(fmt.Sprintf("key-at-once-%d", i), now.Add(-time.Duration(i+1)*time.Hour).Format(time.RFC3339), "131", "82"))
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		count := map[result]int{}
		for range 20 {
			mine := append([]waiting(nil), queue...)
			rand.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
			all.Go(func() {
				for _, a := range w.sync("edda", now, mine...) {
					mu.Lock()
					count[a.Result]++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if n := len(w.readings("edda")); n != 6 || count[stored] != 6 || count[same] != 19*6 {
			t.Errorf("%d readings, %v", n, count)
		}
	})
}
