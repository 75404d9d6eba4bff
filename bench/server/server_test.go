// Package server_test measures the built program from outside: how long a start takes until somebody is
// answered, and how much memory stands in RAM before and after a load.
package server_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

type running struct {
	cmd *exec.Cmd
	URL string `json:"url"`
}

// start starts the demo on a data folder and returns when it has answered the home page.
func start(b *testing.B, binary, data string) *running {
	b.Helper()
	p := &running{cmd: exec.Command(binary, "demo", "-listen", "127.0.0.1:0", "-json", "-data", data)}
	p.cmd.Stderr = io.Discard
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	line, err := bufio.NewReaderSize(out, 1<<20).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, p)
	}
	if err != nil {
		p.stop()
		b.Fatalf("the program said %q: %v", line, err)
	}
	p.get(b, "/")
	return p
}

func (p *running) get(b *testing.B, path string) {
	b.Helper()
	resp, err := http.Get(p.URL + path)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s, %v", path, resp.Status, err)
	}
}

// stop ends the program and returns the processor time that it used.
func (p *running) stop() time.Duration {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// resident is what the program holds in RAM, in MB. Linux only.
func (p *running) resident(b *testing.B) float64 {
	b.Helper()
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status"))
	if err != nil {
		b.Skip("resident memory is read from /proc, which is not here")
	}
	_, after, _ := strings.Cut(string(raw), "VmRSS:")
	kB, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kB / 1000
}

var made struct {
	once         sync.Once
	dir          string
	binary, data string
}

// built builds the program and the demo's data once.
func built(b *testing.B) (binary, data string) {
	b.Helper()
	made.once.Do(func() {
		var err error
		if made.dir, err = os.MkdirTemp("", "mitral-bench-"); err != nil {
			b.Fatal(err)
		}
		binary, data := filepath.Join(made.dir, "mitral"), filepath.Join(made.dir, "data")
		if out, err := exec.Command("go", "build", "-o", binary, "github.com/mitral-health/mitral/cmd/mitral").CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		start(b, binary, data).stop()
		made.binary, made.data = binary, data
	})
	if made.data == "" {
		b.Fatal("the program could not be built, as another benchmark says")
	}
	return made.binary, made.data
}

func TestMain(m *testing.M) {
	code := m.Run()
	if made.dir != "" {
		os.RemoveAll(made.dir)
	}
	os.Exit(code)
}

// BenchmarkStart is from the start of the process to the home page's last byte, on a data folder that is
// there already. cpu-ms is of the whole short life, its end included.
func BenchmarkStart(b *testing.B) {
	binary, data := built(b)
	var cpu time.Duration
	for b.Loop() {
		p := start(b, binary, data)
		b.StopTimer()
		cpu += p.stop()
		b.StartTimer()
	}
	b.ReportMetric(float64(cpu.Milliseconds())/float64(b.N), "cpu-ms/op")
}

// BenchmarkFirstStart is the same with nothing there: the demo's whole centre is built.
func BenchmarkFirstStart(b *testing.B) {
	binary, _ := built(b)
	for b.Loop() {
		p := start(b, binary, filepath.Join(b.TempDir(), "data"))
		b.StopTimer()
		p.stop()
		b.StartTimer()
	}
}

// BenchmarkResident reads pages in turn, forty a second so that no rate limit refuses one, and reports the
// memory before and after.
func BenchmarkResident(b *testing.B) {
	binary, data := built(b)
	p := start(b, binary, data)
	defer p.stop()
	time.Sleep(2 * time.Second)
	before := p.resident(b)
	paths := []string{"/", "/topics", "/people", "/about", "/news", "/news/feed.atom"}
	every := time.NewTicker(25 * time.Millisecond)
	defer every.Stop()
	i := 0
	for b.Loop() {
		<-every.C
		p.get(b, paths[i%len(paths)])
		i++
	}
	b.ReportMetric(before, "MB-before")
	b.ReportMetric(p.resident(b), "MB-after")
}
