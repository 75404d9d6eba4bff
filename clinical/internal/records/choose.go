package records

import (
	"context"
	"sync"
	"time"
)

// counts remembers how many entries big conditions have, so that they are not counted for every search. What
// it says only helps to choose a driver: a search finds the same with another.
type counts struct {
	mu sync.Mutex
	of map[string]sized
}

type sized struct {
	n  int
	at time.Time
}

const (
	maxCounts  = 4096
	countsLast = 10 * time.Minute
)

func (s *counts) get(key string, now time.Time) (int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.of[key]
	return v.n, ok && now.Sub(v.at) < countsLast
}

func (s *counts) put(key string, n int, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil || len(s.of) >= maxCounts {
		s.of = map[string]sized{}
	}
	s.of[key] = sized{n, now}
}

// sizeOf is count, or what it said lately about a condition that has many entries.
func (f *finder) sizeOf(ctx context.Context, c *condition, most int) (int, error) {
	key := ""
	if len(c.ranges) == 1 {
		key = string(c.ranges[0].Lo) + string(c.ranges[0].Hi)
		if n, ok := f.t.store.counts.get(key, f.t.now); ok {
			return n, nil
		}
	}
	n, err := f.count(ctx, c, most)
	if err == nil && key != "" && most == f.many && n >= f.few {
		f.t.store.counts.put(key, n, f.t.now)
	}
	return n, err
}

// choose makes the condition with the fewest entries the driver.
func (f *finder) choose(ctx context.Context, p *plan) error {
	var big []int
	before := 0
	for _, most := range []int{f.tiny, f.few, f.many} {
		big = big[:0]
		for i := range p.all {
			c := &p.all[i]
			if c.ranges == nil {
				continue
			}
			if p.empty = c.none(); p.empty {
				return nil
			}
			if c.size < before {
				continue // known from the round before
			}
			n, err := f.sizeOf(ctx, c, most)
			if err != nil {
				return err
			}
			c.size = n
			if p.empty = n == 0; p.empty {
				return nil
			}
			if n < most && n < p.size {
				p.driver, p.size = i, n
			}
			if n >= most {
				big = append(big, i)
			}
		}
		if p.driver >= 0 || len(big) == 0 || most == f.few && len(big) < 2 {
			break
		}
		before = most
	}
	if p.driver < 0 && len(big) > 0 {
		p.driver = big[0]
		for _, i := range big {
			if better(&p.all[i], &p.all[p.driver]) {
				p.driver = i
			}
		}
		p.size = f.many
	}
	return nil
}

// better prefers, of two big conditions, one exact key.
func better(a, b *condition) bool {
	return len(a.exact) == 1 && len(b.exact) != 1
}
