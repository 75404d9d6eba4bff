// Package visit_test measures what a person waits for: a page in Chromium on what phones call slow 3G, by the browser's
// own emulation (400 ms for each answer, 400 kbit/s both ways), with nothing in its cache, with what the
// first visit left there, and without a network.
package visit_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// watch notes when the main things of a page are there as they will stay: the heading and the first link or button
// that looks like one, drawn as they stay: colours, sizes, edges. How far things move later is counted apart.
const watch = `(() => {
	const seen = window.seen = { shift: 0, marks: [] };
	new PerformanceObserver((l) => { for (const e of l.getEntries()) seen.shift += e.value; }).observe({ type: "layout-shift", buffered: true });
	const see = () => {
		const parts = [document.querySelector("main h1"), document.querySelector("main .btn, main button")];
		const now = parts.map((e) => {
			if (!e) return "";
			const s = getComputedStyle(e);
			return [s.display, s.color, s.backgroundColor, s.fontSize, s.fontWeight, s.paddingLeft, s.borderRadius, s.minHeight].join(" ");
		}).join(" | ");
		if (now !== seen.marks.at(-1)?.now) seen.marks.push({ now, at: performance.now() });
		requestAnimationFrame(see);
	};
	requestAnimationFrame(see);
})()`

const report = `(() => {
	const all = performance.getEntriesByType("resource");
	return {
		drawn: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1, usable: Math.max(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1, seen.marks.at(-1).at),
		shift: seen.shift, blocking: all.filter((e) => e.renderBlockingStatus === "blocking").map((e) => e.name),
		heading: document.querySelector("main h1")?.textContent ?? "",
	};
})()`

type conditions struct {
	Offline            bool    `json:"offline"`
	Latency            float64 `json:"latency"`            // ms
	DownloadThroughput float64 `json:"downloadThroughput"` // bytes a second
	UploadThroughput   float64 `json:"uploadThroughput"`
}

var (
	emulate = cdp.Command[conditions, cdp.Empty]{Method: "Network.emulateNetworkConditions"}
	slow3G  = conditions{Latency: 400, DownloadThroughput: 50_000, UploadThroughput: 50_000}
)

type figures struct {
	Drawn, Usable, Shift float64
	Blocking             []string
	Heading              string
	bytes                float64
	requests             int
}

type tab struct {
	t    *testing.T
	ctx  context.Context
	mu   sync.Mutex
	got  float64
	asks int
}

func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

func command[P, R any](b *tab, c cdp.Command[P, R], params P) {
	b.t.Helper()
	b.do(c.Method, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	}))
}

func eval[T any](b *tab, expr string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expr, func(p *runtime.EvaluateParams) { yes := true; p.AwaitPromise = &yes }))
	if err != nil {
		b.t.Fatalf("%s: %v", expr, err)
	}
	return v
}

func (b *tab) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		b.asks++
	case *network.EventLoadingFinished:
		b.got += ev.EncodedDataLength
	}
}

// newTab is a phone that has never been here, with these cookies.
func newTab(t *testing.T, browser context.Context, base string, cookies []*http.Cookie) *tab {
	t.Helper()
	b := &tab{t: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.listen))
	b.ctx = ctx
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	command(b, network.Enable, network.EnableParams{})
	command(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch})
	command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 390, Height: 844, DeviceScaleFactor: 1, Mobile: true})
	command(b, emulate, slow3G)
	for _, c := range cookies {
		command(b, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: base})
	}
	return b
}

// visit opens an address as somebody does who types it, and waits until all that belongs to it is there.
func (b *tab) visit(address string) figures {
	b.t.Helper()
	b.do("leave", chromedp.Navigate("about:blank"))
	b.mu.Lock()
	b.got, b.asks = 0, 0
	b.mu.Unlock()
	b.do("open "+address, chromedp.Navigate(address))
	eval[bool](b, `document.fonts.ready.then(() => new Promise((done) => setTimeout(() => done(true), 1500)))`)
	f := eval[figures](b, report)
	b.mu.Lock()
	defer b.mu.Unlock()
	f.bytes, f.requests = b.got, b.asks
	return f
}

