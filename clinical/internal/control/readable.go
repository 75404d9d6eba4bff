package control

import (
	"fmt"
	"html"
	"io"
	"net/url"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/ui/text"
)

// The pages of the archive that people read. Each stands alone, needs no network and prints on paper.

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

func (a *archive) messages() error {
	ctx := a.v.Ctx()
	return a.page("messages.html", text.T(ctx, "Messages"), text.T(ctx, "What you and your team wrote to each other."), func(w io.Writer) error {
		titles, err := a.fileNames()
		if err != nil {
			return err
		}
		return a.each("Communication", url.Values{"_sort": {"sent"}}, func(n *resource.Node, _ *records.Record) error {
			from, at := n.Path("sender", "display").Str(), moment(ctx, n.Get("sent").Str())
			if n.Path("sender", "reference").Str() == "Patient/"+a.v.Patient {
				from = a.v.Name
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
				if err := head(text.T(ctx, "Answers of %s", moment(ctx, n.Get("authored").Str()))); err != nil {
					return err
				}
				return answers(n, item)
			})
		}
		return err
	})
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
					if err := row(w, text.Date(ctx, d.At), Who(ctx, d.List[i].LookedAt), d.List[i].did(), whyWord(ctx, d.List[i].Purpose)); err != nil {
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
