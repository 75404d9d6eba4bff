package care

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// names remembers what staff are called, for a while: pages name the same few people over and over.
type names struct {
	mu    sync.Mutex
	known map[string]string // by reference: "Practitioner/x"
	since time.Time
}

const namesLast = 10 * time.Minute

// staffNames are the names of these references to Practitioners; of others, and of who isn't there, "".
func (c *Care) staffNames(ctx context.Context, t *records.Tx, refs ...string) (map[string]string, error) {
	out := map[string]string{}
	var ask []string
	c.names.mu.Lock()
	if now := c.Clock.Now(); now.Sub(c.names.since) > namesLast {
		c.names.known, c.names.since = map[string]string{}, now
	}
	for _, ref := range refs {
		id, ok := strings.CutPrefix(ref, "Practitioner/")
		if _, done := out[ref]; done || !ok {
			continue
		}
		name, ok := c.names.known[ref]
		if out[ref] = name; !ok {
			ask = append(ask, id)
		}
	}
	c.names.mu.Unlock()
	if len(ask) == 0 {
		return out, nil
	}
	page, err := t.Find(ctx, "Practitioner", "_id", strings.Join(ask, ","), "_count", "200")
	if err != nil {
		return nil, err
	}
	for i := range page.Records {
		n, err := resource.Parse(page.Records[i].Body)
		if err != nil {
			return nil, err
		}
		out["Practitioner/"+n.ID()] = people.Called(n)
	}
	c.names.mu.Lock()
	defer c.names.mu.Unlock()
	for _, id := range ask {
		c.names.known["Practitioner/"+id] = out["Practitioner/"+id]
	}
	return out, nil
}
