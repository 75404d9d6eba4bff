package triage

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Change says that a patient's line or readings are others than before.
type Change struct {
	Patient string   // logical id; "" with Reload
	Reload  bool     // changes were missed: everything may be another
	For     []string // references of the professionals on whose list the patient is or was; not to be changed
	Seq     int64    // grows with each Change of this copy of the program
	At      time.Time
}

const (
	waitFor   = 64                   // changes that a subscriber may have before them
	queueFor  = 8192                 // changes that wait to be told
	gatherFor = 5 * time.Millisecond // changes of so long are told together
)

// Subscribe returns what changes from now on, here and in other copies of the program, until ctx ends; the channel
// is closed then. Of several changes of one patient that come at once one may be told. Who reads too slowly gets
// one with Reload instead of those that they missed.
func (g *Triage) Subscribe(ctx context.Context) <-chan Change {
	s := &subscriber{ch: make(chan Change, waitFor)}
	g.hub.enter(s)
	context.AfterFunc(ctx, func() { g.hub.leave(s) })
	return s.ch
}

type subscriber struct{ ch chan Change }

// hub tells subscribers of changes. Who publishes only puts something into a queue; one goroutine at a time empties it.
type hub struct {
	of *Triage

	mu      sync.Mutex
	queue   []Change
	missed  bool // the queue was full: everybody must reload
	pumping bool
	heeded  bool // somebody listens, here or in another copy

	members sync.Mutex // of what follows
	subs    map[*subscriber]struct{}
	seq     int64
	told    map[heard]struct{} // lately, so that nothing is told twice that comes by two ways
	source  string             // this copy
	stop    context.CancelFunc // of listening to other copies
}

// heard is one change as all copies know it.
type heard struct {
	patient string
	at      int64
}

func (h *hub) reload() { h.publish(Change{Reload: true}) }

// publish tells everybody of a change that is committed. It waits for nobody.
func (h *hub) publish(c Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.heeded {
		return
	}
	if len(h.queue) >= queueFor {
		h.queue, h.missed = nil, true
	}
	h.queue = append(h.queue, c)
	if !h.pumping {
		h.pumping = true
		go h.pump()
	}
}

// pump tells what is in the queue until it is empty.
func (h *hub) pump() {
	for {
		time.Sleep(gatherFor)
		h.mu.Lock()
		batch, missed := h.queue, h.missed
		h.queue, h.missed = nil, false
		if len(batch) == 0 && !missed {
			h.pumping = false
			h.mu.Unlock()
			return
		}
		h.mu.Unlock()
		if missed {
			batch = append(batch, Change{Reload: true})
		}
		batch = fold(batch)
		h.tell(batch, true)
		h.spread(batch)
	}
}

// fold keeps the newest change of each patient; a Reload stands for all before it.
func fold(batch []Change) []Change {
	at := map[string]int{}
	out := batch[:0]
	for _, c := range batch {
		i, again := at[c.Patient]
		switch {
		case c.Reload:
			out, at = append(out[:0], c), map[string]int{}
		case again:
			out[i].For = union(out[i].For, c.For)
			out[i].At = c.At
		default:
			at[c.Patient] = len(out)
			out = append(out, c)
		}
	}
	return out
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// tell gives changes to every subscriber; those of other copies only if they weren't told already.
func (h *hub) tell(batch []Change, own bool) {
	h.members.Lock()
	defer h.members.Unlock()
	for _, c := range batch {
		if !c.Reload {
			key := heard{c.Patient, c.At.UnixMicro()}
			if _, known := h.told[key]; known && !own {
				continue
			}
			h.told[key] = struct{}{}
		}
		h.seq++
		c.Seq = h.seq
		for s := range h.subs {
			s.give(c)
		}
	}
}

// give never waits: when there is no room, what is in the way goes, and a Reload says so. Only whoever holds
// members sends, so there is room for it.
func (s *subscriber) give(c Change) {
	select {
	case s.ch <- c:
		return
	default:
	}
	for {
		select {
		case <-s.ch:
			continue
		default:
		}
		break
	}
	s.ch <- Change{Reload: true, Seq: c.Seq, At: c.At}
}

func (h *hub) enter(s *subscriber) {
	h.members.Lock()
	defer h.members.Unlock()
	if h.subs == nil {
		h.subs = map[*subscriber]struct{}{}
	}
	h.subs[s] = struct{}{}
	if len(h.subs) == 1 {
		h.told = map[heard]struct{}{}
		ctx, stop := context.WithCancel(context.Background())
		h.stop = stop
		h.heed(true)
		go h.listen(ctx)
		go h.look(ctx)
	}
}

func (h *hub) leave(s *subscriber) {
	h.members.Lock()
	defer h.members.Unlock()
	delete(h.subs, s)
	close(s.ch)
	if len(h.subs) == 0 {
		h.stop()
		_, _, others := h.of.Store.Postgres()
		h.heed(others)
	}
}

func (h *hub) heed(yes bool) {
	h.mu.Lock()
	h.heeded = yes
	h.mu.Unlock()
}
