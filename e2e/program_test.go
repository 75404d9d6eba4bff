package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
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

// binary builds the program once for all tests and returns its path. MITRAL_TEST_BINARY names one
// that is built already.
func binary(t testing.TB) string {
	t.Helper()
	if p := os.Getenv("MITRAL_TEST_BINARY"); p != "" {
		return p
	}
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

// long says that there is time for the long form: more kills, and every page in every language and width.
// Without it each test does the same, less often.
var long = os.Getenv("MITRAL_TEST_LONG") != ""

// often is how many times to do what a long run does much more often.
func often(short, much int) int {
	if long {
		return much
	}
	return short
}

func TestMain(m *testing.M) {
	flag.Parse()
	if n := flag.Lookup("test.parallel"); n.Value.String() == n.DefValue {
		n.Value.Set("5") // the programs and the browser work, the tests wait for them
	}
	code := m.Run()
	closeBrowser()
	if centre.p != nil {
		centre.p.kill()
	}
	if model.dir != "" {
		os.RemoveAll(model.dir)
	}
	if build.path != "" {
		os.RemoveAll(filepath.Dir(build.path))
	}
	os.Exit(code)
}

// program is a running mitral.
type program struct {
	cmd  *exec.Cmd
	URL  string `json:"url"`
	Data string `json:"data"`
	// FHIRToken lets a hospital system of the demo read and write everything.
	FHIRToken string `json:"fhirToken"`
	Accounts  []struct {
		Role, Name, Login, Password string
	} `json:"accounts"`
	log  *logBuffer
	done chan error

	mu    sync.Mutex
	known map[string]*visitor // by login
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

// model is a data folder with a demo, built once and never served from: copying it is faster than building. The first
// program that builds it is killed in the middle, as somebody's computer may go out: the next begins anew.
var model struct {
	once   sync.Once
	dir    string
	killed int64 // size of what it had of the private chamber
	err    error
}

// dies builds a demo until it has some patients, and is killed.
func dies(mitral, data string) (int64, error) {
	cmd := exec.Command(mitral, "demo", "--json", "--listen", "127.0.0.1:0", "--data", data)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	var size int64
	for end := time.Now().Add(3 * time.Minute); size < 1<<20 && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		size = 0
		for _, name := range []string{"clinical.db", "clinical.db-wal"} {
			if at, err := os.Stat(filepath.Join(data, name)); err == nil {
				size += at.Size()
			}
		}
	}
	err := cmd.Process.Kill()
	_ = cmd.Wait()
	if _, done := os.Stat(filepath.Join(data, "demo-built")); done == nil {
		err = errors.New("the demo was built before it could be killed")
	}
	return size, err
}

// copyModel makes this folder a built demo unless it is one already; "" is a folder beside the model.
func copyModel(mitral, data string) (string, error) {
	model.once.Do(func() {
		if model.dir, model.err = os.MkdirTemp("", "mitral-centre-"); model.err != nil {
			return
		}
		if model.killed, model.err = dies(mitral, filepath.Join(model.dir, "model")); model.err != nil {
			return
		}
		var p *program
		if p, model.err = start(mitral, nil, "demo", "--json", "--listen", "127.0.0.1:0", "--data", filepath.Join(model.dir, "model")); model.err == nil {
			model.err = p.stop()
		}
	})
	if data == "" {
		data = filepath.Join(model.dir, "served")
	}
	if _, err := os.Stat(filepath.Join(data, "demo-built")); err == nil || model.err != nil {
		return data, model.err
	}
	said, err := exec.Command("cp", "-Rp", filepath.Join(model.dir, "model")+"/.", data).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("cp: %w %s", err, said)
	}
	return data, err
}

// centre is the demo that tests share: they may add to it, not rely on being alone in it.
var centre struct {
	once sync.Once
	p    *program
	err  error
}

// demo returns the shared demo, started when first asked for.
func demo(t testing.TB) *program {
	t.Helper()
	mitral := binary(t)
	centre.once.Do(func() {
		var data string
		if data, centre.err = copyModel(mitral, ""); centre.err == nil {
			centre.p, centre.err = start(mitral, nil, "demo", "--json", "--listen", "127.0.0.1:0", "--data", data)
		}
	})
	if centre.err != nil {
		t.Fatal(centre.err)
	}
	return centre.p
}

// ownDemo starts a demo in this data folder; one that is there already is continued.
func ownDemo(t testing.TB, data string) *program {
	t.Helper()
	if _, err := copyModel(binary(t), data); err != nil {
		t.Fatal(err)
	}
	return launch(t, nil, "demo", "--json", "--listen", "127.0.0.1:0", "--data", data)
}

// serve starts "mitral serve" with this data folder and environment.
func serve(t testing.TB, data string, env ...string) *program {
	t.Helper()
	p := launch(t, env, "serve", "--listen", "127.0.0.1:0", "--data", data)
	p.Data = data
	return p
}

// launch starts the program, waits until it answers, and ends it with the test.
func launch(t testing.TB, env []string, args ...string) *program {
	t.Helper()
	p, err := start(binary(t), env, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	t.Cleanup(func() {
		if t.Failed() && p.log.String() != "" {
			t.Logf("%s said:\n%s", p.URL, p.log)
		}
	})
	return p
}

// start starts the program and returns once it is ready.
func start(mitral string, env []string, args ...string) (*program, error) {
	p := &program{cmd: exec.Command(mitral, args...), log: &logBuffer{}, done: make(chan error, 1), known: map[string]*visitor{}}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
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
	fail := func(err error) (*program, error) {
		p.kill()
		return nil, fmt.Errorf("mitral %s: %w\n%s", strings.Join(args, " "), err, p.log)
	}
	select {
	case line := <-first:
		if strings.HasPrefix(line, "{") {
			if err := json.Unmarshal([]byte(line), p); err != nil {
				return fail(fmt.Errorf("first line %q: %w", line, err))
			}
		} else if _, url, ok := strings.Cut(line, " answers at "); ok {
			p.URL = strings.TrimSpace(url)
		} else {
			return fail(fmt.Errorf("first line %q", line))
		}
	case err := <-p.done:
		p.done <- err
		return fail(fmt.Errorf("ended: %w", err))
	case <-time.After(3 * time.Minute): // building a demo takes seconds, and minutes beside much else
		return fail(errors.New("said nothing for three minutes"))
	}
	for range 800 {
		res, err := http.Get(p.URL + "/readyz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == 200 {
				return p, nil
			}
		}
		time.Sleep(25 * time.Millisecond)
	}
	return fail(errors.New("is not ready"))
}

// kill ends the program as a power cut would: no signal handler runs.
func (p *program) kill() {
	p.cmd.Process.Kill()
	err := <-p.done
	p.done <- err
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

// account returns the demo's account with this role.
func (p *program) account(t testing.TB, role string) (login, password string) {
	t.Helper()
	for _, a := range p.Accounts {
		if a.Role == role || a.Login == role {
			return a.Login, a.Password
		}
	}
	t.Fatalf("the demo has no %s", role)
	return "", ""
}

// eventually tries f until it reports true; what says what was waited for.
func eventually(t testing.TB, within time.Duration, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(within); ; {
		if f() {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", within, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
