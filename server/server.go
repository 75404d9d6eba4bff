// Package server is the composition root: it opens the four stores, builds the chambers, the gate and
// identity, joins them by the few messages that may cross, and starts and stops everything in order.
// It may import everything; only cmd imports it.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/mitral-health/mitral/clinical"
	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/rulebook"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// Server is the whole program, built but not yet serving.
type Server struct {
	Identity *identity.Identity
	Gate     *gate.Gate
	Social   *social.Social
	Clinical *clinical.Clinical

	cfg     Config
	site    *ui.Site
	log     *slog.Logger
	clock   clock.Clock
	stores  Stores
	blobs   blob.Store
	mailer  mail.Mailer
	mailbox *mail.Mailbox // nil when letters leave by SMTP
	queues  []*jobs.Queue
	handler http.Handler
	demo    []identity.DemoAccount
	book    *rulebook.Book
}

// New opens and migrates the stores and builds everything. origin is the address people use, known
// only once the listener has a port. Close the server even if it never serves.
func New(ctx context.Context, cfg Config, origin string, log *slog.Logger, clk clock.Clock, demo []identity.DemoAccount) (_ *Server, err error) {
	s := &Server{cfg: cfg, site: cfg.site(origin), log: log, clock: clk, demo: demo}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	key, err := cfg.key()
	if err != nil {
		return nil, err
	}
	go ui.Load() // beside all the rest, which does not need it
	if s.stores, err = OpenStores(ctx, cfg); err != nil {
		return nil, err
	}
	if err = s.stores.Migrate(ctx); err != nil {
		return nil, err
	}
	if err = s.openParts(); err != nil {
		return nil, err
	}
	if err = s.build(ctx, key); err != nil {
		return nil, err
	}
	ui.Load()
	text.Load()
	s.handler = s.routes()
	return s, nil
}

func (s *Server) openParts() (err error) {
	if s.blobs, err = s.cfg.Blobs.open(s.cfg.Data); err != nil {
		return err
	}
	if s.cfg.Mail.Host == "" {
		s.mailbox, err = mail.OpenMailbox(s.clock, filepath.Join(s.cfg.Data, "mail"))
		s.mailer = s.mailbox
		return err
	}
	smtp := s.cfg.Mail.smtp()
	smtp.Clock = s.clock
	s.mailer, err = mail.SMTP(smtp)
	return err
}

// build makes the parts, lowest first, and then joins them.
func (s *Server) build(ctx context.Context, key []byte) (err error) {
	now, err := s.cfg.rules("", 0)
	if err != nil {
		return err
	}
	hours, err := s.cfg.hours()
	if err != nil {
		return err
	}
	s.Identity, err = identity.New(identity.Deps{
		Store: s.stores.Identity, Clock: s.clock, Mailer: s.mailer, Site: s.site, Log: s.log,
		Demo: s.cfg.Demo, DemoAccounts: s.demo, Key: derive(key, "identity"), OIDC: s.cfg.OIDC.identity(),
	})
	if err != nil {
		return err
	}
	s.Gate, err = gate.New(gate.Deps{
		Store: s.stores.Gate, Clock: s.clock, Engine: now.Engine, PackVersion: now.Set.Version(), Packs: now.Set, Log: s.log,
		Seed: derive(key, "sample"), SampleOneIn: s.cfg.Review.SampleOneIn, Hours: hours,
		Targets: gate.Targets{Post: time.Duration(s.cfg.Review.PostMinutes) * time.Minute, Reply: time.Duration(s.cfg.Review.ReplyMinutes) * time.Minute},
	})
	if err != nil {
		return err
	}
	s.Social, err = social.New(social.Deps{
		Store: s.stores.Social, Clock: s.clock, Gate: s.Gate, Blobs: s.blobs, Site: s.site, Log: s.log,
		Staff: s.clinicians,
	})
	if err != nil {
		return err
	}
	if !s.cfg.Demo { // its centre brings a profile of its own
		if err := s.Social.Begin(ctx); err != nil {
			return err
		}
	}
	s.Gate.UseSource(s.Social)
	s.book = &rulebook.Book{Store: s.stores.Gate, Clock: s.clock, Build: s.cfg.rules}
	s.Gate.UseRulebook(ctx, s.book)

	private := s.cfg.clinical(s.stores.Clinical, s.site.URL, s.log, s.clock)
	private.Site, private.Mailer, private.Key, private.Enrol = s.site, s.mailer, derive(key, "clinical"), s.Identity.Enrol
	private.Blobs, private.Hours, private.Within = s.blobs, hours, time.Duration(s.cfg.Review.MessageMinutes)*time.Minute
	private.Fresh, private.EndSessions = s.Identity.Fresh, s.Identity.EndSessions
	private.Letter = s.letter
	if s.Clinical, err = clinical.New(private); err != nil {
		return err
	}

	for _, part := range []struct {
		store *db.DB
		jobs  interface {
			RegisterJobs(*jobs.Registry)
			UseQueue(*jobs.Queue)
		}
	}{{s.stores.Identity, s.Identity}, {s.stores.Gate, s.Gate}, {s.stores.Social, s.Social}, {s.stores.Clinical, s.Clinical}} {
		reg := jobs.NewRegistry()
		part.jobs.RegisterJobs(reg)
		q, err := jobs.Open(ctx, part.store, reg, s.log)
		if err != nil {
			return err
		}
		part.jobs.UseQueue(q)
		s.queues = append(s.queues, q)
	}
	return nil
}

// clinicians tells the public chamber whom it can give a profile: by the subject that it knows them
// by, and by name.
func (s *Server) clinicians(ctx context.Context) ([]social.Person, error) {
	all, err := s.Identity.Accounts(ctx)
	var out []social.Person
	for _, a := range all {
		if !a.Suspended && slices.Contains(a.Roles, identity.Clinician) {
			out = append(out, social.Person{Subject: a.Subjects[identity.Social], Name: a.Name})
		}
	}
	return out, err
}

// letter mails a patient of the private chamber, whose address it does not learn.
func (s *Server) letter(ctx context.Context, subject, title, body string) error {
	return s.Identity.Letter(ctx, identity.Clinical, subject, title, body)
}

// Handler answers every request.
func (s *Server) Handler() http.Handler { return s.handler }

// Start starts the jobs.
func (s *Server) Start(ctx context.Context) error {
	for _, q := range s.queues {
		if err := q.Start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Serve starts the jobs and answers on ln until ctx ends; then it lets requests and jobs finish.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	if err := s.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	err := web.Serve(ctx, ln, s.handler, s.log, s.Clinical.Close)
	return errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
}

// Stop lets running jobs finish. The stores stay open until Close.
func (s *Server) Stop(ctx context.Context) error {
	var errs []error
	for _, q := range s.queues {
		errs = append(errs, q.Stop(ctx))
	}
	return errors.Join(errs...)
}

// Close closes the stores.
func (s *Server) Close() { s.stores.Close() }

func (s *Server) registry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

func (c *Config) proxies() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range c.TrustedProxies {
		out = append(out, netip.MustParsePrefix(p)) // checked by Check
	}
	return out
}

// Origin is what people type to reach the program when nothing else is configured.
func (c *Config) Origin(ln net.Addr) string {
	if c.URL != "" {
		return c.URL
	}
	_, port, _ := net.SplitHostPort(ln.String())
	host, _, _ := net.SplitHostPort(c.Listen)
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return fmt.Sprintf("http://%s", net.JoinHostPort(host, port))
}

// PrepareData makes the data folder, for nobody but the user the program runs as.
func (c *Config) PrepareData() error { return os.MkdirAll(c.Data, 0o700) }
