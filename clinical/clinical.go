// Package clinical is the private chamber: the confidential relation between one person and their
// care team, kept as FHIR R4 resources. It shows only what the program needs to build and run it;
// everything else is below internal, out of everybody's reach. May import gate, identity, audit,
// platform and ui; nobody but server may import it.
//
// It promises: whatever is read or changed here is decided by one table, and is in the audit trail
// before anybody is answered; what somebody may not see looks like what is not there.
package clinical

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/bring"
	"github.com/mitral-health/mitral/clinical/internal/care"
	"github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/control"
	"github.com/mitral-health/mitral/clinical/internal/fhir"
	"github.com/mitral-health/mitral/clinical/internal/intake"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/plans"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/reminders"
	"github.com/mitral-health/mitral/clinical/internal/smart"
	"github.com/mitral-health/mitral/clinical/internal/talk"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
)

// Deps is what the private chamber needs. Store, Clock, Log and URL are required.
type Deps struct {
	Store     *db.DB // migrated
	Clock     clock.Clock
	Log       *slog.Logger
	URL       string // what people type to reach the site: https://orlena.example
	Name      string // of the organisation
	Version   string // of the program
	PerSecond int    // requests to the FHIR interface from one address; 0 is its default
	Quiet     Quiet  // when the team is not at work

	// Of the rooms for patients and their team. Without a Site there are none, as for the command line.
	Site   *ui.Site
	Mailer mail.Mailer
	Key    []byte // 32 secret bytes
	Blobs  blob.Store
	Hours  review.Hours  // when the team reads messages
	Within time.Duration // of open hours, until an answer can be expected
	// Enrol lets somebody make an account for a patient and says where; nil lets nobody new in.
	Enrol func(ctx context.Context, login, lang string) (path string, err error)
	// Fresh asks whoever opens a page to prove once more who they are, and EndSessions signs them out everywhere; nil do not.
	Fresh       func(page string, h web.Handler) web.Handler
	EndSessions func(ctx context.Context) error
	// Letter mails the account with this subject; nil: reminders are not mailed.
	Letter func(ctx context.Context, subject, title, body string) error
}

// Quiet is when a team is not at work.
type Quiet = alerts.Quiet

// Clinical is the private chamber. Make it with New, then RegisterJobs before it serves.
type Clinical struct {
	records *records.Store
	clients *smart.Clients
	api     *fhir.API
	intake  intake.Deps
	triage  *triage.Triage
	talk    *talk.Talk
	people  *people.People // nil without rooms
	care    *care.Care
	control *control.Control
	plans   *plans.Plans
	remind  *reminders.Reminders
	bring   *bring.Bring
}

// New makes the private chamber.
func New(d Deps) (*Clinical, error) {
	if d.Store == nil || d.Clock == nil || d.Log == nil || d.URL == "" {
		return nil, errors.New("clinical: store, clock, log and url are needed")
	}
	base := strings.TrimRight(d.URL, "/") + fhir.Root
	c := &Clinical{}
	var err error
	if c.records, err = records.Open(records.Deps{DB: d.Store, Clock: d.Clock, Log: d.Log, Base: base}); err != nil {
		return nil, err
	}
	chart.Watch(c.records)
	plans.Watch(c.records)
	if err = chart.Build(context.Background(), d.Store, c.records, chart.Rebuild, plans.Rebuild); err != nil {
		return nil, err
	}
	if c.triage, err = triage.Open(triage.Deps{Records: c.records, Store: d.Store, Clock: d.Clock, Log: d.Log, Policy: alerts.DefaultPolicy(d.Quiet),
		Allowed: func(ctx context.Context, tx db.Tx, patient string) (bool, error) {
			return (&control.Control{}).AllowsIn(ctx, tx, patient, control.Following)
		}}); err != nil {
		return nil, err
	}
	if c.clients, err = smart.Open(smart.Deps{Store: d.Store, Clock: d.Clock, Log: d.Log, Base: base}); err != nil {
		return nil, err
	}
	c.api, err = fhir.New(fhir.Deps{Records: c.records, Clients: c.clients, Clock: d.Clock, Log: d.Log, Base: base,
		Version: d.Version, Publisher: d.Name, PerSecond: d.PerSecond})
	c.intake = intake.Deps{Store: c.records, Clock: d.Clock, Log: d.Log, Base: base}
	messages := talk.Deps{Records: c.records, Triage: c.triage, Store: d.Store, Clock: d.Clock, Base: base}
	if err == nil && d.Site == nil {
		talk.Watch(messages)
	}
	if err != nil || d.Site == nil {
		return c, err
	}
	if c.people, err = people.Open(people.Deps{Records: c.records, Store: d.Store, Clock: d.Clock, Mailer: d.Mailer, Site: d.Site, Key: d.Key}); err != nil {
		return nil, err
	}
	if c.control, err = control.New(control.Deps{Records: c.records, Store: d.Store, People: c.people, Clock: d.Clock, Base: base,
		Tell: c.told, Noted: c.noted, Fresh: d.Fresh, EndSessions: d.EndSessions, Left: []func(context.Context, *records.Tx, string) error{c.forget}}); err != nil {
		return nil, err
	}
	messages.People, messages.Blobs, messages.Log, messages.Hours, messages.Within = c.people, d.Blobs, d.Log, d.Hours, d.Within
	if c.talk, err = talk.Open(messages); err != nil {
		return nil, err
	}
	c.control.Talk = c.talk
	if c.plans, err = plans.New(plans.Deps{Records: c.records, Store: d.Store, People: c.people, Clock: d.Clock, Triage: c.triage}); err != nil {
		return nil, err
	}
	if c.bring, err = bring.Open(bring.Deps{Records: c.records, People: c.people, Store: d.Store, Blobs: d.Blobs, Clock: d.Clock, Log: d.Log}); err != nil {
		return nil, err
	}
	if err = c.openReminders(d); err != nil {
		return nil, err
	}
	c.care, err = care.New(care.Deps{Records: c.records, People: c.people, Clock: d.Clock, Base: base, Site: d.Site, Triage: c.triage, Talk: c.talk, Plans: c.plans, Enrol: d.Enrol})
	return c, err
}

