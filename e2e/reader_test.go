package e2e

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
)

// TestReader walks through the public side as somebody who has no account, with and without scripts.
func TestReader(t *testing.T) {
	p := demo(t)
	t.Run("with scripts", func(t *testing.T) { readerWalks(t, newTab(t, p.URL, look{})) })
	t.Run("without scripts, on a phone", func(t *testing.T) {
		readerWalks(t, newTab(t, p.URL, look{width: 390, noScript: true}))
	})
}

func readerWalks(t *testing.T, b *tab) {
	// Home, and an article with a picture that is really there and described.
	b.open("/")
	b.says("Good health is easier with neighbours")
	b.press("Measure your blood pressure like a nurse does")
	b.on("/p/*")
	b.says("Leave one minute between the two readings")
	article := b.path()
	b.until(`(() => { const i = document.querySelector("main figure img"); return i.complete && i.naturalWidth > 100 && i.alt.startsWith("Drawing of an arm") })()`)
	for _, c := range []struct{ what, js string }{
		{"the sharing picture is described", `document.querySelector('meta[property="og:image:alt"]').content.startsWith("Drawing of an arm")`},
		{"the sharing title", `document.querySelector('meta[property="og:title"]').content === "Measure your blood pressure like a nurse does"`},
		{"the sharing type", `document.querySelector('meta[property="og:type"]').content === "article"`},
		{"one address for the page", `document.querySelector('link[rel=canonical]').href === location.href`},
		{"the other language is named", `document.querySelector('link[rel=alternate][hreflang=es]').href.includes("/p/")`},
		{"structured data", `(() => { const d = JSON.parse(document.querySelector('script[type="application/ld+json"]').textContent); return d["@type"] === "Article" && d.author.name === "Dr Marisol Quenby" && d.datePublished && d.image[0].caption.startsWith("Drawing") })()`},
		{"nothing is wider than the screen", `document.documentElement.scrollWidth <= innerWidth`},
	} {
		if !eval[bool](b, c.js) {
			t.Errorf("%s: not so", c.what)
		}
	}

	// Who wrote it, what it is about.
	b.click(`article .by a.plainlink`)
	b.on("/u/marisol")
	b.says("Verified clinician")
	if head := b.text("h1"); head != "Dr Marisol Quenby" {
		t.Errorf("the profile is %q", head)
	}
	b.press("Articles")
	b.on("/u/marisol/articles")
	b.press("Measure your blood pressure like a nurse does")
	b.on(article)
	b.press("Blood pressure")
	b.on("/topics/blood-pressure")
	b.says("The right cuff matters more than the brand")

	// A thread reads in a row.
	b.open("/topics/sleep")
	b.click(`article a[href^="/p/"]`)
	b.on("/p/*")
	b.says("Third: when to ask.")
	if n := eval[int](b, `document.querySelectorAll("ol.thread > li").length`); n != 2 {
		t.Errorf("the thread shows %d more parts", n)
	}

	// Spanish is chosen once and remembered.
	b.open(article)
	b.press("Español")
	b.says("Mejor habla con nosotros")
	b.on(article)
}

// TestLanguageIsRemembered is apart from the walk because it needs to see several pages.
func TestLanguageIsRemembered(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := newTab(t, p.URL, look{noScript: true})
	b.open("/news")
	b.press("Español")
	b.on("/news")
	b.says("Mídete la tensión como lo hace una enfermera")
	b.open("/about")
	b.until(`document.documentElement.lang === "es"`)
	b.open("/")
	b.says("Con vecinos, la salud es más fácil")
	b.press("English")
	b.says("Good health is easier with neighbours")

	// Whoever says nothing is asked their browser.
	es := newTab(t, p.URL, look{noScript: true, lang: "es-ES,es;q=0.9"})
	es.open("/")
	es.says("Con vecinos, la salud es más fácil")
}

// TestFeeds finds the feeds of every list as a feed reader does and reads them.
func TestFeeds(t *testing.T) {
	v := newVisitor(demo(t).URL)
	for _, page := range []string{"/", "/news", "/u/marisol", "/topics/blood-pressure"} {
		found := v.get(t, page).want(t, 200).all(`<link rel="alternate" type="application/(?:rss\+xml|atom\+xml|feed\+json)"[^>]*href="([^"]+)"`)
		if len(found) != 3 {
			t.Fatalf("%s names %d feeds: %v", page, len(found), found)
		}
		for _, href := range found {
			a := v.get(t, href).want(t, 200)
			kind := a.header.Get("Content-Type")
			var title string
			var links []string
			switch {
			case strings.HasPrefix(kind, "application/rss+xml"):
				var rss struct {
					Items []struct {
						Title string `xml:"title"`
						Link  string `xml:"link"`
					} `xml:"channel>item"`
				}
				if err := xml.Unmarshal([]byte(a.body), &rss); err != nil {
					t.Fatalf("%s: %v", href, err)
				}
				for _, i := range rss.Items {
					title, links = title+i.Title+"\n", append(links, i.Link)
				}
			case strings.HasPrefix(kind, "application/atom+xml"):
				var atom struct {
					Entries []struct {
						Title string `xml:"title"`
						Link  []struct {
							Rel  string `xml:"rel,attr"`
							Href string `xml:"href,attr"`
						} `xml:"link"`
					} `xml:"entry"`
				}
				if err := xml.Unmarshal([]byte(a.body), &atom); err != nil {
					t.Fatalf("%s: %v", href, err)
				}
				for _, e := range atom.Entries {
					title, links = title+e.Title+"\n", append(links, e.Link[0].Href)
				}
			case strings.HasPrefix(kind, "application/feed+json"):
				var feed struct {
					Items []struct{ URL, Title string }
				}
				if err := json.Unmarshal([]byte(a.body), &feed); err != nil {
					t.Fatalf("%s: %v", href, err)
				}
				for _, i := range feed.Items {
					title, links = title+i.Title+"\n", append(links, i.URL)
				}
			default:
				t.Fatalf("%s is %q", href, kind)
			}
			if !strings.Contains(title, "Measure your blood pressure like a nurse does") {
				t.Errorf("%s has not the newest article: %s", href, title)
			}
			for _, l := range links[:1] {
				path, ok := strings.CutPrefix(l, v.base)
				if !ok {
					t.Fatalf("%s leads to %s", href, l)
				}
				v.get(t, path).want(t, 200)
			}
		}
	}
}

// TestNotThere looks at what readers see where there is nothing.
func TestNotThere(t *testing.T) {
	v := newVisitor(demo(t).URL)
	for path, status := range map[string]int{
		"/nothing": 404, "/p/nothing": 404, "/p/01a20609-53f0-70a9-9369-ebe11f55fd00": 404, "/u/nobody": 404,
		"/topics/nothing": 404, "/media/..%2f..%2fkey": 404, "/media/nothing.jpg": 404, "/news?after=nonsense": 400,
	} {
		a := v.get(t, path).want(t, status)
		if !strings.Contains(a.body, "<h1>") || !strings.Contains(a.body, `<main id="main"`) {
			t.Errorf("%s: no page for people:\n%s", path, a.body)
		}
	}
	for _, path := range []string{"/sitemap.xml", "/robots.txt", "/favicon.ico", "/healthz", "/readyz"} {
		v.get(t, path).want(t, 200)
	}
	for _, path := range []string{"/compose", "/drafts", "/calendar", "/review", "/ledger", "/admin/staff", "/account"} {
		if a := v.get(t, path).want(t, 303); !strings.HasPrefix(a.to, "/sign-in?next=") {
			t.Errorf("%s leads a stranger to %q", path, a.to)
		}
	}
}
