package control

import (
	"fmt"
	"html"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/talk"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// The pages of the archive that people read. Each stands alone, needs no network and prints on paper.

const archiveStyle = `body{font:1.0625rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#201a2b;background:#fff}
h1{font-size:1.75rem;line-height:1.2}h2{font-size:1.25rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #c9c2d4;overflow-wrap:break-word}
thead th{white-space:nowrap;border-bottom:2px solid #4a2470}td.num{font-variant-numeric:tabular-nums;white-space:nowrap}
.soft{color:#5b5468}.by{border-top:4px double #4a2470;padding-top:1rem;margin-top:2rem;font-size:.9375rem}
p{white-space:pre-line}article{border-left:4px solid #4a2470;padding:.2rem 0 .2rem 1rem;margin:1rem 0;white-space:pre-wrap;break-inside:avoid}
@media print{body{margin:0;max-width:none;font-size:11pt}tr{break-inside:avoid}a{color:inherit;text-decoration:none}}
@media (prefers-color-scheme:dark){@media screen{body{background:#1b1622;color:#f1ecf7}thead th{white-space:nowrap;border-color:#c9a8ea}th,td{border-color:#4b4358}.soft{color:#bdb4c9}a{color:#d9bdf5}article{border-color:#c9a8ea}}}`

// page writes one readable page around what body writes.
func (a *archive) page(name, title, words string, body func(w io.Writer) error) error {
	ctx := a.v.Ctx()
	w, err := a.create(name)
	if err != nil {
		return err
	}
	if name != "index.html" {
		a.parts = append(a.parts, part{name, title, words})
	}
	if _, err := fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>%s</title><style>%s</style></head>\n<body>\n<main>\n<h1>%s</h1>\n<p class=\"soft\">%s</p>\n",
		text.Lang(ctx), html.EscapeString(title), archiveStyle, html.EscapeString(title), html.EscapeString(words)); err != nil {
		return err
	}
	if err := body(w); err != nil {
		return err
	}
	by := text.T(ctx, "%s, as of %s. Only for you: whoever has this file can read it.", ui.From(ctx).Site.In(text.Lang(ctx)).Name, text.DateTime(ctx, a.Clock.Now()))
	_, err = fmt.Fprintf(w, "<p class=\"by\">%s</p>\n</main>\n</body>\n</html>\n", html.EscapeString(by))
	return err
}

// table begins a table, row writes a line of it, tableEnd ends it.
func table(w io.Writer, heads ...string) error {
	return cells(w, "<table>\n<thead><tr>", "th scope=\"col\"", "</tr></thead>\n<tbody>\n", heads)
}

func row(w io.Writer, values ...string) error { return cells(w, "<tr>", "td", "</tr>\n", values) }

func cells(w io.Writer, before, tag, after string, values []string) error {
	var b strings.Builder
	b.WriteString(before)
	name, _, _ := strings.Cut(tag, " ")
	for _, v := range values {
		b.WriteString("<" + tag + ">" + html.EscapeString(v) + "</" + name + ">")
	}
	b.WriteString(after)
	_, err := io.WriteString(w, b.String())
	return err
}

const tableEnd = "</tbody>\n</table>\n"

func (a *archive) readings() error {
	ctx := a.v.Ctx()
	return a.page("readings.html", text.T(ctx, "Readings"), text.T(ctx, "Everything measured and observed, newest first."), func(w io.Writer) error {
		if err := table(w, text.T(ctx, "When"), text.T(ctx, "What"), text.T(ctx, "Value"), text.T(ctx, "By whom"), text.T(ctx, "Note")); err != nil {
			return err
		}
		err := a.each("Observation", url.Values{"_sort": {"-date"}}, func(n *resource.Node, r *records.Record) error {
			when, what, value, note := a.observation(n, r)
			return row(w, when, what, value, a.performer(n), note)
		})
		if err == nil {
			_, err = io.WriteString(w, tableEnd)
		}
		return err
	})
}

