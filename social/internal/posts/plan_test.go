package posts

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/social/internal/profiles"
)

// TestListsAreIndexRanges holds both databases to docs/adr/0009: every list reads one range of its own
// partial index, never sorts and never walks the table.
func TestListsAreIndexRanges(t *testing.T) {
	each(t, func(b *bench) {
		b.many(2000)
		lists := map[string]List{}
		for _, lang := range []string{"en", "es"} {
			lists["post_home_"+lang] = List{Lang: lang}
			lists["post_profile_"+lang] = List{Lang: lang, Profile: b.profile}
			lists["post_articles_"+lang] = List{Lang: lang, Profile: b.profile, Articles: true}
			lists["post_topic_"+lang] = List{Lang: lang, Topic: "salt"}
		}
		_, lite := b.db.SQLite()
		for index, l := range lists {
			for name, c := range map[string]page.Cursor{"first page": {}, "further page": {At: b.now, ID: b.profile.String()}} {
				query, args := l.Query(c, 21)
				plan := b.explain(lite, query, args)
				if !strings.Contains(plan, index) {
					b.Errorf("%s, %s: the index is not used:\n%s", index, name, plan)
				}
				for _, bad := range []string{"Sort", "Seq Scan", "TEMP B-TREE", "SCAN post", "SCAN p", "SCAN t"} {
					if strings.Contains(strings.ReplaceAll(plan, "Incremental", ""), bad) && !strings.Contains(plan, bad+" USING INDEX "+index) {
						b.Errorf("%s, %s: %s in the plan:\n%s", index, name, bad, plan)
					}
				}
			}
		}
	})
}

// many fills the store with n posts, half of them articles, every third about salt, every fourth said
// by b.profile.
func (b *bench) many(n int) {
	b.write(func(ctx context.Context, tx db.Tx) error {
		speakers := []profiles.ID{b.profile}
		for i := range 3 {
			p := profiles.Profile{ID: id.New[profiles.Profile](b.now), Kind: profiles.Department, Handle: fmt.Sprint("d", i), Name: profiles.Words{EN: "D"}}
			if err := b.posts.profiles.Save(ctx, tx, p); err != nil {
				return err
			}
			speakers = append(speakers, p.ID)
		}
		for i := range n {
			at := b.now.AddDate(0, 0, -i)
			post, kind, salt := id.New[Post](at), Note, i%3 == 0
			if i/4%2 == 0 {
				kind = Article
			}
			_, err := tx.Exec(ctx, `INSERT INTO post (id, profile, kind, lang, shown_en, shown_es, published_at, edited_at, withdrawn_at, withdrawn_why,
				minutes, parts, version, stamp, root, head, position, original, title, topics, excerpt, images, card, html, body)
				VALUES ($1,$2,$3,'en',$4,$5,$6,0,0,'',1,1,1,1,$1,$1,0,$1,'','','','','','','')`,
				post, speakers[i%4], string(kind), i%5 != 0, i%7 != 0, db.Micros(at))
			if err == nil && salt {
				_, err = tx.Exec(ctx, `INSERT INTO post_topic (post, topic, shown_en, shown_es, published_at) VALUES ($1,'salt',$2,$3,$4)`,
					post, i%5 != 0, i%7 != 0, db.Micros(at))
			}
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `ANALYZE`)
		return err
	})
}

func (b *bench) explain(lite bool, query string, args []any) string {
	var out []string
	b.write(func(ctx context.Context, tx db.Tx) error {
		if lite {
			return db.Each(ctx, tx, `EXPLAIN QUERY PLAN `+query, args, func(r db.Row) error {
				var a, p, n int
				var line string
				err := r.Scan(&a, &p, &n, &line)
				out = append(out, line)
				return err
			})
		}
		return db.Each(ctx, tx, `EXPLAIN `+query, args, func(r db.Row) error {
			var line string
			err := r.Scan(&line)
			out = append(out, fmt.Sprint(line))
			return err
		})
	})
	return strings.Join(out, "\n")
}
