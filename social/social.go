// Package social is the public chamber: what the organisation says where anyone can read it, and the
// desk where staff write it. It shows only what the program needs to build and run it; everything
// else is below internal, out of everybody's reach. May import gate, identity, audit, platform and
// ui.
//
// It promises: nothing becomes public that the gate has not cleared in exactly that form; what is
// withdrawn is out of every list and feed when the withdrawal returns; every list is one index range,
// so a page costs the same among a million posts as among ten.
package social

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/drafts"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/revision"
	"github.com/mitral-health/mitral/social/internal/timeline"
	"github.com/mitral-health/mitral/social/internal/topics"
	"github.com/mitral-health/mitral/social/internal/voices"
	"github.com/mitral-health/mitral/ui"
)

// Person is a clinician on the staff, who can be given a profile.
type Person = voices.Person

// Deps is what the public chamber needs. All of it is required but Staff.
type Deps struct {
	Store *db.DB
	Clock clock.Clock
	Gate  *gate.Gate
	Blobs blob.Store
	Site  *ui.Site
	Log   *slog.Logger
	Staff func(context.Context) ([]Person, error) // the clinicians who can sign in, by name; nil is nobody
}

// Social is the public chamber. Make it with New, then RegisterJobs and UseQueue before it serves.
type Social struct {
	store    *db.DB
	clock    clock.Clock
	media    *media.Store
	profiles *profiles.Store
	topics   topics.Store
	drafts   *drafts.Drafts
	timeline *timeline.Timeline
	voices   *voices.Voices
}

// Social is where the gate's decisions go.
var _ gate.Source = (*Social)(nil)

// New makes the public chamber.
func New(d Deps) (*Social, error) {
	if d.Store == nil || d.Clock == nil || d.Gate == nil || d.Blobs == nil || d.Site == nil || d.Log == nil {
		return nil, errors.New("social: store, clock, gate, blobs, site and log are needed")
	}
	d.Gate.UseShown(posts.Shown)
	s := &Social{store: d.Store, clock: d.Clock, media: media.New(d.Store, d.Blobs, d.Clock)}
	s.profiles = profiles.New(s.media)
	p := posts.New(s.media, s.profiles)
	s.timeline = timeline.New(timeline.Deps{Store: d.Store, Clock: d.Clock, Media: s.media, Profiles: s.profiles, Topics: s.topics, Posts: p, Site: d.Site})
	s.drafts = drafts.New(drafts.Deps{Store: d.Store, Clock: d.Clock, Gate: d.Gate, Media: s.media, Profiles: s.profiles,
		Topics: s.topics, Posts: p, Site: d.Site, Log: d.Log})
	s.voices = voices.New(voices.Deps{Store: d.Store, Clock: d.Clock, Gate: d.Gate, Media: s.media, Profiles: s.profiles,
		Topics: s.topics, Posts: p, Site: d.Site, Staff: d.Staff})
	return s, nil
}

// Begin makes the organisation's profile if there is no profile at all, so that the first post can be
// written at once. Call it once the store is migrated.
func (s *Social) Begin(ctx context.Context) error { return s.voices.Begin(ctx) }

// Migrations returns the steps of the social store. Steps that were released are never changed; new
// ones go to the end, whichever part they are for.
func Migrations() []db.Migration {
	return append(media.Migrations(),
		db.Migration{Name: "revision", SQL: revision.Schema},
		db.Migration{Name: "profiles", SQL: profiles.Schema},
		db.Migration{Name: "topics", SQL: topics.Schema},
		db.Migration{Name: "posts", SQL: posts.Schema},
		db.Migration{Name: "drafts", SQL: drafts.Schema},
		db.Migration{Name: "voices", SQL: profiles.SchemaRetired + topics.SchemaRetired},
	)
}

// Routes returns everything that the chamber answers: the public pages, pictures, and the desk.
func (s *Social) Routes() []web.Route {
	return slices.Concat(s.timeline.Routes(), s.media.Routes(), s.voices.Routes(), s.drafts.Routes())
}

// RegisterJobs adds the chamber's jobs to the registry of its store.
func (s *Social) RegisterJobs(r *jobs.Registry) { s.drafts.RegisterJobs(r) }

// UseQueue connects the job queue of the social store.
func (s *Social) UseQueue(q *jobs.Queue) { s.drafts.UseQueue(q) }

// Released implements gate.Source.
func (s *Social) Released(ctx context.Context, draftID string, hash [32]byte) error {
	return s.drafts.Released(ctx, draftID, hash)
}

// Returned implements gate.Source.
func (s *Social) Returned(ctx context.Context, draftID string, hash [32]byte, state gate.State, comment string) error {
	return s.drafts.Returned(ctx, draftID, hash, state, comment)
}

// Withdraw implements gate.Source.
func (s *Social) Withdraw(ctx context.Context, draftID, reason string) error {
	return s.drafts.Withdraw(ctx, draftID, reason)
}
