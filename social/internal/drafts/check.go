package drafts

import (
	"bytes"
	"context"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/plain"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/ui/text"
)

// reading is what the gate and the readability figures say about a content right now.
type reading struct {
	Verdict  scan.Severity
	Findings []gate.Finding // in the order of the text; the list's numbers are the index plus one
	Down     error          // the gate does not answer; then nothing can go out
	Plain    plain.Report
}

// before gives the content what its thread says already.
func (s *Drafts) before(ctx context.Context, c *posts.Content) error {
	if c.Continues.IsZero() {
		return nil
	}
	return s.Store.Read(ctx, func(tx db.Tx) (err error) {
		c.Before, err = s.Posts.Said(ctx, tx, *c)
		return err
	})
}

// read asks the gate, without leaving a record, and measures how the text reads.
func (s *Drafts) read(ctx context.Context, p *identity.Principal, c posts.Content) reading {
	if c.Draft == "" {
		c.Draft = "new"
	}
	c.Author = author(p)
	r := reading{Plain: plain.Read(c.Title+"\n\n"+c.Body, c.Lang)}
	if strings.TrimSpace(c.Title+c.Body) == "" && len(c.Images) == 0 {
		return r
	}
	if err := s.before(ctx, &c); err != nil {
		r.Down = err
		return r
	}
	res, err := s.Gate.Check(ctx, c.GateDraft())
	if err != nil {
		r.Down = err
		return r
	}
	r.Verdict, r.Findings = res.Verdict, res.Findings
	order := map[string]int{"title": -2, "body": -1}
	sort.SliceStable(r.Findings, func(i, j int) bool {
		a, b := r.Findings[i], r.Findings[j]
		if fa, fb := fieldOrder(order, a.Field), fieldOrder(order, b.Field); fa != fb {
			return fa < fb
		}
		return a.Start < b.Start
	})
	return r
}

func fieldOrder(order map[string]int, field string) int {
	if n, ok := order[field]; ok {
		return n
	}
	n, _ := strconv.Atoi(strings.TrimPrefix(field, "alt:"))
	return n
}

// The live check as the page's script sends and gets it.
type (
	checkIn struct {
		ID       string  `json:"id"`
		Edits    string  `json:"edits"` // of a draft that is not stored yet: the post it will change
		Kind     string  `json:"kind"`
		Lang     string  `json:"lang"`
		Title    string  `json:"title"`
		Body     string  `json:"body"`
		Pictures []altIn `json:"pictures"`
	}
	altIn struct {
		ID  string `json:"id"`
		Alt string `json:"alt"`
	}
	checkOut struct {
		Verdict     string       `json:"verdict"`
		Says        string       `json:"says"` // for the live region
		Findings    []findingOut `json:"findings"`
		Readability plainOut     `json:"readability"`
		HTML        htmlOut      `json:"html"` // the parts of the page that change
	}
	findingOut struct {
		N          int    `json:"n"`
		Field      string `json:"field"` // title, body, alt:1
		Start      int    `json:"start"` // UTF-16 units, as browsers count
		End        int    `json:"end"`
		StartByte  int    `json:"startByte"`
		EndByte    int    `json:"endByte"`
		Severity   string `json:"severity"`
		Reason     string `json:"reason"`
		Suggestion string `json:"suggestion"`
		Rule       string `json:"rule"`
	}
	plainOut struct {
		Score  int  `json:"score"`
		Enough bool `json:"enough"`
		Good   bool `json:"good"`
		Words  int  `json:"words"`
	}
	htmlOut struct {
		Gate  string `json:"gate"`
		Plain string `json:"plain"`
		Go    string `json:"go"`
		Chip  string `json:"chip"`
	}
)

