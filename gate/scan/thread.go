package scan

import "strings"

// Limits on what is read of earlier posts.
const (
	maxBefore     = 8
	maxBeforeText = 16 << 10
	farApart      = 400 // words within which the pieces of a sum may lie in a thread
)

const paragraph = "\n\n"

// overThread finds what only adds up with what the same author said before: sums whose pieces lie on
// both sides of the border between the earlier posts and this one. A finding marks its part of the text.
func (e *Engine) overThread(text string, c Context, parent *state) []Finding {
	var b strings.Builder
	for _, before := range c.Before[max(0, len(c.Before)-maxBefore):] {
		if b.Len()+len(before) <= maxBeforeText {
			b.WriteString(before)
			b.WriteString(paragraph)
		}
	}
	border := b.Len()
	if border == 0 || len(text) > maxBeforeText {
		return nil
	}
	b.WriteString(text)
	s := e.state()
	defer e.pool.Put(s)
	s.read(b.String())
	lang := s.languageIn(c)
	s.thread = true
	defer func() { s.thread = false }()
	var found []candidate
	for i := range e.rules {
		r := &e.rules[i]
		if r.Sum.Need == 0 || r.Severity < Hold || !r.applies(c, lang) || r.NewToParent && parent == nil && c.Kind != Reply || len(r.parent) > 0 && !parent.hasAny(r.parent) {
			continue
		}
		for _, cl := range r.any {
			for _, m := range s.byClass[cl] {
				if cand, ok := s.consider(r, &s.marks[m], parent); ok {
					found = append(found, cand)
				}
			}
		}
	}
	var out []Finding
	for _, f := range s.findings(found, c) {
		if f.Start >= border || f.End <= border {
			continue // it stands in one post alone
		}
		f.Start, f.End = 0, f.End-border
		f.Reason.EN += " It takes your earlier posts of this thread to see it."
		f.Reason.ES += " Se ve al leerlo junto con tus mensajes anteriores del hilo."
		return append(out, f)
	}
	return out
}
