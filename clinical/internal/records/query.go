package records

import (
	"context"
	"net/url"

	"github.com/mitral-health/mitral/clinical/internal/search"
)

// Query reads a search of one type, given as pairs of a parameter and its value.
func (t *Tx) Query(typ string, nameValue ...string) (*search.Query, error) {
	params := url.Values{}
	for i := 0; i+1 < len(nameValue); i += 2 {
		params.Add(nameValue[i], nameValue[i+1])
	}
	return search.Parse(typ, params, search.Asked{Strict: true, Base: t.store.base, Now: t.now})
}

// Find returns a page of what Query reads.
func (t *Tx) Find(ctx context.Context, typ string, nameValue ...string) (Page, error) {
	q, err := t.Query(typ, nameValue...)
	if err != nil {
		return Page{}, err
	}
	return t.Search(ctx, q)
}
