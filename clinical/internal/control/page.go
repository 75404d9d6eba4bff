package control

import (
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// How a page of the archive is written.

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
