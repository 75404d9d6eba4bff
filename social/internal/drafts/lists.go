package drafts

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/page"
)

// perPage is how many drafts one page of a list shows.
const perPage = 20

// shelfOf returns a page of a shelf, the last changed first: p's own, or those of everybody whom p
// may read.
func (s *Drafts) shelfOf(ctx context.Context, p *identity.Principal, from shelf, team bool, after page.Cursor) (page.Of[Draft], error) {
	where, args := `shelf = $1`, []any{string(from)}
	if !team || !p.Has(identity.Communications) {
		where, args = `shelf = $1 AND author = $2`, append(args, p.Subject(identity.Social))
	}
	if !after.IsZero() {
		n := len(args)
		where += ` AND (updated < $` + digit(n+1) + ` OR updated = $` + digit(n+1) + ` AND id < $` + digit(n+2) + `)`
		args = append(args, db.Micros(after.At), after.ID)
	}
	var rows []Draft
	err := s.Store.Read(ctx, func(tx db.Tx) error {
		rows = nil
		return db.Each(ctx, tx, `SELECT `+columns+` FROM draft WHERE `+where+` ORDER BY updated DESC, id DESC LIMIT `+limitText,
			args, func(row db.Row) error {
				d, err := scanDraft(row)
				rows = append(rows, d)
				return err
			})
	})
	return page.Cut(rows, perPage, func(d Draft) page.Cursor { return page.Cursor{At: d.Updated, ID: d.ID.String()} }), err
}

const limitText = "21" // perPage and one more, which says that there is a next page

func digit(n int) string { return string(rune('0' + n)) }

// counts returns how many drafts stand on the shelves where somebody has to act, up to 99.
func (s *Drafts) counts(ctx context.Context, p *identity.Principal, team bool) (map[shelf]int, error) {
	out := map[shelf]int{}
	err := s.Store.Read(ctx, func(tx db.Tx) error {
		for _, one := range []shelf{open, waiting, planned} {
			where, args := `shelf = $1`, []any{string(one)}
			if !team || !p.Has(identity.Communications) {
				where, args = `shelf = $1 AND author = $2`, append(args, p.Subject(identity.Social))
			}
			var n int
			if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM draft WHERE `+where+` LIMIT 99) AS found`, args...).Scan(&n); err != nil {
				return err
			}
			out[one] = n
		}
		return nil
	})
	return out, err
}

// between returns what is planned for, or was published in, a span of time, in that order.
func (s *Drafts) between(ctx context.Context, p *identity.Principal, from, to time.Time) ([]Draft, error) {
	var all []Draft
	err := s.Store.Read(ctx, func(tx db.Tx) error {
		all = nil
		for _, q := range []string{
			`SELECT ` + columns + ` FROM draft WHERE plan_at > 0 AND plan_at >= $1 AND plan_at < $2 AND shelf IN ('planned', 'waiting') ORDER BY plan_at, id LIMIT 400`,
			`SELECT ` + columns + ` FROM draft WHERE published > 0 AND published >= $1 AND published < $2 AND shelf = 'public' ORDER BY published, id LIMIT 400`,
		} {
			err := db.Each(ctx, tx, q, []any{db.Micros(from), db.Micros(to)}, func(row db.Row) error {
				d, err := scanDraft(row)
				if err == nil && d.visible(p) {
					all = append(all, d)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}