// each calls f with each resource of a type.
func (a *archive) each(typ string, params url.Values, f func(n *resource.Node, r *records.Record) error) error {
	return a.pages(typ, params, func(_ *records.Tx, list []records.Record) error {
		for i := range list {
			n, err := resource.Parse(list[i].Body)
			if err == nil {
				err = f(n, &list[i])
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *archive) messages() error {
	ctx := a.v.Ctx()
	return a.page("messages.html", text.T(ctx, "Messages"), text.T(ctx, "What you and your team wrote to each other."), func(w io.Writer) error {
		titles, err := a.fileNames()
		if err != nil {
			return err
		}
		return a.each("Communication", url.Values{"_sort": {"sent"}}, func(n *resource.Node, _ *records.Record) error {
			from, at := n.Path("sender", "display").Str(), n.Get("sent").Str()
			if n.Path("sender", "reference").Str() == "Patient/"+a.v.Patient {
				from = a.v.Name
			}
			if t, err := time.Parse(time.RFC3339, at); err == nil {
				at = text.DateTime(ctx, t)
			}
			if _, err := fmt.Fprintf(w, "<h2>%s</h2>\n<p class=\"soft\">%s</p>\n<article>", html.EscapeString(from), html.EscapeString(at)); err != nil {
				return err
			}
			for _, p := range n.Get("payload").Each() {
				if _, err := io.WriteString(w, html.EscapeString(p.Get("contentString").Str())); err != nil {
					return err
				}
				if f := p.Get("contentAttachment"); f != nil {
					name := titles[strings.TrimPrefix(f.Get("url").Str(), "urn:uuid:")]
					if _, err := fmt.Fprintf(w, "\n<a href=\"%s\">%s</a>", html.EscapeString(name), html.EscapeString(f.Get("title").Str())); err != nil {
						return err
					}
				}
			}
			_, err := io.WriteString(w, "</article>\n")
			return err
		})
	})
}

func (a *archive) filesOf() (files []talk.File, err error) {
	if a.Talk == nil {
		return nil, nil
	}
	err = a.look(func(t *records.Tx) (err error) {
		files, err = a.Talk.Files(a.v.Ctx(), t, a.v.Patient)
		return err
	})
	return files, err
}

func (a *archive) fileNames() (map[string]string, error) {
	files, err := a.filesOf()
	names := map[string]string{}
	for _, f := range files {
		names[f.ID] = (&url.URL{Path: fileName(f.ID, f.Title, f.Type)}).String()
	}
	return names, err
}

func (a *archive) plan() error {
	ctx := a.v.Ctx()
	return a.page("plan.html", text.T(ctx, "Plan"), text.T(ctx, "What you and your team agreed on, and what you answered."), func(w io.Writer) error {
		head := func(s string) error {
			_, err := fmt.Fprintf(w, "<h2>%s</h2>\n", html.EscapeString(s))
			return err
		}
		item := func(s string) error {
			if s == "" {
				return nil
			}
			_, err := fmt.Fprintf(w, "<p>%s</p>\n", html.EscapeString(s))
			return err
		}
		if err := head(text.T(ctx, "Goals")); err != nil {
			return err
		}
		err := a.each("Goal", url.Values{}, func(n *resource.Node, _ *records.Record) error { return item(words(n.Get("description"))) })
		if err == nil {
			err = a.each("CarePlan", url.Values{}, func(n *resource.Node, _ *records.Record) error {
				if err := head(n.Get("title").Str()); err != nil {
					return err
				}
				if err := item(n.Get("description").Str()); err != nil {
					return err
				}
				for _, act := range n.Get("activity").Each() {
					d := act.Get("detail")
					s := d.Get("description").Str()
					if s == "" {
						s = words(d.Get("code"))
					}
					if err := item(s); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err == nil {
			err = a.each("QuestionnaireResponse", url.Values{"_sort": {"-authored"}}, func(n *resource.Node, _ *records.Record) error {
				at := n.Get("authored").Str()
				if t, err := time.Parse(time.RFC3339, at); err == nil {
					at = text.DateTime(ctx, t)
				}
				if err := head(text.T(ctx, "Answers of %s", at)); err != nil {
					return err
				}
				return answers(n, item)
			})
		}
		return err
	})
}

// answers says each question that was answered, with its answers.
func answers(n *resource.Node, say func(string) error) error {
	for _, q := range n.Get("item").Each() {
		var all []string
		for _, one := range q.Get("answer").Each() {
			all = append(all, valueOf(&one))
		}
		line := q.Get("text").Str()
		if line == "" {
			line = q.Get("linkId").Str()
		}
		if len(all) > 0 {
			if err := say(line + ": " + strings.Join(all, ", ")); err != nil {
				return err
			}
		}
		if err := answers(&q, say); err != nil {
			return err
		}
	}
	return nil
}

func (a *archive) looks() error {
	ctx := a.v.Ctx()
	return a.page("who-looked.html", text.T(ctx, "Who looked"), text.T(ctx, "Every look and every change is kept, and nobody can take one out."), func(w io.Writer) error {
		if err := table(w, text.T(ctx, "Day"), text.T(ctx, "Who"), text.T(ctx, "What they did"), text.T(ctx, "Why")); err != nil {
			return err
		}
		for cursor := ""; ; {
			var list []records.LookedAt
			err := a.look(func(t *records.Tx) (err error) {
				list, cursor, err = t.Looks(ctx, a.v.Patient, cursor, archivePage)
				return err
			})
			if err != nil {
				return err
			}
			view := lookedView{Chosen: everybody}
			view.add(ctx, list)
			for _, d := range view.Days {
				for i := range d.List {
					if err := row(w, text.Date(ctx, d.At), Who(ctx, d.List[i].LookedAt), d.List[i].did(ctx), whyWord(ctx, d.List[i].Purpose)); err != nil {
						return err
					}
				}
			}
			if cursor == "" {
				_, err = io.WriteString(w, tableEnd)
				return err
			}
		}
	})
}

// index is the first page, written when it is known what there is.
func (a *archive) index() error {
	ctx := a.v.Ctx()
	var all []State
	err := a.Store.Read(ctx, func(tx db.Tx) (err error) { all, err = states(ctx, tx, a.v.Patient); return err })
	if err != nil {
		return err
	}
	return a.page("index.html", a.v.Name, text.T(ctx, "Everything there is about you here."), func(w io.Writer) error {
		if _, err := io.WriteString(w, "<ul>\n"); err != nil {
			return err
		}
		for _, p := range a.parts {
			if _, err := fmt.Fprintf(w, "<li><a href=\"%s\">%s</a> – %s</li>\n", p.Name, html.EscapeString(p.Title), html.EscapeString(p.Words)); err != nil {
				return err
			}
		}
		n := 0
		for _, c := range a.count {
			n += c
		}
		if _, err := fmt.Fprintf(w, "</ul>\n<h2>%s</h2>\n<p>%s</p>\n<h2>%s</h2>\n", html.EscapeString(text.T(ctx, "For other programs")),
			html.EscapeString(text.N(ctx, n, "One record, in the folder “record”, in the standard FHIR R4: any health program that knows it can take it in.", "%d records, in the folder “record”, in the standard FHIR R4: any health program that knows it can take them in.")),
			html.EscapeString(text.T(ctx, "What you allow"))); err != nil {
			return err
		}
		if err := table(w, text.T(ctx, "What"), text.T(ctx, "Allowed"), text.T(ctx, "Since")); err != nil {
			return err
		}
		for _, s := range all {
			word := text.T(ctx, "no")
			if s.Allowed {
				word = text.T(ctx, "yes")
			}
			if err := row(w, purposeTitle(ctx, s.Purpose), word, sinceWord(ctx, s)); err != nil {
				return err
			}
		}
		_, err := io.WriteString(w, tableEnd)
		return err
	})
}
