package timeline

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/social/internal/posts"
)

// piece is what a page or a feed shows of one post, made once and then used wherever the post
// stands, until the post or the directory changes. What depends on the moment of the request, "5
// minutes ago", is left out of it.
type piece struct {
	stamp     int64 // of the post
	directory int64 // revision
	published time.Time
	changed   time.Time
	text      string // up to where the time since then stands
	rest      string // and from there
}

// moment stands in a piece for what depends on the moment. No post holds a NUL.
const moment = "\x00"

// pieces returns the pieces of a list of posts. form says what they are for, with everything else that
// what make writes depends on; full whether make needs the whole text.
func (t *Timeline) pieces(ctx context.Context, v *visit, form string, full bool, refs []posts.Ref, make func(card, *bytes.Buffer) error) ([]*piece, error) {
	var out []*piece
	for _, r := range refs {
		key := form + " " + r.ID.String()
		p := t.parts.get(key)
		if p == nil || p.stamp != r.Stamp || p.directory != v.number {
			post, err := t.Posts.Listed(ctx, v.tx, r.ID, full)
			if err != nil {
				return nil, err
			}
			var b bytes.Buffer
			if err := make(v.card(post), &b); err != nil {
				return nil, fault.Wrap(err, fault.Internal, "page not rendered")
			}
			p = &piece{stamp: r.Stamp, directory: v.number, published: post.PublishedAt, changed: newest(post)}
			p.text, p.rest, _ = strings.Cut(b.String(), moment)
			t.parts.put(key, p, b.Len())
		}
		out = append(out, p)
	}
	return out, nil
}
