package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take; the machines that run this are often busy.
const patience = 90 * time.Second

// chromium is one process for all tests; each tab has cookies of its own.
var chromium struct {
	once    sync.Once
	ctx     context.Context
	cancels []context.CancelFunc
	profile string
	err     error
	none    bool
}

func chromiumPath() string {
	if p := os.Getenv("MITRAL_TEST_CHROMIUM"); p != "" {
		return p
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

func browser(t testing.TB) context.Context {
	t.Helper()
	chromium.once.Do(func() {
		path := chromiumPath()
		if chromium.none = path == ""; chromium.none {
			return
		}
		if chromium.profile, chromium.err = os.MkdirTemp("", "mitral-chromium-"); chromium.err != nil {
			return
		}
		opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(chromium.profile)}
		for _, f := range []string{"headless", "no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking",
			"disable-component-update", "disable-sync", "disable-quic", "hide-scrollbars", "disable-dev-shm-usage", "no-default-browser-check"} {
			opts = append(opts, chromedp.Flag(f, true))
		}
		alloc, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
		chromium.cancels = append(chromium.cancels, cancel)
		chromium.ctx, cancel = chromedp.NewContext(alloc)
		chromium.cancels = append(chromium.cancels, cancel)
		chromium.err = chromedp.Do(chromium.ctx)
	})
	if chromium.none {
		t.Skip("browser: skipped, there is no Chromium: install it or name it in MITRAL_TEST_CHROMIUM")
	}
	if chromium.err != nil {
		t.Fatalf("browser: %v", chromium.err)
	}
	return chromium.ctx
}

func closeBrowser() {
	for i := len(chromium.cancels) - 1; i >= 0; i-- {
		chromium.cancels[i]()
	}
	if chromium.profile != "" {
		os.RemoveAll(chromium.profile)
	}
}

// tab is a page in a browser that shares nothing with other tabs.
type tab struct {
	t    testing.TB
	ctx  context.Context
	base string

	mu     sync.Mutex
	faults []string // what a console would show in red
}

type look struct {
	width    int
	lang     string // Accept-Language; "" is en
	noScript bool
	as       *visitor // whose cookies it has
}

func newTab(t testing.TB, base string, l look) *tab {
	t.Helper()
	b := &tab{t: t, base: base}
	ctx, cancel := chromedp.NewContext(browser(t), chromedp.WithNewBrowserContext(), chromedp.WithListener(b.listen))
	b.ctx = ctx
	t.Cleanup(func() {
		if t.Failed() {
			b.testimony()
		}
		cancel()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, f := range b.faults {
			t.Errorf("the browser complains: %s", f)
		}
	})
	if l.width == 0 {
		l.width = 1280
	}
	if l.lang == "" {
		l.lang = "en"
	}
	// The tab lives as long as the context of its first run, which has no deadline therefore.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	command(b, network.Enable, network.EnableParams{})
	command(b, cdplog.Enable, cdp.Empty{})
	command(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": l.lang}})
	command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.noScript})
	b.resize(l.width)
	b.dark(false)
	if l.as != nil {
		b.be(l.as)
	}
	return b
}

// command sends one command of the DevTools protocol.
func command[P, R any](b *tab, c cdp.Command[P, R], params P) {
	b.t.Helper()
	b.do(c.Method, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	}))
}

// listen keeps what goes wrong inside pages: exceptions and what the content security policy refused.
func (b *tab) listen(ev any) {
	said := ""
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		said = ev.ExceptionDetails.Text
		if e := ev.ExceptionDetails.Exception; e != nil {
			said += " " + e.Description
		}
	case *cdplog.EventEntryAdded:
		if ev.Entry.Level == cdplog.EntryLevelError && !strings.Contains(ev.Entry.Text, "Failed to load resource") {
			said = ev.Entry.Text
		}
	case *network.EventResponseReceived:
		if ev.Response.Status >= 400 && ev.Type != network.ResourceTypeDocument && ev.Type != network.ResourceTypeFetch {
			said = fmt.Sprintf("%d for %s", ev.Response.Status, ev.Response.URL)
		}
	case *page.EventJavascriptDialogOpening:
		said = "a dialog: " + ev.Message
	}
	if said != "" {
		b.mu.Lock()
		b.faults = append(b.faults, said)
		b.mu.Unlock()
	}
}

