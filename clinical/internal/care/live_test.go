package care

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/triage"
)

// openList is an open list, as a browser has it.
type openList struct {
	t      *testing.T
	events chan [2]string // name, data; closed at its end
	stop   context.CancelFunc
}

func (w *world) open(url, as, lang, who string) *openList {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", url+"/care/live?who="+who, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Test-Session", as)
	r.Header.Set("Accept-Language", lang)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != "text/event-stream" {
		w.t.Fatalf("the stream of %s: %d %s", as, a.StatusCode, a.Header.Get("Content-Type"))
	}
	s := &openList{w.t, make(chan [2]string, 100), stop}
	go func() {
		defer close(s.events)
		defer a.Body.Close()
		name, lines := "", bufio.NewScanner(a.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if v, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = v
			} else if v, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				s.events <- [2]string{name, v}
			}
		}
	}()
	if e := s.next(); e[0] != "hello" {
		w.t.Fatalf("the stream begins with %v", e)
	}
	return s
}

func (s *openList) next() [2]string {
	s.t.Helper()
	select {
	case e, ok := <-s.events:
		if !ok {
			return [2]string{"end"}
		}
		return e
	case <-time.After(10 * time.Second):
		s.t.Fatal("nothing comes")
		return [2]string{}
	}
}

// until waits for the line of a patient as it should be: changes of a moment before may come first.
func (s *openList) until(patient string, right func(html string) bool) {
	s.t.Helper()
	for {
		e := s.next()
		if e[0] == "end" {
			s.t.Fatal("the stream ended")
		}
		var change struct {
			Lines []struct{ Patient, HTML string }
		}
		if e[0] != "lines" {
			continue
		}
		if err := json.Unmarshal([]byte(e[1]), &change); err != nil {
			s.t.Fatal(err)
		}
		for _, l := range change.Lines {
			if l.Patient == patient && right(l.HTML) {
				return
			}
		}
	}
}

func TestLive(t *testing.T) {
	each(t, func(w *world) {
		srv := httptest.NewServer(w.h)
		defer srv.Close()
		defer w.pages.Close() // a server waits for its streams
		edda := w.gains()
		alert, seen := w.alert("doctor", edda)
		w.want("doctor", "POST", alert, 303, "", "do", "none", "reason", "Salt", "seen", seen, "close", "1")
		if mark := w.pages.live.mark(); mark != "" {
			t.Errorf("nobody listens, and the list is marked %q", mark)
		}

		all, mine := w.open(srv.URL, "nurse", "es", "all"), w.open(srv.URL, "doctor", "en", "mine")
		other := w.open(srv.URL, "nurse", "en", "mine")
		w.want("edda", "POST", "/my/add/weight", 303, "/my", "key", "key-number-9", "n0", "88", "unit", "kg", "sure", "88 kg")
		all.until(w.id["edda"], func(html string) bool {
			return strings.Contains(html, "Peso: ") && strings.Contains(html, `data-rank="2"`)
		})
		mine.until(w.id["edda"], func(html string) bool {
			return strings.Contains(html, "Weight up ") && strings.Contains(html, `data-rank="2"`)
		})
		page, mark := "", "none yet"
		for mark != w.pages.live.mark() { // what follows the alert may come between the question and the page
			mark = w.pages.live.mark()
			page = w.want("doctor", "GET", "/care", 200, "")
		}
		if !strings.Contains(page, mark) {
			t.Errorf("the page is not marked %q", mark)
		}
		if !strings.Contains(page, `data-src="/care/live?who=mine"`) {
			t.Error("the page doesn't lead to its stream")
		}

		// Decided and closed elsewhere: off the list, without a word of why.
		alert, seen = w.alert("doctor", edda)
		w.want("doctor", "POST", alert, 303, "", "do", "none", "reason", "Salt again", "seen", seen, "close", "1")
		mine.until(w.id["edda"], func(html string) bool { return html == "" })

		// Whose list it isn't hears of nobody.
		other.stop()
		for e := range other.events {
			if strings.Contains(e[1], w.id["edda"]) {
				t.Errorf("a list of others: %s", e)
			}
		}

		// That it was opened is in the trail.
		w.want("", "GET", "/care/live", 303, "/sign-in")
		w.want("edda", "GET", "/care/live", 403, "")

		// The program stops: every stream ends at once.
		w.pages.Close()
		for _, s := range []*openList{all, mine} {
			for e := s.next(); e[0] != "end"; e = s.next() {
			}
		}
		w.want("doctor", "GET", "/care/live", 503, "")
	})
}

// Who doesn't read is cut off, and holds nobody up.
func TestSlowList(t *testing.T) {
	each(t, func(w *world) {
		l := w.pages.live
		defer w.pages.Close()
		slow, _, err := l.join("en", "")
		if err != nil {
			t.Fatal(err)
		}
		quick, _, err := l.join("en", "")
		if err != nil {
			t.Fatal(err)
		}
		for i := range liveQueue + 5 {
			l.send(t.Context(), []event{{patient: strconv.Itoa(i), html: map[string]string{"en": "x"}}})
			<-quick.frames
		}
		n := 0
		for range slow.frames {
			n++
		}
		if n != liveQueue || l.all[slow] || !l.all[quick] {
			t.Errorf("the slow one got %d frames; it is on: %v, the other: %v", n, l.all[slow], l.all[quick])
		}
		// Changes that were missed end every stream: the lists are read anew.
		changes := make(chan triage.Change, 1)
		changes <- triage.Change{Reload: true}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		l.run(ctx, changes)
		if _, open := <-quick.frames; open {
			t.Error("a list stays open that has missed changes")
		}
	})
}
