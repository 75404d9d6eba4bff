package e2e

import (
	"testing"
	"time"
)

// TestSlowNetwork measures Today over what phones call slow 3G: 400 ms there and back, 400 kbit/s. Usable is the first
// moment at which the page's words are drawn. Times are printed, not judged; bytes are. Figures are in bench/README.md.
func TestSlowNetwork(t *testing.T) {
	p := demo(t)
	w := newWire(t, p.URL)
	b := newTab(t, w.URL, look{width: 390})
	b.be(p.as(t, "patient"))
	drawn := func() time.Duration {
		b.until(`performance.getEntriesByName("first-contentful-paint").length`)
		return time.Duration(eval[float64](b, `performance.getEntriesByName("first-contentful-paint")[0].startTime`) * float64(time.Millisecond))
	}
	w.slow(400*time.Millisecond, 50_000)
	b.open("/my")
	first := drawn()
	b.until(`document.readyState === "complete"`)
	page := w.came()
	eventually(t, 2*patience, "the pages are kept", func() bool {
		return eval[int](b, `caches.has("mitral-my-pages").then((is) => is ? caches.open("mitral-my-pages").then((c) => c.keys()).then((all) => all.length) : 0)`) >= 12
	})
	time.Sleep(2 * time.Second) // the last of them
	all := w.came()
	signed := newTab(t, w.URL, look{width: 390}) // who comes from signing in has the common files
	signed.open("/sign-in")
	signed.be(p.as(t, "patient"))
	signed.open("/my")
	next := time.Duration(eval[float64](signed, `performance.getEntriesByName("first-contentful-paint")[0].startTime`) * float64(time.Millisecond))

	var again, cut time.Duration
	const times = 3
	for range times {
		b.open("/my/add")
		b.open("/my")
		again = max(again, drawn())
		b.until(`document.readyState === "complete"`)
	}
	w.cut()
	for range times {
		b.open("/my")
		b.says("As of ")
		cut = max(cut, drawn())
	}
	t.Logf("first visit: %d kB until the page is whole, %d kB with what the phone keeps, drawn after %v, after signing in %v; later visits: drawn after %v; without a network: %v",
		page/1000, all/1000, first.Round(time.Millisecond), next.Round(time.Millisecond), again.Round(time.Millisecond), cut.Round(time.Millisecond))
	if page > 100_000 {
		t.Errorf("the first visit takes %d bytes", page)
	}
}
