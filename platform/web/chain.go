package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/fault"
)

// chain is what every request passes: exchange set up, headers, limits, Wrap, router; and on the way
// back the log line and the metrics.
type chain struct {
	cfg     Config
	metrics *metrics
	policy  []string // the Content-Security-Policy
	origins *http.CrossOriginProtection
	next    http.Handler
}

// exchange is one request and its answer, as the chain knows them. It travels in the context, because
// middleware in Wrap may copy the request.
type exchange struct {
	chain   *chain
	id      string
	client  netip.Addr
	pattern string // "" until a route was found
	out     response
	failed  error // what the log tells about
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// RequestID returns the id that the log knows this request by, for an error page to show; "" outside
// the chain.
func RequestID(ctx context.Context) string {
	if x := exchangeOf(ctx); x != nil {
		return x.id
	}
	return ""
}

// ServeHTTP is the outermost layer.
func (c *chain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{chain: c, id: newRequestID(), client: clientIP(r, c.cfg.TrustedProxies)}
	x.out = response{ResponseWriter: w, head: r.Method == http.MethodHead, gzip: acceptsGzip(r)}
	began := clock.System{}.Now() // a duration is real even where the program's clock stands still
	c.metrics.enter()
	w.Header()["Content-Security-Policy"] = c.policy[:1:1]
	setHeaders(w.Header(), x.id, c.cfg.HSTS)
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	cut := true // unless the serving below comes to its end
	defer func() {
		c.leave(r, x, clock.System{}.Now().Sub(began))
		if cut {
			panic(http.ErrAbortHandler) // net/http closes the connection and logs nothing
		}
	}()
	cut = c.guard(x, r)
}

// guard serves r and reports whether the connection must be cut: an answer had begun when something
// failed.
func (c *chain) guard(x *exchange, r *http.Request) (cut bool) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler { // a handler that wants just this
			x.out.broken = true
		} else {
			c.fail(x, &x.out, r, panicked(v))
		}
		x.out.finish()
		cut = x.out.broken
	}()
	if err := c.admit(x, r); err != nil {
		c.fail(x, &x.out, r, err)
	} else {
		c.next.ServeHTTP(&x.out, r)
	}
	x.out.finish()
	return x.out.broken
}

// admit applies what needs no route: the general rate limit and the refusal of foreign forms.
func (c *chain) admit(x *exchange, r *http.Request) error {
	limit := c.cfg.Limit
	a := c.area(r)
	if a != nil && a.Limit != nil {
		limit = a.Limit
	}
	if err := limit.admit(&x.out, x.client); err != nil {
		return err
	}
	if a != nil && a.Programs {
		return nil
	}
	if err := c.origins.Check(r); err != nil {
		return fault.Wrap(err, fault.Forbidden, "This form was sent from another site, so it was not accepted.")
	}
	return nil
}

// endpoint is a Route within the chain.
type endpoint struct {
	Route
	chain *chain
}

// ServeHTTP applies the route's limits and turns its handler's error into an answer.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchangeOf(r.Context())
	x.pattern, x.out.quiet = e.Pattern, e.Quiet
	if err := e.serve(x, w, r); err != nil {
		e.chain.fail(x, w, r, err)
	}
}

func (e *endpoint) serve(x *exchange, w http.ResponseWriter, r *http.Request) error {
	if e.Limit != nil {
		if err := e.Limit.admit(w, x.client); err != nil {
			return err
		}
	}
	limit := e.Body
	if limit == 0 {
		limit = e.chain.cfg.MaxBody
	}
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close") // rather than read on to throw it away
		return tooLarge(limit, nil)
	}
	wait := e.chain.cfg.Timeout
	if e.Timeout != 0 {
		wait = e.Timeout
		extend(w, wait)
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	r = r.WithContext(ctx)
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
	}
	return e.Handler(w, r)
}

// extend moves the connection's own deadlines, which Serve sets for ordinary requests. A writer that
// has none (a test's recorder) needs none.
func extend(w http.ResponseWriter, wait time.Duration) {
	until := clock.System{}.Now().Add(wait)
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(until)
	_ = rc.SetWriteDeadline(until.Add(5 * time.Second))
}

// Fail answers with err as the chain would: for middleware in Wrap, which has no error to return.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	if x := exchangeOf(r.Context()); x != nil {
		x.chain.fail(x, w, r, err)
		return
	}
	(&chain{}).answer(w, r, classify(err))
}

// fail answers with err, unless an answer has begun or nobody waits for one.
func (c *chain) fail(x *exchange, w http.ResponseWriter, r *http.Request, err error) {
	err = classify(err)
	x.failed = err
	switch {
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		x.out.status, x.out.broken = statusGone, true
	case x.out.began():
		x.out.broken = true
	default:
		c.answer(w, r, err)
	}
}

// leave writes the log line and the metrics.
func (c *chain) leave(r *http.Request, x *exchange, took time.Duration) {
	pattern := x.pattern
	if pattern == "" {
		pattern = "none"
	}
	status := x.out.status
	if status == 0 {
		status = http.StatusOK
	}
	method := knownMethod(r.Method)
	c.metrics.leave(pattern, method, status, took)
	if x.failed != nil && (status >= 500 || x.out.broken && status != statusGone) {
		attrs := []slog.Attr{slog.String("request", x.id), slog.String("route", pattern), slog.String("error", x.failed.Error())}
		var p *panicError
		if errors.As(x.failed, &p) {
			attrs = append(attrs, slog.String("stack", p.stack))
		}
		c.cfg.Log.LogAttrs(r.Context(), slog.LevelError, "request failed", attrs...)
	}
	level := slog.LevelInfo
	if x.out.quiet {
		level = slog.LevelDebug
	}
	if !c.cfg.Log.Enabled(r.Context(), level) {
		return
	}
	kind := ""
	if x.failed != nil {
		kind = fault.KindOf(x.failed).String()
	}
	c.cfg.Log.LogAttrs(r.Context(), level, "request",
		slog.String("method", method), slog.String("route", pattern), slog.Int("status", status),
		slog.Duration("took", took), slog.Int64("bytes", x.out.bytes), slog.String("request", x.id),
		slog.String("fault", kind))
}
