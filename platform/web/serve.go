package web

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// The limits of a connection. A Route with its own Timeout moves the two that concern its request.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
	drainTimeout  = 20 * time.Second
)

// Serve answers on ln until ctx ends. Then it calls onShutdown (may be nil; here readiness starts to
// fail), accepts nothing new, lets running requests finish for up to 20 seconds and cuts off what is
// left. It returns nil after an orderly stop. ln is closed in any case.
func Serve(ctx context.Context, ln net.Listener, h http.Handler, logger *slog.Logger, onShutdown func()) error {
	return serve(ctx, ln, h, logger, onShutdown, drainTimeout)
}

func serve(ctx context.Context, ln net.Listener, h http.Handler, logger *slog.Logger, onShutdown func(), drain time.Duration) error {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx)) // requests outlive ctx while they are drained
	defer cancel()
	srv := &http.Server{
		Handler:           h,
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(connectionLog{logger}, "", 0),
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	logger.Info("stopping")
	if onShutdown != nil {
		onShutdown()
	}
	wait, stop := context.WithTimeout(base, drain)
	defer stop()
	err := srv.Shutdown(wait)
	if err != nil {
		logger.Warn("requests cut off at the end")
		cancel()
		err = srv.Close()
	}
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		return served
	}
	return err
}

// connectionLog takes what net/http says about connections and masks the addresses in it.
type connectionLog struct{ log *slog.Logger }

// Write logs one line.
func (c connectionLog) Write(b []byte) (int, error) {
	words := strings.Fields(string(b))
	for i, w := range words {
		if _, err := netip.ParseAddrPort(strings.TrimRight(w, ":;,")); err == nil {
			words[i] = "[address]"
		}
	}
	c.log.Warn("connection", slog.String("said", strings.Join(words, " ")))
	return len(b), nil
}
