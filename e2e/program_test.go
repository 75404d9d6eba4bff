package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var build struct {
	once sync.Once
	path string
	err  error
	out  []byte
}

// binary builds the program once for all tests and returns its path.
func binary(t testing.TB) string {
	t.Helper()
	build.once.Do(func() {
		dir, err := os.MkdirTemp("", "mitral-e2e-")
		if err != nil {
			build.err = err
			return
		}
		build.path = filepath.Join(dir, "mitral")
		cmd := exec.Command("go", "build", "-o", build.path, "github.com/mitral-health/mitral/cmd/mitral")
		build.out, build.err = cmd.CombinedOutput()
	})
	if build.err != nil {
		t.Fatalf("go build: %v\n%s", build.err, build.out)
	}
	return build.path
}

func TestMain(m *testing.M) {
	code := m.Run()
	if build.path != "" {
		os.RemoveAll(filepath.Dir(build.path))
	}
	os.Exit(code)
}

// program is a running mitral.
type program struct {
	t        testing.TB
	cmd      *exec.Cmd
	URL      string `json:"url"`
	Data     string `json:"data"`
	Accounts []struct {
		Role, Name, Login, Password string
	} `json:"accounts"`
	log  *logBuffer
	done chan error
}

type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
func (l *logBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// demo starts "mitral demo --json" and waits until it answers.
func demo(t testing.TB) *program {
	t.Helper()
	p := launch(t, nil, "demo", "--json", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	p.ready()
	return p
}

// serve starts "mitral serve" with this data folder and environment, and waits until it answers.
func serve(t testing.TB, data string, env ...string) *program {
	t.Helper()
	p := launch(t, env, "serve", "--listen", "127.0.0.1:0", "--data", data)
	p.Data = data
	p.ready()
	return p
}

func launch(t testing.TB, env []string, args ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(binary(t), args...), log: &logBuffer{}, done: make(chan error, 1)}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	first := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		if lines.Scan() {
			first <- lines.Text()
		}
		io.Copy(io.Discard, out)
		p.done <- p.cmd.Wait()
	}()
	select {
	case line := <-first:
		if strings.HasPrefix(line, "{") {
			if err := json.Unmarshal([]byte(line), p); err != nil {
				t.Fatalf("first line %q: %v", line, err)
			}
		} else if _, url, ok := strings.Cut(line, " answers at "); ok {
			p.URL = strings.TrimSpace(url)
		} else {
			t.Fatalf("first line %q", line)
		}
	case err := <-p.done:
		p.done <- err
		t.Fatalf("mitral %s ended: %v\n%s", strings.Join(args, " "), err, p.log)
	case <-time.After(60 * time.Second):
		t.Fatalf("mitral %s did not start\n%s", strings.Join(args, " "), p.log)
	}
	return p
}

func (p *program) ready() {
	p.t.Helper()
	for range 400 {
		res, err := http.Get(p.URL + "/readyz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == 200 {
				return
			}
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.t.Fatalf("%s is not ready\n%s", p.URL, p.log)
}

// kill ends the program as a power cut would: no signal handler runs.
func (p *program) kill() {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Kill()
		err := <-p.done
		p.done <- err
	}
}

// stop asks the program to end and returns how it did.
func (p *program) stop() error {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.done:
		p.done <- err
		return err
	case <-time.After(20 * time.Second):
		p.kill()
		return context.DeadlineExceeded
	}
}

// run runs a verb to its end and returns what it printed and its exit status.
func run(t testing.TB, stdin string, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(binary(t), args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// password returns the demo's account with this role.
func (p *program) password(role string) (login, password string) {
	for _, a := range p.Accounts {
		if a.Role == role {
			return a.Login, a.Password
		}
	}
	p.t.Fatalf("the demo has no %s", role)
	return "", ""
}
