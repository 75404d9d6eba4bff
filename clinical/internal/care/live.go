package care

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/ui"
)

// The live list. A change is read and drawn once in each language, however many lists are open; each list has
// a goroutine of its own that writes what it is handed. Who doesn't keep up is cut off and comes back to a
// fresh list: nobody waits for anybody.

const (
	liveQueue = 32   // frames that a caller may be behind
	liveMost  = 4096 // open lists in one process
	livePause = 20 * time.Millisecond
)

// live is who listens. It hears the engine only while somebody does.
type live struct {
	care *Care
	boot string // of this process: numbers of another mean nothing here

	mu   sync.Mutex
	all  map[*listener]bool
	stop context.CancelFunc // of the feed; nil while nobody listens
	seq  int64              // frames sent by this feed and those before
	shut bool               // the program stops
}

type listener struct {
	lang   string
	ref    string // whose list: "Practitioner/x"; "" is everybody's
	frames chan []byte
}

func newLive(c *Care) *live {
	var b [6]byte
	rand.Read(b[:])
	return &live{care: c, boot: hex.EncodeToString(b[:]), all: map[*listener]bool{}}
}

// mark says up to where a page that is read now is right; "" while nobody listens.
func (l *live) mark() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop == nil {
		return ""
	}
	return l.at()
}

func (l *live) at() string { return l.boot + "-" + strconv.FormatInt(l.seq, 10) }

// join begins to listen. It returns where the feed is.
func (l *live) join(lang, ref string) (*listener, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) >= liveMost || l.shut {
		return nil, "", fault.New(fault.Unavailable, "Too many lists are open. Open the page again in a while.")
	}
	one := &listener{lang, ref, make(chan []byte, liveQueue)}
	l.all[one] = true
	if l.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		l.stop = stop
		l.seq++ // what happened while nobody listened is not known
		go l.run(ctx, l.care.Triage.Subscribe(ctx))
	}
	return one, l.at(), nil
}

// Close lets everybody go whose list is open, for the program to stop. They come back to the next one.
func (c *Care) Close() {
	c.live.mu.Lock()
	defer c.live.mu.Unlock()
	c.live.shut = true
	for one := range c.live.all {
		c.live.drop(one)
	}
}

func (l *live) leave(one *listener) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(one)
}

// drop ends a listener once. The last one ends the feed. l is locked.
func (l *live) drop(one *listener) {
	if !l.all[one] {
		return
	}
	delete(l.all, one)
	close(one.frames)
	if len(l.all) == 0 && l.stop != nil {
		l.stop()
		l.stop = nil
	}
}

// run hears the engine until ctx ends, or the engine does: then everybody is let go. What comes close together goes
// out together, and the more lists are open, the longer it waits for more.
func (l *live) run(ctx context.Context, changes <-chan triage.Change) {
	off := map[string]bool{} // patients of whom the lists know that they are not on them
	for first := range changes {
		batch := map[string][]string{}
		reload := l.gather(first, batch)
		l.mu.Lock()
		pause := time.NewTimer(min(livePause+time.Duration(len(l.all))*100*time.Microsecond, time.Second))
		l.mu.Unlock()
		if len(batch) == 1 && len(changes) == 0 {
			pause.Reset(time.Millisecond) // one alone need not wait
		}
		for waiting := true; waiting; {
			select {
			case c, ok := <-changes:
				if ok {
					reload = l.gather(c, batch) || reload
				}
				waiting = ok
			case <-pause.C:
				waiting = false
			}
		}
		pause.Stop()
		events, ok := l.draw(ctx, batch, off)
		if reload || !ok {
			break // they come back to a fresh list
		}
		l.send(ctx, events)
	}
	l.endAll(ctx)
}

func (l *live) gather(c triage.Change, batch map[string][]string) (reload bool) {
	if !c.Reload {
		batch[c.Patient] = append(batch[c.Patient], c.For...)
	}
	return c.Reload
}

// endAll lets everybody go, unless a newer feed has begun.
func (l *live) endAll(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	l.seq++
	for one := range l.all {
		l.drop(one)
	}
}

// event is a line that changed, in each language; without one the patient is off the list.
type event struct {
	patient string
	whose   []string
	html    map[string]string
}

// draw reads and draws the changed lines, once for all lists.
func (l *live) draw(ctx context.Context, batch map[string][]string, off map[string]bool) (out []event, ok bool) {
	for patient, whose := range batch {
		e := event{patient, whose, map[string]string{}}
		one, err := l.care.lineNow(ctx, patient)
		switch {
		case err != nil:
			return nil, false
		case one == nil || one.Severity == "" && !one.Settled:
			if off[patient] {
				continue
			}
			off[patient] = true
		default:
			delete(off, patient)
			for _, lang := range l.care.Site.Langs {
				var b bytes.Buffer
				in := ui.With(ctx, &ui.Setting{Site: l.care.Site, Lang: lang})
				if queueLine(one, "", false).Render(in, &b) == nil {
					e.html[lang] = b.String()
				}
			}
		}
		out = append(out, e)
	}
	return out, true
}

// liveScopes are what drawing a line reads, for whoever has opened the list: that was allowed, and is in the trail.
const liveScopes = "system/Patient.rs system/DetectedIssue.rs system/Observation.rs system/Practitioner.rs system/CareTeam.rs system/Basic.rs"

// lineNow is a patient's line as the program reads it; nil if they are not on the list.
func (c *Care) lineNow(ctx context.Context, patient string) (*line, error) {
	l, err := c.Triage.Line(ctx, c.program, patient)
	if l == nil || err != nil {
		return nil, err
	}
	one := &line{Line: *l, Now: c.Clock.Now()}
	err = c.Records.Look(ctx, c.program, func(t *records.Tx) error {
		named, err := c.staffNames(ctx, t, l.Owner)
		one.OwnerName = named[l.Owner]
		return err
	})
	return one, err
}

// send hands the events out: one frame for each language and list.
func (l *live) send(ctx context.Context, events []event) {
	if len(events) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	l.seq++
	frames := map[[2]string][]byte{}
	for one := range l.all {
		key := [2]string{one.lang, one.ref}
		frame, made := frames[key]
		if !made {
			frame = l.frame(events, one)
			frames[key] = frame
		}
		select {
		case one.frames <- frame:
		default:
			l.drop(one)
		}
	}
}

// frame is the events of one list in one language.
func (l *live) frame(events []event, one *listener) []byte {
	type change struct {
		Patient string `json:"patient"`
		HTML    string `json:"html"`
	}
	lines := []change{}
	for _, e := range events {
		if one.ref == "" || slices.Contains(e.whose, one.ref) {
			lines = append(lines, change{e.patient, e.html[one.lang]})
		}
	}
	raw, err := json.Marshal(struct {
		Mark  string   `json:"mark"`
		Lines []change `json:"lines"`
	}{l.at(), lines})
	if err != nil || len(lines) == 0 {
		raw = []byte(`{"mark":"` + l.at() + `","lines":[]}`)
	}
	return slices.Concat([]byte("event: lines\ndata: "), raw, []byte("\n\n"))
}
