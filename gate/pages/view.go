package pages

import (
	"context"
	"sort"
	"strings"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// fieldView is one part of the text with its marks.
type fieldView struct {
	Name, Label, Text string
	Marks             []ui.Mark
	Picture           string // address of the image that this describes
	Changes           []run  // since the version before; nil if it is the same
}

// numbered is a finding with the number that the marks show.
type numbered struct {
	N int
	gate.Finding
	Quote string // the words it is about
}

func (p *Pages) itemView(ctx context.Context, it gate.Item) *itemView {
	v := &itemView{Item: it, Now: p.Gate.Now(), Sampled1N: p.SampleOneIn}
	if p.Deps.Speaker != nil {
		v.Speaker = p.Deps.Speaker(ctx, it.Draft.Speaker)
	}
	v.Findings = number(it.Draft, it.Findings)
	before := map[string]string{}
	if it.Before != nil {
		for _, f := range it.Before.Fields {
			before[f.Name] = f.Text
		}
	}
	for _, f := range it.Draft.Fields {
		fv := fieldView{Name: f.Name, Label: fieldLabel(ctx, f.Name), Text: f.Text, Marks: marks(f.Name, v.Findings)}
		if n := altNumber(f.Name); n > 0 && n <= len(it.Draft.Media) && p.Picture != nil {
			fv.Picture = p.Picture(ctx, it.Draft.Media[n-1])
		}
		if it.Before != nil && before[f.Name] != f.Text {
			fv.Changes = shorten(diff(before[f.Name], f.Text))
		}
		delete(before, f.Name)
		if f.Text != "" || len(fv.Changes) > 0 {
			v.Fields = append(v.Fields, fv)
		}
	}
	if it.Before != nil { // parts that this version no longer has
		for _, f := range it.Before.Fields {
			if old := before[f.Name]; old != "" {
				v.Fields = append(v.Fields, fieldView{Name: f.Name, Label: fieldLabel(ctx, f.Name), Changes: diff(old, "")})
			}
		}
	}
	return v
}

// title is the page's: that of the open item, or of the list.
func (v deskView) title(ctx context.Context) string {
	if v.Item != nil {
		return v.Item.Title
	}
	return text.T(ctx, "Review")
}

// number puts the findings in the order of the text: by field, then by place.
func number(d gate.Draft, found []gate.Finding) []numbered {
	place := map[string]int{}
	words := map[string]string{}
	for i, f := range d.Fields {
		place[f.Name], words[f.Name] = i, f.Text
	}
	sorted := append([]gate.Finding(nil), found...)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		if place[a.Field] != place[b.Field] {
			return place[a.Field] < place[b.Field]
		}
		return a.Start < b.Start
	})
	out := make([]numbered, len(sorted))
	for i, f := range sorted {
		out[i] = numbered{N: i + 1, Finding: f}
		if t := words[f.Field]; f.Start >= 0 && f.Start <= f.End && f.End <= len(t) {
			out[i].Quote = strings.ToValidUTF8(t[f.Start:f.End], "")
		}
	}
	return out
}

func marks(field string, found []numbered) (out []ui.Mark) {
	for _, f := range found {
		if f.Field == field {
			out = append(out, ui.Mark{Start: f.Start, End: f.End, Severity: f.Severity.String(), N: f.N})
		}
	}
	return out
}

// isHeading reports a title that the page's heading already shows in full and in which nothing was found.
func (v *itemView) isHeading(f fieldView) bool {
	return f.Name == "title" && f.Text == v.Title && len(f.Marks) == 0
}

func (v *itemView) changed() bool {
	for _, f := range v.Fields {
		if len(f.Changes) > 0 {
			return true
		}
	}
	return false
}

// views are the findings for the list; with a button that takes the suggestion over, where the
// reviewer may propose wording.
func (v *itemView) views(ctx context.Context, buttons bool) (out []ui.FindingView) {
	for _, f := range v.Findings {
		fv := v.finding(ctx, f)
		if buttons && fv.Suggestion != "" && f.Quote != "" {
			quote := f.Quote
			if f.Whole {
				quote = ""
			}
			fv.Action = suggestButton(f.Field, quote, fv.Suggestion)
		}
		if f.Field != "body" {
			fv.Field = fieldLabel(ctx, f.Field)
		}
		out = append(out, fv)
	}
	return out
}

// finding is one line of the list: the reason for the reviewer, the wording in the text's language.
func (v *itemView) finding(ctx context.Context, f numbered) ui.FindingView {
	return ui.FindingView{N: f.N, Severity: f.Severity.String(), Reason: f.Reason.In(text.Lang(ctx)),
		Suggestion: f.Suggestion.In(v.Draft.Lang), Rule: f.Pack + " / " + f.Rule}
}

// proposal is what the wording field of the form holds: what the reviewer typed, or the text.
func (v *itemView) proposal(f gate.Field) string {
	for _, p := range v.Proposal {
		if p.Name == f.Name {
			return p.Text
		}
	}
	return f.Text
}

// proposed reports whether the reviewer has changed any wording.
func (v *itemView) proposed() bool {
	for _, f := range v.Draft.Fields {
		if v.proposal(f) != f.Text {
			return true
		}
	}
	return false
}

// checked are the findings in the proposed wording.
func (v *itemView) checked(ctx context.Context) (out []ui.FindingView) {
	for _, f := range number(v.Draft.With(v.Proposal), v.Checked.Findings) {
		fv := v.finding(ctx, f)
		if f.Quote != "" {
			fv.Field = text.T(ctx, "“%s”", f.Quote)
		}
		out = append(out, fv)
	}
	return out
}

// commentError is the fault beside the comment: not one that a notice above already explains.
func commentError(ctx context.Context, v *itemView) string {
	if v.Err == nil || fault.Is(v.Err, fault.Conflict) || v.errorField() != "comment" {
		return ""
	}
	return text.Fault(ctx, v.Err)
}

// errorField is the part of the form that an error leads to.
func (v *itemView) errorField() string {
	if v.Act == "" {
		return "act-0"
	}
	return "comment"
}

func (v *itemView) whyHint(ctx context.Context) string {
	if v.Sampled {
		return text.T(ctx, "%s will see this. What is fine needs no reason.", v.Author)
	}
	return text.T(ctx, "%s will see this. Releasing needs no reason.", v.Author)
}

func textRows(s string) int { return min(12, 2+len(s)/70+strings.Count(s, "\n")) }
