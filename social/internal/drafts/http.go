package drafts

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
)

// maxCheck is how much the live check reads; a longer text is checked when it is saved.
const maxCheck = 100 << 10

// Routes returns the pages of those who write.
func (s *Drafts) Routes() []web.Route {
	staff := func(h web.Handler) web.Handler {
		return identity.Require(h, identity.Communications, identity.Clinician)
	}
	const form = media.MaxBytes + 1<<20 // a picture, and the text around it
	often := web.NewRate(s.Clock, 30, time.Second, 90)
	uploads := web.NewRate(s.Clock, 2, time.Second, 60)
	return []web.Route{
		{Pattern: "GET /compose", Handler: staff(s.showNew)},
		{Pattern: "POST /compose", Handler: staff(s.postNew), Body: form, Limit: uploads},
		{Pattern: "POST /compose/check", Handler: staff(s.check), Body: maxCheck, Limit: often},
		{Pattern: "GET /compose/{id}", Handler: staff(s.show)},
		{Pattern: "POST /compose/{id}", Handler: staff(s.post), Body: form, Limit: uploads},
		{Pattern: "POST /compose/{id}/take-back", Handler: staff(s.postTakeBack)},
		{Pattern: "POST /compose/{id}/withdraw", Handler: staff(s.postWithdraw)},
		{Pattern: "POST /compose/{id}/copy", Handler: staff(s.postCopy)},
		{Pattern: "POST /compose/{id}/discard", Handler: staff(s.postDiscard)},
		{Pattern: "GET /drafts", Handler: staff(s.list)},
		{Pattern: "GET /calendar", Handler: staff(s.calendar)},
	}
}

// draftOf reads the id in the path.
func draftOf(r *http.Request) (ID, error) {
	d, err := id.Parse[Draft](r.PathValue("id"))
	if err != nil || d.IsZero() {
		return ID{}, errNoDraft
	}
	return d, nil
}

// showNew is an empty page, or one that starts from a post: ?edits=, ?continues= or ?translates= name
// it. Nothing is stored until something is written.
func (s *Drafts) showNew(w http.ResponseWriter, r *http.Request) error {
	p := identity.From(r.Context())
	if err := p.MayPost(); err != nil {
		return err
	}
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	c, err := s.startFrom(r, q)
	if err != nil {
		return err
	}
	return s.renderEditor(w, r, http.StatusOK, Draft{State: Writing, Content: c, Author: p.Subject(identity.Social)}, nil)
}

// startFrom returns the content that a new draft begins with.
func (s *Drafts) startFrom(r *http.Request, q url.Values) (posts.Content, error) {
	ctx := r.Context()
	c := posts.Content{Kind: posts.Note, Lang: pageLang(ctx)}
	err := s.Store.Read(ctx, func(tx db.Tx) error {
		for _, name := range []string{"edits", "continues", "translates"} {
			text := q.Get(name)
			if text == "" {
				continue
			}
			post, err := id.Parse[posts.Post](text)
			if err != nil {
				return fault.New(fault.NotFound, "There is no such post.")
			}
			from, version, err := s.Posts.Latest(ctx, tx, post)
			if err != nil {
				return err
			}
			voice, err := s.Profiles.Get(ctx, tx, from.Profile)
			if err != nil {
				return err
			}
			if err := voice.Lend(identity.From(ctx)); err != nil {
				return err
			}
			switch name {
			case "edits":
				c = from
				c.Edits, c.EditsVersion = post, version
			case "continues":
				c.Profile, c.Lang, c.Continues = from.Profile, from.Lang, post
			case "translates":
				c = from
				c.Edits, c.EditsVersion, c.Continues, c.TranslationOf = posts.ID{}, 0, posts.ID{}, post
				c.Lang = map[string]string{"en": "es", "es": "en"}[from.Lang]
			}
			return nil
		}
		return nil
	})
	return c, err
}

func (s *Drafts) postNew(w http.ResponseWriter, r *http.Request) error {
	p := identity.From(r.Context())
	if err := p.MayPost(); err != nil {
		return err
	}
	f, err := s.readForm(r)
	if err != nil {
		return err
	}
	var d Draft
	if edits := f.values.Get("edits"); edits != "" {
		// What is edited comes from the post, never from the form.
		from, err := s.startFrom(r, url.Values{"edits": {edits}})
		if err != nil {
			return err
		}
		f.content.Edits, f.content.EditsVersion = from.Edits, from.EditsVersion
		f.content.Profile, f.content.Kind, f.content.Lang, f.content.Continues = from.Profile, from.Kind, from.Lang, from.Continues
	}
	if d, err = s.Create(r.Context(), p, f.content, f.plan); err != nil {
		return err
	}
	return s.act(w, r, d, f)
}

