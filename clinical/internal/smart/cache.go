package smart

import (
	"sync"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
)

// maxTokens bounds the memory of what was verified.
const maxTokens = 10_000

// tokens remembers for CacheFor what the store said of a token. What the store refuses is not
// remembered, so a token works as soon as it is issued.
type tokens struct {
	mu   sync.Mutex
	good map[[32]byte]verified
}

type verified struct {
	who   access.Who
	until time.Time
}

func (t *tokens) get(hash [32]byte, now time.Time) (access.Who, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v, ok := t.good[hash]
	if !ok || !now.Before(v.until) {
		return access.Who{}, false
	}
	return v.who, true
}

func (t *tokens) put(hash [32]byte, who access.Who, now, expires time.Time) {
	until := now.Add(CacheFor)
	if expires.Before(until) {
		until = expires
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.good == nil || len(t.good) >= maxTokens {
		t.good = map[[32]byte]verified{}
	}
	t.good[hash] = verified{who, until}
}