type program struct {
	URL      string
	Accounts []struct{ Role, Login, Password string }
	cmd      *exec.Cmd
}

func start(t *testing.T) *program {
	binary := os.Getenv("MITRAL_TEST_BINARY")
	if binary == "" {
		binary = filepath.Join(t.TempDir(), "mitral")
		if out, err := exec.Command("go", "build", "-o", binary, "github.com/mitral-health/mitral/cmd/mitral").CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
	}
	p := &program{cmd: exec.Command(binary, "demo", "--json", "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"))}
	p.cmd.Stderr = io.Discard
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	line, err := bufio.NewReaderSize(out, 1<<20).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *program) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// cookies are those of somebody who has signed in.
func (p *program) cookies(t *testing.T, role string) []*http.Cookie {
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, a := range p.Accounts {
		if a.Role == role {
			resp, err := client.PostForm(p.URL+"/sign-in", url.Values{"login": {a.Login}, "password": {a.Password}})
			if err != nil || resp.StatusCode != http.StatusSeeOther {
				t.Fatalf("signing in: %v %v", resp, err)
			}
			_ = resp.Body.Close()
			u, _ := url.Parse(p.URL)
			return jar.Cookies(u)
		}
	}
	t.Fatalf("nobody is %s", role)
	return nil
}

func chromium(t *testing.T) context.Context {
	path := os.Getenv("MITRAL_TEST_CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path == "" {
			path, _ = exec.LookPath(name)
		}
	}
	if path == "" {
		t.Skip("there is no Chromium: install it or name it in MITRAL_TEST_CHROMIUM")
	}
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir())}
	for _, f := range []string{"headless", "no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync", "disable-quic", "disable-dev-shm-usage"} {
		opts = append(opts, chromedp.Flag(f, true))
	}
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// TestVisit prints the middle one of three visits, by the time until the page is usable. It fails on bytes and on files
// that the first screen waits for, never on time.
func TestVisit(t *testing.T) {
	if os.Getenv("MITRAL_TEST_LONG") == "" {
		t.Skip("this measures for more than a minute; MITRAL_TEST_LONG=1 has it run")
	}
	browser, p := chromium(t), start(t)
	const times = 3
	kept := map[string]*tab{}
	show := func(path, how string, all []figures) {
		slices.SortFunc(all, func(a, b figures) int { return cmp.Compare(a.Usable, b.Usable) })
		f := all[len(all)/2]
		t.Logf("%-5s %-12s drawn %4.0f ms   usable %4.0f ms   %6.0f bytes   %2d requests   %d waited for   moved %.3f", path, how, f.Drawn, f.Usable, f.bytes, f.requests, len(f.Blocking), f.Shift)
		for _, f := range all {
			if f.Heading == "" {
				t.Errorf("%s %s: no heading", path, how)
			}
		}
	}
	for _, c := range []struct{ path, role string }{{"/", ""}, {"/my", "patient"}} {
		var cookies []*http.Cookie
		if c.role != "" {
			cookies = p.cookies(t, c.role)
		}
		var cold, warm []figures
		for range times {
			b := newTab(t, browser, p.URL, cookies)
			f := b.visit(p.URL + c.path)
			if c.path == "/my" && f.bytes > 100_000 {
				t.Errorf("the first visit to %s takes %.0f bytes", c.path, f.bytes)
			}
			if len(f.Blocking) > 0 {
				t.Errorf("the first screen of %s waits for %v", c.path, f.Blocking)
			}
			cold = append(cold, f)
			command(b, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
			warm = append(warm, b.visit(p.URL+c.path))
			kept[c.path] = b
		}
		show(c.path, "cold cache", cold)
		show(c.path, "warm cache", warm)
	}
	b := kept["/my"]
	command(b, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: false})
	b.visit(p.URL + "/my")
	for end := time.Now().Add(time.Minute); !eval[bool](b, `caches.match("/my").then((is) => !!is)`); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the phone keeps nothing")
		}
	}
	p.stop()
	var offline []figures
	for range times {
		offline = append(offline, b.visit(p.URL+"/my"))
	}
	show("/my", "no network", offline)
}