// check answers what the gate and the figures say about a text that is being written.
func (s *Drafts) check(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := identity.From(ctx)
	if err := p.MayPost(); err != nil {
		return err
	}
	var in checkIn
	if err := web.ReadJSON(r, &in); err != nil {
		return err
	}
	c := posts.Content{Kind: posts.Kind(in.Kind), Lang: in.Lang, Title: in.Title, Body: in.Body, Draft: in.ID}
	if len(in.Pictures) > 2*posts.MaxImages || len(in.ID) > 36 {
		return fault.New(fault.Invalid, "A post has at most %d pictures.", posts.MaxImages)
	}
	for _, i := range in.Pictures {
		one, _ := id.Parse[media.Image](i.ID)
		c.Images = append(c.Images, posts.Image{ID: one, Alt: i.Alt})
	}
	c.Edits, _ = id.Parse[posts.Post](in.Edits)
	d := Draft{State: Writing, Content: c, Author: p.Subject(identity.Social)}
	if draft, err := id.Parse[Draft](in.ID); err == nil && !draft.IsZero() {
		if stored, err := s.Read(ctx, p, draft); err == nil {
			c.Edits = stored.Content.Edits
			d, d.Content = stored, c
		}
	}
	read := s.read(ctx, p, c)
	if read.Down != nil {
		return read.Down
	}
	out := checkOut{Verdict: read.Verdict.String(), Says: countsOf(ctx, read), Findings: []findingOut{},
		Readability: plainOut{read.Plain.Score, read.Plain.Enough, read.Plain.Band.Good(), read.Plain.Words}}
	for n, f := range read.Findings {
		field := fieldText(c, f.Field)
		out.Findings = append(out.Findings, findingOut{N: n + 1, Field: f.Field,
			Start: units(field, f.Start), End: units(field, f.End), StartByte: f.Start, EndByte: f.End,
			Severity: f.Severity.String(), Reason: f.Reason.In(text.Lang(ctx)), Suggestion: f.Suggestion.In(c.Lang), Rule: f.Rule})
	}
	var err error
	v := editorView{d: d, reading: read, mine: d.mine(p)}
	if out.HTML.Gate, err = html(ctx, gatePanel(v)); err != nil {
		return err
	}
	if out.HTML.Plain, err = html(ctx, plainCard(read.Plain)); err != nil {
		return err
	}
	if out.HTML.Go, err = html(ctx, goButtons(v)); err != nil {
		return err
	}
	if out.HTML.Chip, err = html(ctx, verdictChip(v)); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.JSON(w, http.StatusOK, out)
}

func html(ctx context.Context, c templ.Component) (string, error) {
	var b bytes.Buffer
	err := c.Render(ctx, &b)
	return b.String(), err
}

// fieldText returns the text of a field as the gate names it.
func fieldText(c posts.Content, field string) string {
	for _, f := range c.GateDraft().Fields {
		if f.Name == field {
			return f.Text
		}
	}
	return ""
}

// units converts a byte offset into UTF-16 code units, the way browsers count.
func units(s string, bytes int) int {
	n := 0
	for i, c := range s {
		if i >= bytes {
			break
		}
		if size := utf16.RuneLen(c); size > 0 {
			n += size
		} else {
			n++
		}
	}
	return n
}

// takeSuggestion puts the suggested wording in the place of a finding, or of the whole field; what names it as
// field@start-end in bytes. The gate is asked again, so nothing is replaced that it does not mark.
func (s *Drafts) takeSuggestion(ctx context.Context, p *identity.Principal, d Draft, what string) (Draft, error) {
	for _, f := range s.read(ctx, p, d.Content).Findings {
		if placeOf(f) != what {
			continue
		}
		words := f.Suggestion.In(d.Content.Lang)
		old := fieldText(d.Content, f.Field)
		if words == "" || f.End > len(old) || f.Start > f.End || !utf8.ValidString(old[:f.Start]) || !utf8.ValidString(old[f.End:]) {
			break
		}
		if !f.Whole {
			words = old[:f.Start] + words + old[f.End:]
		}
		return s.Save(ctx, p, d.ID, d.Rev, withField(d.Content, f.Field, words), d.Plan)
	}
	return d, nil
}

func placeOf(f gate.Finding) string {
	return f.Field + "@" + strconv.Itoa(f.Start) + "-" + strconv.Itoa(f.End)
}

func withField(c posts.Content, field, words string) posts.Content {
	switch field {
	case "title":
		c.Title = words
	case "body":
		c.Body = words
	default:
		n, err := strconv.Atoi(strings.TrimPrefix(field, "alt:"))
		if err == nil && n >= 1 && n <= len(c.Images) {
			images := append([]posts.Image(nil), c.Images...)
			images[n-1].Alt = words
			c.Images = images
		}
	}
	return c
}

// takeReviewersWords puts the wording that a reviewer proposed into the draft.
func (s *Drafts) takeReviewersWords(ctx context.Context, p *identity.Principal, d Draft) (Draft, error) {
	out, err := s.Gate.Status(ctx, d.ID.String(), d.Hash)
	if err != nil {
		return d, err
	}
	c := d.Content
	for _, f := range out.Suggestion {
		c = withField(c, f.Name, f.Text)
	}
	return s.Save(ctx, p, d.ID, d.Rev, c, d.Plan)
}
