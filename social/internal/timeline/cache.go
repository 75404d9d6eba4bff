package timeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/revision"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// fresh is how long a page may say "5 minutes ago".
const fresh = 30 * time.Second

// made is a finished body.
type made struct {
	rev    revision.Number
	until  time.Time // zero: as long as the revision stands
	mime   string
	tag    string
	plain  []byte
	zipped []byte
}

// still returns what is kept under a key if it is true under the revision that the store has now.
func (t *Timeline) still(key string, rev revision.Number) *made {
	m := t.made.get(key)
	if m == nil || m.rev != rev || !m.until.IsZero() && t.Clock.Now().After(m.until) {
		return nil
	}
	return m
}

func (t *Timeline) keep(key string, m *made) { t.made.put(key, m, len(m.plain)+len(m.zipped)) }

// zips lends compressors, each of which holds most of a megabyte.
var zips = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level exists
	return z
}}

// finish makes a body ready to be kept: its tag and its compressed form.
func finish(rev revision.Number, until time.Time, mime string, body []byte) *made {
	sum := sha256.Sum256(body)
	var b bytes.Buffer
	z := zips.Get().(*gzip.Writer)
	z.Reset(&b)
	_, _ = z.Write(body) // a bytes.Buffer never fails
	_ = z.Close()
	z.Reset(nil)
	zips.Put(z)
	return &made{rev: rev, until: until, mime: mime, tag: hex.EncodeToString(sum[:10]), plain: body, zipped: b.Bytes()}
}

// send answers with a finished body, or says that the reader has it already.
func (m *made) send(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Cache-Control", "no-cache") // may be kept, must be asked about: a withdrawal counts at once
	if web.NotModified(w, r, m.tag) {
		return nil
	}
	body := m.plain
	if takesGzip(r) {
		body = m.zipped
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", m.mime)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // who has gone needs no answer
	return nil
}

// takesGzip reads Accept-Encoding for the plain word; whoever asks in a more intricate way gets the
// body as it is, compressed by the chain or not.
func takesGzip(r *http.Request) bool {
	for item := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		if strings.TrimSpace(item) == "gzip" {
			return true
		}
	}
	return false
}

// key is under what a page may be kept, and whether it may: only for readers without an account, and
// only under addresses that this program itself writes, so that nobody fills the cache with others.
func key(r *http.Request, lang string) (string, bool) {
	set := ui.From(r.Context())
	if set.Viewer != nil || len(r.URL.Path) > 200 {
		return "", false
	}
	q := r.URL.RawQuery
	if q != "" {
		value, ok := strings.CutPrefix(q, "after=")
		if c, err := page.Parse(value); !ok || err != nil || c.String() != value {
			return "", false
		}
	}
	return strconv.FormatBool(set.First) + " " + lang + " " + set.Theme + " " + set.Zone + " " + set.Origin + " " + r.URL.Path + "?" + q, true
}

// page makes a handler of a function that reads what a page shows.
func (t *Timeline) page(read func(context.Context, *visit) (answer, error)) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		lang := text.Lang(ctx)
		at, keep := key(r, lang)
		w.Header().Add("Vary", "Cookie, Accept-Language, Sec-Fetch-Site")
		var have *made
		var a answer
		var rev revision.Number
		err := t.Store.Read(ctx, func(tx db.Tx) (err error) {
			if rev, err = revision.Now(ctx, tx); err != nil {
				return err
			}
			if keep {
				if have = t.still(at, rev); have != nil {
					return nil
				}
			}
			v, err := t.begin(ctx, tx, r, lang, rev)
			if err == nil {
				a, err = read(ctx, v)
			}
			return err
		})
		switch {
		case err != nil:
			return err
		case have != nil:
			return have.send(w, r)
		case a.to != "":
			return web.Redirect(w, r, a.to)
		case !keep || a.status != 0:
			return web.RenderStatus(w, r, max(a.status, http.StatusOK), a.body)
		}
		var b bytes.Buffer
		b.Grow(48 << 10)
		if err := a.body.Render(ctx, &b); err != nil {
			return fault.Wrap(err, fault.Internal, "page not rendered")
		}
		m := finish(rev, t.Clock.Now().Add(fresh), "text/html; charset=utf-8", b.Bytes())
		t.keep(at, m)
		return m.send(w, r)
	}
}

// document makes a handler of a function that writes something for programs: a feed, a sitemap. Its
// language comes from the address or is the organisation's, never from a cookie.
func (t *Timeline) document(write func(context.Context, *visit, *bytes.Buffer) (mime string, err error)) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		lang := r.URL.Query().Get("lang")
		if lang == "" && len(t.Site.Langs) > 0 {
			lang = t.Site.Langs[0]
		}
		if lang != "en" && lang != "es" {
			lang = "en"
		}
		// Feeds are for other sites to read.
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		set := *ui.From(r.Context())
		set.Lang, set.Viewer = lang, nil
		ctx := ui.With(r.Context(), &set)
		at := "document " + lang + " " + set.Origin + " " + r.URL.Path
		var m *made
		var rev revision.Number
		err := t.Store.Read(ctx, func(tx db.Tx) (err error) {
			if rev, err = revision.Now(ctx, tx); err != nil {
				return err
			}
			if m = t.still(at, rev); m != nil {
				return nil
			}
			v, err := t.begin(ctx, tx, r, lang, rev)
			if err != nil {
				return err
			}
			var b bytes.Buffer
			b.Grow(32 << 10)
			mime, err := write(ctx, v, &b)
			if err != nil {
				return err
			}
			m = finish(rev, time.Time{}, mime, b.Bytes())
			t.keep(at, m)
			return nil
		})
		if err != nil {
			return err
		}
		if since(w, r, rev, t.Clock.Now()) {
			return nil
		}
		return m.send(w, r)
	}
}

// since says when the store last changed and, to a reader who has only that date to compare (an
// Etag tells more), whether there is anything new. Within two seconds of a change the date, which
// counts in seconds, could hide the next one, so it is not given.
func since(w http.ResponseWriter, r *http.Request, rev revision.Number, now time.Time) bool {
	if rev.At.IsZero() || now.Sub(rev.At) < 2*time.Second {
		return false
	}
	changed := rev.At.Truncate(time.Second)
	w.Header().Set("Last-Modified", changed.Format(http.TimeFormat))
	if r.Header.Get("If-None-Match") != "" {
		return false
	}
	asked, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	if err != nil || changed.After(asked) {
		return false
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusNotModified)
	return true
}
