package timeline

import "sync"

// maxKept bounds the bytes of each of a cache's two generations.
const maxKept = 3 << 20

// cache keeps what was made from the store. It does not know whether that is still true: what it keeps
// names the state of the store that it was made from, and who takes it out compares. So it is right
// with any number of copies of the program. When the young generation is full it becomes the old one,
// and the old one is dropped.
type cache[T any] struct {
	mu         sync.Mutex
	young, old map[string]T
	size       int
}

// get returns what is kept under a key, or the zero T.
func (c *cache[T]) get(key string) T {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.young[key]
	if !ok {
		v = c.old[key]
	}
	return v
}

// put keeps v, which takes size bytes. What would fill an eighth of a generation is not kept.
func (c *cache[T]) put(key string, v T, size int) {
	if size += len(key); size > maxKept/8 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size += size; c.young == nil || c.size > maxKept {
		c.old, c.young, c.size = c.young, map[string]T{}, size
	}
	c.young[key] = v
}