func (s *Drafts) show(w http.ResponseWriter, r *http.Request) error {
	draft, err := draftOf(r)
	if err != nil {
		return err
	}
	p := identity.From(r.Context())
	d, err := s.Read(r.Context(), p, draft)
	if err != nil {
		return err
	}
	switch {
	case r.URL.Query().Get("view") == "preview":
		return s.renderPreview(w, r, d)
	case d.State.Editable() && d.mine(p):
		return s.renderEditor(w, r, http.StatusOK, d, nil)
	}
	return s.renderStanding(w, r, http.StatusOK, d, nil)
}

// post saves the form and then does what its button says.
func (s *Drafts) post(w http.ResponseWriter, r *http.Request) error {
	draft, err := draftOf(r)
	if err != nil {
		return err
	}
	p := identity.From(r.Context())
	f, err := s.readForm(r)
	if err != nil {
		return err
	}
	d, err := s.Save(r.Context(), p, draft, f.rev, f.content, f.plan)
	var clash *Clash
	if errors.As(err, &clash) {
		return s.renderClash(w, r, clash)
	}
	if err != nil {
		return err
	}
	return s.act(w, r, d, f)
}

// saved is the answer to the page's script.
type saved struct {
	ID   string `json:"id"`
	Rev  int    `json:"rev"`
	Says string `json:"says"`
}

// act does what the button of a saved form says.
func (s *Drafts) act(w http.ResponseWriter, r *http.Request, d Draft, f *form) error {
	ctx := r.Context()
	p := identity.From(ctx)
	page := "/compose/" + d.ID.String()
	var err error
	switch f.do {
	case "post", "schedule":
		d, err = s.Submit(ctx, p, d.ID, d.Rev, f.attested, f.do == "schedule")
		var clash *Clash
		switch {
		case errors.As(err, &clash):
			return s.renderClash(w, r, clash)
		case err != nil && (fault.Is(err, fault.Internal) || fault.Is(err, fault.NotFound)):
			return err
		case err != nil:
			if d, e := s.Read(ctx, p, d.ID); e == nil {
				return s.renderEditor(w, r, web.Status(err), d, err)
			}
			return err
		}
		return web.Redirect(w, r, page)
	case "preview":
		return web.Redirect(w, r, page+"?view=preview")
	case "use":
		if d, err = s.takeSuggestion(ctx, p, d, f.what); err != nil {
			return err
		}
		return web.Redirect(w, r, page+"#gate")
	case "suggested":
		if _, err = s.takeReviewersWords(ctx, p, d); err != nil {
			return err
		}
		return web.Redirect(w, r, page)
	}
	if web.WantsJSON(r) {
		return web.JSON(w, http.StatusOK, saved{d.ID.String(), d.Rev, savedAt(ctx, d.Updated)})
	}
	switch f.do {
	case "up", "down", "drop", "picture":
		return web.Redirect(w, r, page+"#pictures")
	}
	return web.Redirect(w, r, page)
}

func (s *Drafts) postTakeBack(w http.ResponseWriter, r *http.Request) error {
	draft, err := draftOf(r)
	if err != nil {
		return err
	}
	if _, err := s.TakeBack(r.Context(), identity.From(r.Context()), draft); err != nil {
		return err
	}
	return web.Redirect(w, r, "/compose/"+draft.String())
}

func (s *Drafts) postWithdraw(w http.ResponseWriter, r *http.Request) error {
	draft, err := draftOf(r)
	if err != nil {
		return err
	}
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	p := identity.From(r.Context())
	err = s.Recall(r.Context(), p, draft, f.Get("reason"))
	if fault.Is(err, fault.Invalid) {
		d, e := s.Read(r.Context(), p, draft)
		if e != nil {
			return e
		}
		return s.renderStanding(w, r, web.Status(err), d, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/compose/"+draft.String())
}

// postCopy makes a draft of one's own from any that one may read.
func (s *Drafts) postCopy(w http.ResponseWriter, r *http.Request) error {
	draft, err := draftOf(r)
	if err != nil {
		return err
	}
	p := identity.From(r.Context())
	from, err := s.Read(r.Context(), p, draft)
	if err != nil {
		return err
	}
	from.Content.Edits, from.Content.EditsVersion = posts.ID{}, 0
	d, err := s.Create(r.Context(), p, from.Content, Plan{})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/compose/"+d.ID.String())
}

func (s *Drafts) postDiscard(w http.ResponseWriter, r *http.Request) error {
	draft, err := draftOf(r)
	if err != nil {
		return err
	}
	p := identity.From(r.Context())
	d, err := s.Read(r.Context(), p, draft)
	if err != nil {
		return err
	}
	if err := s.Discard(r.Context(), p, draft, d.Rev); err != nil {
		return err
	}
	return web.Redirect(w, r, "/drafts")
}
