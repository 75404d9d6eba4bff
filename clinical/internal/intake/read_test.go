package intake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// jobs reads a file by f and returns what comes out, a line for each job.
func jobs(t *testing.T, text string, done int64, f func(s *source, give func(*job) error) error) string {
	t.Helper()
	s := &source{path: filepath.Join(t.TempDir(), "x.json"), done: done}
	if err := os.WriteFile(s.path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out []string
	next := done
	err := f(s, func(j *job) error {
		if j.from != next {
			t.Errorf("a job begins at %d, the one before ended at %d", j.from, next)
		}
		next = j.from + int64(len(j.entries)+len(j.lines))
		said := fmt.Sprint(j.from, "+", len(j.entries)+len(j.lines), " ", j.kind)
		if j.last {
			said += " last"
		}
		if j.broken != nil {
			said += " broken"
		}
		out = append(out, said)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, ", ")
}

// TestReadEntries: a long bundle comes in jobs that join without gaps, from wherever the last import ended.
func TestReadEntries(t *testing.T) {
	var entries []string
	for i := range 1200 {
		entries = append(entries, fmt.Sprintf(`{"fullUrl":"urn:uuid:%d","resource":{"resourceType":"Patient","id":"p%d"}}`, i, i))
	}
	long := `{"resourceType":"Bundle","entry":[` + strings.Join(entries, ",") + `],"type":"collection"}`
	for _, c := range []struct {
		text string
		done int64
		want string
	}{
		{long, 0, "0+500 collection, 500+500 collection, 1000+200 collection last"},
		{long, 500, "500+500 collection, 1000+200 collection last"},
		{long, 1200, "1200+0 collection last"},
		{long[:len(long)-3000], 0, "0+0  last broken"},
		{`{"resourceType":"Bundle","type":"history","entry":[{}]}`, 0, "0+0  last broken"},
		{`{"resourceType":"Patient"}`, 0, "0+0  last broken"},
		{`[]`, 0, "0+0  last broken"},
		{``, 0, "0+0  last broken"},
	} {
		got := jobs(t, c.text, c.done, func(s *source, give func(*job) error) error { return s.readEntries(context.Background(), give) })
		if got != c.want {
			t.Errorf("%.60s from %d:\ngot  %s\nwant %s", c.text, c.done, got, c.want)
		}
	}
}

func TestReadLines(t *testing.T) {
	text := strings.Repeat("{}\n", 1001) + "{}"
	for done, want := range map[int64]string{0: "0+500 , 500+500 , 1000+2  last", 1000: "1000+2  last", 1001: "1001+1  last", 1002: "1002+0  last"} {
		got := jobs(t, text, done, func(s *source, give func(*job) error) error {
			return s.readLines(bufio.NewReader(strings.NewReader(text)), give)
		})
		if got != want {
			t.Errorf("from %d:\ngot  %s\nwant %s", done, got, want)
		}
	}
	long := bufio.NewReaderSize(strings.NewReader(strings.Repeat("x", longest+5)+"\n{}\n"), 1<<16)
	if line, err := readLine(long); !errors.Is(err, errLong) || line != nil {
		t.Errorf("a line that is too long: %d bytes, %v", len(line), err)
	}
	if line, err := readLine(long); err != nil || string(line) != "{}\n" {
		t.Errorf("the line behind it: %q, %v", line, err)
	}
}

// FuzzParts: whatever a file holds, its parts join without gaps and each resource gets an id that can be kept.
func FuzzParts(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"a"}},{"resource":{"resourceType":"Patient","id":"a"}}]}`), false)
	f.Add([]byte("{\"resourceType\":\"Patient\"}\n\n{\"resourceType\":\"Bundle\",\"type\":\"history\",\"entry\":[{\"fullUrl\":\"http://x/Patient/1\",\"resource\":{\"resourceType\":\"Patient\"}}]}\n{"), true)
	f.Fuzz(func(t *testing.T, text []byte, byLine bool) {
		j := &job{source: &source{path: "x"}, document: text, last: true}
		if byLine {
			j.document, j.lines = nil, bytes.Split(text, []byte("\n"))
		}
		m := &maker{run: &run{ask: ask()}, job: j, past: map[string]bool{}}
		m.fill()
		at := int64(0)
		for _, p := range m.parts {
			if p.from != at || p.to < p.from {
				t.Errorf("%q: a part from %d to %d behind %d", text, p.from, p.to, at)
			}
			at = p.to
			for _, r := range p.requests {
				if r.Query == "" && !idPattern.MatchString(r.ID) {
					t.Errorf("%q: id %q", text, r.ID)
				}
			}
		}
	})
}