// Connect lets the account with this subject see this patient's record as their own, for the invented
// people of the demo.
func (c *Clinical) Connect(ctx context.Context, subject, name, patient string) error {
	return c.people.Connect(ctx, subject, name, patient)
}

// Migrations returns the steps of the clinical store's schema. Steps that were released are never
// changed; new ones go to the end, whichever part they are for.
func Migrations() []db.Migration {
	return slices.Concat(records.Migrations(), smart.Migrations(), intake.Migrations(), people.Migrations(), records.WithheldMigrations(), people.CaringMigrations(), control.Migrations(), triage.Migrations(), plans.Migrations(), talk.Migrations(), reminders.Migrations(), bring.Migrations(), talk.FileMigrations(), chart.Migrations(), plans.DoneMigrations(), triage.DecidedMigrations())
}

// Routes returns everything that the chamber answers.
func (c *Clinical) Routes() []web.Route {
	all := slices.Concat(c.api.Routes(), c.clients.Routes())
	if c.care != nil {
		all = append(all, c.care.Routes()...)
		all = append(all, c.control.Routes()...)
		all = append(all, c.plans.Routes()...)
		all = append(all, c.remind.Routes()...)
		all = append(all, c.bring.Routes()...)
		all = append(all, c.talk.Routes()...)
	}
	return all
}

// Areas returns the parts of the site that are for programs.
func (c *Clinical) Areas() []web.Area { return []web.Area{c.api.Area()} }

type seal struct{}

func (seal) Kind() string { return "clinical_seal" }

type sweep struct{}

func (sweep) Kind() string { return "clinical_sweep" }

// RegisterJobs adds the chamber's jobs to the registry of its store.
func (c *Clinical) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, _ seal) error {
		_, err := c.records.Seal(ctx)
		return err
	})
	jobs.Every(r, 5*time.Minute, func() jobs.Args { return seal{} })
	jobs.Handle(r, func(ctx context.Context, _ sweep) error { return c.clients.Sweep(ctx) })
	jobs.Every(r, 24*time.Hour, func() jobs.Args { return sweep{} })
	c.triage.RegisterJobs(r)
	if c.people != nil {
		c.people.RegisterJobs(r)
		c.plans.RegisterJobs(r)
		c.talk.RegisterJobs(r)
		c.remind.RegisterJobs(r)
		c.bring.RegisterJobs(r)
	}
}

// UseQueue connects the job queue of the clinical store.
func (c *Clinical) UseQueue(q *jobs.Queue) {
	if c.people != nil {
		c.people.UseQueue(q)
		c.remind.UseQueue(q)
		c.bring.UseQueue(q)
	}
}

// MessagesWaiting counts the patients whose messages wait for the team.
func (c *Clinical) MessagesWaiting(ctx context.Context) (int, error) { return c.talk.Waiting(ctx) }

// Close lets open lists go: nothing else of the chamber waits for a browser.
func (c *Clinical) Close() {
	if c.care != nil {
		c.care.Close()
	}
}

// VerifyTrail checks the seals of the audit trail. broken says where one does not fit, "" if all do.
func (c *Clinical) VerifyTrail(ctx context.Context) (entries int64, broken string, err error) {
	n, b, err := c.records.Verify(ctx)
	if b != nil {
		broken = b.String()
	}
	return n, broken, err
}
