package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mitral-health/mitral/gate/pages"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// routes joins everybody's routes below one chain.
func (s *Server) routes() http.Handler {
	metrics := s.registry()
	https := len(s.site.URL) > 8 && s.site.URL[:8] == "https://"
	cfg := web.Config{
		Log: s.log, Clock: s.clock, Metrics: metrics, Fail: s.fail,
		Text:           func(r *http.Request, err error) string { return text.Fault(r.Context(), err) },
		Wrap:           []func(http.Handler) http.Handler{s.Identity.Middleware, s.setting},
		TrustedProxies: s.cfg.proxies(), HSTS: https, Areas: s.Clinical.Areas(), Styles: ui.StyleHashes(),
	}
	return web.New(cfg, s.everything(metrics))
}

// everything is every route of the program.
func (s *Server) everything(metrics *prometheus.Registry) []web.Route {
	own := []web.Route{}
	if s.mailbox != nil {
		own = append(own,
			web.Route{Pattern: "GET /mail", Handler: identity.Require(s.mailPage, identity.Administrator)},
			web.Route{Pattern: "GET /mail/{id}", Handler: identity.Require(s.letterPage, identity.Administrator)})
	}
	if s.cfg.Demo {
		own = append(append(own, ui.PartsRoute()...), s.Clinical.DemoRoutes()...)
	}
	return slices.Concat(
		own, ui.Routes(), s.Identity.Routes(), s.Social.Routes(), s.Clinical.Routes(),
		pages.New(pages.Deps{Gate: s.Gate, Log: s.log, Book: s.book, Speaker: s.Social.Speaker,
			Picture: s.Social.Picture, SampleOneIn: s.cfg.Review.SampleOneIn}).Routes(),
		web.HealthRoutes(map[string]func(context.Context) error{
			"identity": s.stores.Identity.Ping, "social": s.stores.Social.Ping,
			"clinical": s.stores.Clinical.Ping, "gate": s.stores.Gate.Ping,
		}),
		web.MetricsRoute(metrics, s.cfg.MetricsToken),
	)
}

// fail draws the error page. A reader who must sign in first is led there.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if fault.Is(err, fault.Unauthenticated) && r.Method == http.MethodGet {
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	// A request that was refused before it came through the whole chain has no setting yet.
	if ui.From(r.Context()).Site.URL == "" {
		r = s.set(r)
	}
	words := ""
	if kind := fault.KindOf(err); kind != fault.Internal {
		words = text.Fault(r.Context(), err)
	}
	if err := web.RenderStatus(w, r, web.Status(err), ui.ErrorPage(fault.KindOf(err), words)); err != nil {
		s.log.ErrorContext(r.Context(), "error page", "error", err)
	}
}

func (s *Server) mailPage(w http.ResponseWriter, r *http.Request) error {
	letters, err := s.mailbox.List(r.Context())
	if err != nil {
		return err
	}
	return web.Render(w, r, mailList(letters))
}

func (s *Server) letterPage(w http.ResponseWriter, r *http.Request) error {
	v, err := id.Parse[mail.Kept](r.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "There is no such letter.")
	}
	letter, err := s.mailbox.Get(r.Context(), v)
	if err != nil {
		return err
	}
	return web.Render(w, r, letterView(letter))
}
