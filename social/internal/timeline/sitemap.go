package timeline

import (
	"bytes"
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

// perSitemap is how many addresses one sitemap may hold (sitemaps.org).
const perSitemap = 50_000

const sitemapMIME = "application/xml; charset=utf-8"

// robots says what programs may read: everything public.
func (t *Timeline) robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	lines := []string{"User-agent: *"}
	for _, p := range []string{"/compose", "/drafts", "/calendar", "/review", "/gate/", "/ledger", "/admin/", "/account", "/sign-in", "/invite/", "/lang/"} {
		lines = append(lines, "Disallow: "+p)
	}
	return web.Text(w, http.StatusOK, strings.Join(lines, "\n")+"\n\nSitemap: "+t.Site.URL+"/sitemap.xml\n")
}

// sitemapIndex lists one sitemap for the pages and, in each language, one for every month in which
// something was published, or for every day of a month that is too full for one.
func (t *Timeline) sitemapIndex(ctx context.Context, v *visit, buf *bytes.Buffer) (string, error) {
	b := x{buf}
	b.WriteString(xml.Header + `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	part := func(name string) {
		b.WriteString("<sitemap>")
		b.tag("loc", v.base+"/sitemap/"+name+".xml")
		b.WriteString("</sitemap>\n")
	}
	part("pages")
	for _, lang := range []string{"en", "es"} {
		oldest, newest, err := t.Posts.Span(ctx, v.tx, lang)
		if err != nil {
			return "", err
		}
		if oldest.IsZero() {
			continue
		}
		first := time.Date(oldest.Year(), oldest.Month(), 1, 0, 0, 0, 0, time.UTC)
		for month := first; !month.After(newest); month = month.AddDate(0, 1, 0) {
			next := month.AddDate(0, 1, 0)
			full, err := t.Posts.More(ctx, v.tx, lang, month, next, perSitemap)
			if err != nil {
				return "", err
			}
			if !full {
				part(lang + "-" + month.Format("2006-01"))
				continue
			}
			for day := month; day.Before(next); day = day.AddDate(0, 0, 1) {
				part(lang + "-" + day.Format(time.DateOnly))
			}
		}
	}
	b.WriteString("</sitemapindex>\n")
	return sitemapMIME, nil
}

// sitemapPart is one sitemap: pages.xml, en-2026-11.xml, en-2026-11-23.xml.
func (t *Timeline) sitemapPart(ctx context.Context, v *visit, buf *bytes.Buffer) (string, error) {
	none := fault.New(fault.NotFound, "There is nothing at this address.")
	name, ok := strings.CutSuffix(v.r.PathValue("part"), ".xml")
	if !ok {
		return "", none
	}
	b := x{buf}
	b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	place := func(path string, changed time.Time) {
		b.WriteString("<url>")
		b.tag("loc", v.base+path)
		if !changed.IsZero() {
			b.tag("lastmod", iso(changed))
		}
		b.WriteString("</url>\n")
	}
	if name == "pages" {
		for _, p := range []string{"/", "/news", "/people", "/topics", "/about", "/rules", "/privacy", "/accessibility"} {
			place(p, time.Time{})
		}
		for _, p := range v.people {
			place(p.path(), time.Time{})
		}
		for _, one := range v.topics {
			place("/topics/"+url.PathEscape(one.Slug), time.Time{})
		}
	} else {
		lang, date, _ := strings.Cut(name, "-")
		from, err := time.Parse("2006-01", date)
		until := from.AddDate(0, 1, 0)
		if err != nil {
			from, err = time.Parse(time.DateOnly, date)
			until = from.AddDate(0, 0, 1)
		}
		if err != nil || lang != "en" && lang != "es" {
			return "", none
		}
		places, err := t.Posts.Between(ctx, v.tx, lang, from, until, perSitemap)
		if err != nil {
			return "", err
		}
		for _, p := range places {
			place("/p/"+p.ID.String(), p.Changed)
		}
	}
	b.WriteString("</urlset>\n")
	return sitemapMIME, nil
}
