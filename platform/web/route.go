package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/prometheus/client_golang/prometheus"
)

// Handler answers a request, or returns the fault that the chain answers with. A Handler that has
// begun to write and then returns an error has its connection cut, so that nobody takes half an
// answer for a whole one.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is a pattern of net/http's mux ("GET /p/{id}"; GET answers HEAD too), who answers it, and
// where it differs from the limits in Config.
type Route struct {
	Pattern string
	Handler Handler
	Body    int64         // bytes of a request body; 0: Config.MaxBody
	Timeout time.Duration // for the whole request, its body included; 0: Config.Timeout
	Limit   *Rate         // per client address, besides the general one; nil: none
	Quiet   bool          // access is logged at debug level only: health, metrics, assets
}

// Config is what New needs. Log is required; every other zero value is a safe default.
type Config struct {
	Log     *slog.Logger
	Clock   clock.Clock          // nil: the system's
	Metrics *prometheus.Registry // nil: none are kept

	// Fail renders err with Status(err); nil: a plain sentence. It is not asked for callers that
	// want JSON: they get {"error":{"kind","text","request"}} with Text's translation.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
	// Text is what to tell the caller about err, translated; nil: the English sentence.
	Text func(r *http.Request, err error) string

	Areas          []Area                            // parts of the site with manners of their own
	Wrap           []func(http.Handler) http.Handler // inside the chain, the first is outermost: sessions, language
	TrustedProxies []netip.Prefix                    // whose X-Forwarded-For is believed
	Origins        []string                          // other origins ("https://…") whose forms are accepted
	HSTS           bool                              // tell browsers to use https only, for a year
	Styles         []string                          // hashes of the styles that pages carry in themselves, as the policy writes them

	MaxBody int64         // bytes of a request body; 0: 1 MiB
	Timeout time.Duration // of one request; 0: 30 s
	Limit   *Rate         // per client address over all routes; nil: 50 a second, 500 at once
}

const (
	defaultBody    = 1 << 20
	defaultTimeout = 30 * time.Second
)

// New returns the handler of the whole program. It panics on patterns that are malformed or collide,
// as the mux does: that is a mistake in the program, found at its start.
func New(cfg Config, routes ...[]Route) http.Handler {
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = defaultBody
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Limit == nil {
		cfg.Limit = NewRate(cfg.Clock, 50, time.Second, 500)
	}
	c := &chain{cfg: cfg, policy: []string{policy(cfg.Styles)}, metrics: newMetrics(cfg.Metrics), origins: http.NewCrossOriginProtection()}
	for _, o := range cfg.Origins {
		if err := c.origins.AddTrustedOrigin(o); err != nil {
			panic("web: " + err.Error())
		}
	}
	mux := http.NewServeMux()
	for _, group := range routes {
		for i := range group {
			mux.Handle(group[i].Pattern, &endpoint{Route: group[i], chain: c})
		}
	}
	c.next = &router{mux: mux, chain: c}
	for i := len(cfg.Wrap) - 1; i >= 0; i-- {
		c.next = cfg.Wrap[i](c.next)
	}
	return c
}