// testimony leaves a picture and the words of the page when a test failed.
func (b *tab) testimony() {
	if dir := os.Getenv("MITRAL_SHOTS"); dir != "" {
		b.shot(filepath.Join(dir, "failed-"+strings.ReplaceAll(b.t.Name(), "/", "-")))
	}
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	if words, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`)); err == nil {
		b.t.Logf("the page was %.3000s", words)
	}
}

func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

func (b *tab) resize(width int) {
	b.t.Helper()
	size := emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: 900, DeviceScaleFactor: 1, Mobile: width < 600}
	if size.Mobile {
		size.Height = 844
	}
	command(b, emulation.SetDeviceMetricsOverride, size)
}

// dark switches what the device says it prefers.
func (b *tab) dark(on bool) {
	b.t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// be gives the tab the cookies of a visitor.
func (b *tab) be(v *visitor) {
	b.t.Helper()
	u, _ := url.Parse(v.base)
	for _, c := range v.http.Jar.Cookies(u) {
		command(b, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: b.base})
	}
}

// open goes to a path and waits until the page is there.
func (b *tab) open(path string) {
	b.t.Helper()
	b.do("open "+path, chromedp.Navigate(b.base+path))
}

// eval evaluates an expression, which may be a promise.
func eval[T any](b *tab, expr string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expr, func(p *runtime.EvaluateParams) { yes := true; p.AwaitPromise = &yes }))
	if err != nil {
		b.t.Fatalf("%.200s: %v", expr, err)
	}
	return v
}

// until waits for an expression to be true. While a page changes for another it is not.
func (b *tab) until(expr string) {
	b.t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		var ok bool
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		ok, err = chromedp.Run(ctx, chromedp.Evaluate[bool](`document.readyState !== "loading" && !!(`+expr+`)`))
		cancel()
		if err == nil && ok {
			return
		}
	}
	b.t.Fatalf("never true: %s (%v)", expr, err)
}

// says waits until the page shows these words.
func (b *tab) says(words string) {
	b.t.Helper()
	b.until(`document.body.innerText.replace(/\s+/g," ").includes(` + quote(words) + `)`)
}

// on waits until the address has this path, or begins with it if it ends in "*".
func (b *tab) on(path string) {
	b.t.Helper()
	if p, ok := strings.CutSuffix(path, "*"); ok {
		b.until(`location.pathname.startsWith(` + quote(p) + `) && document.readyState === "complete"`)
		return
	}
	b.until(`location.pathname === ` + quote(path) + ` && document.readyState === "complete"`)
}

// path is where the tab is.
func (b *tab) path() string {
	b.t.Helper()
	return eval[string](b, `location.pathname`)
}

// text is the words of the first element.
func (b *tab) text(sel string) string {
	b.t.Helper()
	b.until(`document.querySelector(` + quote(sel) + `)`)
	return eval[string](b, `document.querySelector(`+quote(sel)+`).textContent.replace(/\s+/g," ").trim()`)
}

// click clicks the middle of an element, as a mouse does.
func (b *tab) click(sel string) {
	b.t.Helper()
	b.do("click "+sel, chromedp.Click(chromedp.CSS(sel), chromedp.NodeVisible))
}

// press clicks the button or link with these words, the first that is visible, as a mouse does. A page may exchange or
// move it meanwhile, so it looks again until it hits.
func (b *tab) press(label string) {
	b.t.Helper()
	const mark = "data-test-press"
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); {
		b.until(`(() => {
			for (const e of document.querySelectorAll("[` + mark + `]")) e.removeAttribute("` + mark + `");
			const said = (e) => { const c = e.cloneNode(true); for (const v of c.querySelectorAll(".vh, .c, .hint")) v.remove(); return c.textContent.replace(/\s+/g, " ").trim(); };
			const hit = [...document.querySelectorAll("button, a, summary, label")].find((e) => said(e) === ` + quote(label) + ` && e.checkVisibility() && !e.disabled && !e.closest(".vh"));
			if (!hit) return false;
			hit.setAttribute("` + mark + `", "");
			const heard = document.createElement("a"); // where scripts are off, nothing hears
			heard.addEventListener("click", () => { globalThis.testMissed = true; });
			globalThis.testMissed = false;
			heard.click();
			hit.addEventListener("click", () => { globalThis.testMissed = false; }, { capture: true, once: true });
			return true;
		})()`)
		ctx, cancel := context.WithTimeout(b.ctx, 6*time.Second)
		err = chromedp.Do(ctx, chromedp.Click(chromedp.CSS("["+mark+"]"), chromedp.NodeVisible))
		missed := false
		if err == nil { // where the page is another one by now, it hit
			missed, _ = chromedp.Run(ctx, chromedp.Evaluate[bool](`globalThis.testMissed === true`))
		}
		cancel()
		if err == nil && !missed {
			return
		}
	}
	b.t.Fatalf("press %s: %v", label, err)
}

// typeIn types into a field with real keys, after what is in it.
func (b *tab) typeIn(sel, words string) {
	b.t.Helper()
	b.do("type in "+sel, chromedp.SendKeys(chromedp.CSS(sel), words))
}

// fill replaces what is in a field.
func (b *tab) fill(sel, words string) {
	b.t.Helper()
	b.until(`(() => {
		const e = document.querySelector(` + quote(sel) + `);
		if (!e) return false;
		e.focus();
		e.value = ` + quote(words) + `;
		e.dispatchEvent(new Event("input", {bubbles: true}));
		e.dispatchEvent(new Event("change", {bubbles: true}));
		return true;
	})()`)
}

// choose picks an option by its words.
func (b *tab) choose(sel, label string) {
	b.t.Helper()
	b.until(`(() => {
		const s = document.querySelector(` + quote(sel) + `);
		const o = s && [...s.options].find((o) => o.text.trim() === ` + quote(label) + `);
		if (!o) return false;
		s.value = o.value;
		s.dispatchEvent(new Event("input", {bubbles: true}));
		s.dispatchEvent(new Event("change", {bubbles: true}));
		return true;
	})()`)
}

// shot saves a picture of the whole page.
func (b *tab) shot(name string) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Logf("picture %s: %v", name, err)
		return
	}
	if err := os.WriteFile(name+".png", png, 0o644); err != nil {
		b.t.Logf("picture %s: %v", name, err)
	}
}

func quote(s string) string {
	q, _ := json.Marshal(s)
	return string(q)
}

// submit sends a form as its first button does.
func (b *tab) submit(form string) {
	b.t.Helper()
	b.until(`(() => { const f = document.querySelector(` + quote(form) + `); if (!f) return false; f.requestSubmit(f.querySelector("button:not([type=button])")); return true; })()`)
}

// takeFrom gives a visitor the cookies of a tab: the same person, without the screen.
func (v *visitor) takeFrom(b *tab) {
	b.t.Helper()
	u, _ := url.Parse(v.base)
	b.do("cookies", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		got, err := cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{URLs: []string{b.base}})
		for _, c := range got.Cookies {
			v.http.Jar.SetCookies(u, []*http.Cookie{{Name: c.Name, Value: c.Value}})
		}
		return err
	}))
}
