package voices

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/topics"
	"github.com/mitral-health/mitral/ui/text"
)

// topicView is the list of topics with the form for a new one, or the page of one topic.
type topicView struct {
	all      []topics.Topic
	t, was   topics.Topic // as it is being written, as it is stored; without a slug it is new
	reading  reading
	attested bool
	clash    bool
	wrong    problems
	done     string
	langs    []string
}

// open returns the topics that take new posts.
func (v topicView) open() []topics.Topic {
	var out []topics.Topic
	for _, t := range v.all {
		if t.Retired.IsZero() {
			out = append(out, t)
		}
	}
	return out
}

// closed returns those that no longer do.
func (v topicView) closed() []topics.Topic {
	var out []topics.Topic
	for _, t := range v.all {
		if !t.Retired.IsZero() {
			out = append(out, t)
		}
	}
	return out
}

func (s *Voices) listTopics(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	return s.renderTopics(w, r, http.StatusOK, topicView{done: q.Get("done")})
}

func (s *Voices) showTopic(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	t, err := s.storedTopic(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	return s.renderTopics(w, r, http.StatusOK, topicView{t: t, was: t, done: q.Get("done")})
}

func (s *Voices) storedTopic(ctx context.Context, slug string) (t topics.Topic, err error) {
	err = s.Store.Read(ctx, func(tx db.Tx) error {
		t, err = s.Topics.Get(ctx, tx, slug)
		return err
	})
	return t, err
}

func (s *Voices) makeTopic(w http.ResponseWriter, r *http.Request) error {
	if err := mayChange(identity.From(r.Context())); err != nil {
		return err
	}
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	return s.saveTopic(w, r, f, topics.Topic{})
}

func (s *Voices) changeTopic(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := mayChange(identity.From(ctx)); err != nil {
		return err
	}
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	was, err := s.storedTopic(ctx, r.PathValue("slug"))
	if err != nil {
		return err
	}
	rev, _ := strconv.Atoi(f.Get("rev"))
	to := "/admin/topics/" + was.Slug
	switch do := f.Get("do"); do {
	case "save":
		return s.saveTopic(w, r, f, was)
	case "retire", "restore":
		if rev != was.Rev {
			err = topics.ErrChanged
			break
		}
		was.Retired = s.Clock.Now()
		if do == "restore" {
			was.Retired = db.FromMicros(0)
		}
		err = s.writeTopic(ctx, was)
		to += "?done=" + do
	case "up", "down":
		err, to = s.placeTopic(ctx, was.Slug, do == "up"), "/admin/topics#t-"+was.Slug
	default:
		return fault.New(fault.Invalid, "This form could not be read.")
	}
	if errors.Is(err, topics.ErrChanged) {
		now, gone := s.storedTopic(ctx, was.Slug)
		if gone != nil {
			return gone
		}
		return s.renderTopics(w, r, web.Status(err), topicView{t: now, was: now, wrong: problems{{"", err}}})
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, to)
}

// saveTopic stores what the form says over was, or shows it again with what is wrong.
func (s *Voices) saveTopic(w http.ResponseWriter, r *http.Request, f url.Values, was topics.Topic) error {
	ctx, langs := r.Context(), s.langs()
	t := was
	t.Name, t.About = pair(f, "name", line, langs, t.Name), pair(f, "about", lines, langs, t.About)
	if len(langs) == 1 { // the name in the one language that there is
		if langs[0] == "es" {
			t.Name.EN = t.Name.ES
		} else {
			t.Name.ES = t.Name.EN
		}
	}
	isNew := was.Slug == ""
	if isNew {
		if t.Slug = strings.ToLower(line(f.Get("slug"))); t.Slug == "" {
			t.Slug = slug(t.Name.EN, 50)
		}
	}
	v := topicView{t: t, was: was, attested: f.Get("attest") == "yes"}
	if rev, _ := strconv.Atoi(f.Get("rev")); rev != was.Rev {
		v.clash, v.wrong = true, problems{{"", topics.ErrChanged}}
		return s.renderTopics(w, r, web.Status(topics.ErrChanged), v)
	}
	v.wrong = checkTopic(t, langs)
	var err error
	if v.reading, err = s.ask(ctx, identity.From(ctx), "", []said{{"name", t.Name}, {"about", t.About}}); err != nil {
		v.wrong = append(v.wrong, problem{"", err})
		return s.renderTopics(w, r, web.Status(err), v)
	}
	if err := v.reading.stops(v.attested); err != nil {
		v.wrong = append(v.wrong, problem{"gate", err})
	}
	if len(v.wrong) > 0 {
		return s.renderTopics(w, r, web.Status(v.wrong), v)
	}
	err = s.writeTopic(ctx, t)
	var wrong problems
	switch {
	case err == nil && isNew:
		return web.Redirect(w, r, "/admin/topics?done=saved")
	case err == nil:
		return web.Redirect(w, r, "/admin/topics/"+t.Slug+"?done=saved")
	case errors.Is(err, topics.ErrChanged):
		if v.was, err = s.storedTopic(ctx, was.Slug); err != nil {
			return err
		}
		v.clash, v.wrong = true, problems{{"", topics.ErrChanged}}
		return s.renderTopics(w, r, web.Status(topics.ErrChanged), v)
	case errors.As(about(err), &wrong):
		v.wrong = wrong
		return s.renderTopics(w, r, web.Status(wrong), v)
	}
	return err
}

// writeTopic stores a topic in the place that it has by now; a new one comes last.
func (s *Voices) writeTopic(ctx context.Context, t topics.Topic) error {
	return s.Store.Write(ctx, func(tx db.Tx) error {
		all, err := s.Topics.All(ctx, tx)
		if err != nil {
			return err
		}
		for _, other := range all {
			switch {
			case t.Rev == 0:
				t.Position = max(t.Position, other.Position+1)
			case t.Slug == other.Slug:
				t.Position = other.Position
			}
		}
		return s.Topics.Save(ctx, tx, t)
	})
}

// checkTopic says, field by field, what is wrong with a topic.
func checkTopic(t topics.Topic, langs []string) (wrong problems) {
	for _, lang := range langs {
		switch n := utf8.RuneCountInString(in(t.Name, lang)); {
		case n == 0:
			wrong = append(wrong, problem{"name_" + lang, fault.New(fault.Invalid, "Write the name in each language.")})
		case n > topics.MaxName:
			wrong = append(wrong, problem{"name_" + lang, fault.New(fault.TooLarge, "This is too long: at most %d characters.", topics.MaxName)})
		}
		if utf8.RuneCountInString(in(t.About, lang)) > topics.MaxAbout {
			wrong = append(wrong, problem{"about_" + lang, fault.New(fault.TooLarge, "This is too long: at most %d characters.", topics.MaxAbout)})
		}
	}
	if len(wrong) == 0 && !topics.ValidSlug(t.Slug) {
		wrong = append(wrong, problem{"slug", fault.New(fault.Invalid, "An address has 1 to 50 lower-case letters, digits or hyphens.")})
	}
	return wrong
}

// placeTopic moves a topic past its neighbour on the page of topics.
func (s *Voices) placeTopic(ctx context.Context, which string, up bool) error {
	return s.Store.Write(ctx, func(tx db.Tx) error {
		all, err := s.Topics.All(ctx, tx)
		if err != nil {
			return err
		}
		open := topicView{all: all}.open()
		order := []string{}
		for _, t := range append(open, topicView{all: all}.closed()...) {
			order = append(order, t.Slug)
		}
		for i := range open {
			to := i + 1
			if up {
				to = i - 1
			}
			if order[i] == which && to >= 0 && to < len(open) {
				order[i], order[to] = order[to], order[i]
				return s.Topics.Order(ctx, tx, order)
			}
		}
		return nil
	})
}

func (s *Voices) renderTopics(w http.ResponseWriter, r *http.Request, status int, v topicView) error {
	ctx := r.Context()
	v.langs = s.langs()
	w.Header().Set("Cache-Control", "no-store")
	if v.was.Slug != "" {
		return web.RenderStatus(w, r, status, topicPage(say(ctx, v.was.Name.In(text.Lang(ctx))), v))
	}
	err := s.Store.Read(ctx, func(tx db.Tx) (err error) {
		v.all, err = s.Topics.All(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return web.RenderStatus(w, r, status, topicsPage(say(ctx, text.T(ctx, "Topics")), v))
}
