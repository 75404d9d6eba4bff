package records

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
)

// LookedAt is one entry of the audit trail as its patient may see it: who, when, what kind of thing. What else
// stands in the entry, such as the other patients of a list, is not theirs to read.
type LookedAt struct {
	At      time.Time
	Kind    access.Kind
	Who     string // the name that was recorded
	Type    string // of what was looked at or changed; "" if the entry doesn't say
	Action  string // C, R, U, D or E
	Purpose access.Purpose
	Refused bool
}

// Looks lists who looked at a patient's record or changed it, newest first, of count entries. A page that showed several
// types (Shows) is one entry and a look at each of them. It is an operation on the
// Patient: whoever may do operations on it may know; it is in the trail itself.
func (t *Tx) Looks(ctx context.Context, patient, cursor string, count int) (list []LookedAt, next string, err error) {
	if ok, err := t.whole(access.Operation, "Patient", patient); err != nil {
		return nil, "", err
	} else if !ok {
		t.refused(access.Operation, "Patient", patient)
		return nil, "", outcome.Absent()
	}
	params := url.Values{"patient": {"Patient/" + patient}, "_sort": {"-date"}}
	if cursor != "" {
		params.Set("_cursor", cursor)
	}
	q, err := search.Parse("AuditEvent", params, search.Asked{Strict: true, Base: t.store.base, Now: t.now})
	if err != nil {
		return nil, "", err
	}
	q.Count = min(max(count, 1), search.MaxCount)
	if err := t.flush(ctx); err != nil {
		return nil, "", err
	}
	s := &searching{finder: finder{t: t, left: t.store.limits.budget, limits: t.store.limits}, q: q,
		gates: map[string]gate{"AuditEvent": {Decision: access.Decision{Allow: true}}}}
	p, err := s.page(ctx)
	if err == nil {
		p.found = len(s.hits)
		err = t.texts(ctx, s.hits, &p)
	}
	if err != nil {
		return nil, "", err
	}
	for i := range p.Records {
		n, err := resource.Parse(p.Records[i].Body)
		if err != nil {
			return nil, "", err
		}
		list = append(list, looksOf(n)...)
	}
	t.Note(access.Operation, "who-looked", "Patient", patient, "")
	return list, p.Next, nil
}

// looksOf are one look, or those at each type that a page showed.
func looksOf(n *resource.Node) []LookedAt {
	l := lookedAt(n)
	out := []LookedAt{l}
	all := n.Get("entity").Each()
	for i := 1; i < len(all); i++ {
		if typ := all[i].Path("what", "type").Str(); typ != "" {
			l.Type = typ
			out = append(out, l)
		}
	}
	return out
}

func lookedAt(n *resource.Node) LookedAt {
	l := LookedAt{Action: n.Get("action").Str(), Refused: n.Get("outcome").Str() != success,
		Kind:    access.Kind(n.Path("agent", "role", "text").Str()),
		Who:     n.Path("agent", "name").Str(),
		Purpose: access.Purpose(n.Path("purposeOfEvent", "coding", "code").Str())}
	l.At, _ = time.Parse(time.RFC3339, n.Get("recorded").Str())
	what := n.Path("entity", "what")
	if l.Type = what.Get("type").Str(); l.Type == "" {
		l.Type, _, _ = strings.Cut(what.Get("reference").Str(), "/")
	}
	return l
}
