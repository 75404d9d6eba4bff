package timeline

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"time"
)

// Feeds are written tag by tag: the libraries for feeds leave out the language, the feed's own
// address, the categories and all pictures but the first.

// x writes XML into a buffer.
type x struct{ *bytes.Buffer }

// tag writes an element with a text, unless the text is empty.
func (b x) tag(name, text string) {
	if text == "" {
		return
	}
	b.WriteString("<" + name + ">")
	b.text(text)
	end := name
	for i := range len(name) {
		if name[i] == ' ' {
			end = name[:i]
			break
		}
	}
	b.WriteString("</" + end + ">\n")
}

// text writes escaped text; what XML can't hold becomes the replacement character.
func (b x) text(s string) { _ = xml.EscapeText(b.Buffer, []byte(s)) } // a bytes.Buffer never fails

// attr writes an attribute.
func (b x) attr(name, value string) {
	b.WriteString(" " + name + `="`)
	b.text(value)
	b.WriteString(`"`)
}

func (f *feed) rss(buf *bytes.Buffer) error {
	b := x{buf}
	b.WriteString(xml.Header + `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">` + "\n<channel>\n")
	b.tag("title", f.title)
	b.tag("link", f.home)
	b.tag("description", f.about)
	b.tag("language", f.lang)
	b.tag("lastBuildDate", f.updated.In(time.UTC).Format(http.TimeFormat))
	b.WriteString("<atom:link rel=\"self\" type=\"application/rss+xml\"")
	b.attr("href", f.self)
	b.WriteString("/>\n")
	f.put(buf)
	b.WriteString("</channel>\n</rss>\n")
	return nil
}

func (i item) rss(buf *bytes.Buffer) error {
	b := x{buf}
	b.WriteString("<item>\n")
	b.tag("title", i.title)
	b.tag("link", i.address)
	b.tag(`guid isPermaLink="true"`, i.address)
	b.tag("pubDate", i.PublishedAt.In(time.UTC).Format(http.TimeFormat))
	b.tag("dc:creator", i.author)
	b.tag("dc:language", i.Lang)
	for _, t := range i.topics {
		b.tag("category", t)
	}
	b.tag("description", i.Excerpt)
	b.tag("content:encoded", i.html)
	if len(i.images) > 0 { // RSS knows one; the others are in the text
		b.WriteString("<enclosure length=\"0\"")
		b.attr("url", i.images[0].Src)
		b.attr("type", i.images[0].Type)
		b.WriteString("/>\n")
	}
	b.WriteString("</item>\n")
	return nil
}

func (f *feed) atom(buf *bytes.Buffer) error {
	b := x{buf}
	b.WriteString(xml.Header + `<feed xmlns="http://www.w3.org/2005/Atom"`)
	b.attr("xml:lang", f.lang)
	b.WriteString(">\n")
	b.tag("id", f.home)
	b.tag("title", f.title)
	b.tag("subtitle", f.about)
	b.tag("updated", iso(f.updated))
	b.link("self", "application/atom+xml", f.self)
	b.link("alternate", "text/html", f.home)
	b.WriteString("<author>")
	b.tag("name", f.organisation)
	b.WriteString("</author>\n")
	f.put(buf)
	b.WriteString("</feed>\n")
	return nil
}

func (i item) atom(buf *bytes.Buffer) error {
	b := x{buf}
	b.WriteString("<entry")
	b.attr("xml:lang", i.Lang)
	b.WriteString(">\n")
	b.tag("id", i.address)
	b.tag("title", i.title)
	b.link("alternate", "text/html", i.address)
	b.tag("published", iso(i.PublishedAt))
	b.tag("updated", iso(newest(i.Post)))
	b.WriteString("<author>")
	b.tag("name", i.author)
	b.tag("uri", i.page)
	b.WriteString("</author>\n")
	for _, t := range i.topics {
		b.WriteString("<category")
		b.attr("term", t)
		b.WriteString("/>\n")
	}
	for _, p := range i.images {
		b.link("enclosure", p.Type, p.Src)
	}
	b.tag("summary", i.Excerpt)
	b.tag(`content type="html"`, i.html)
	b.WriteString("</entry>\n")
	return nil
}

// put writes the items, which are made already.
func (f *feed) put(b *bytes.Buffer) {
	for _, p := range f.items {
		b.WriteString(p.text)
	}
}

func (b x) link(rel, mime, href string) {
	b.WriteString("<link")
	b.attr("rel", rel)
	b.attr("type", mime)
	b.attr("href", href)
	b.WriteString("/>\n")
}
