package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/logs"
)

// serving runs h until stop is called; stop returns what Serve returned.
func serving(t *testing.T, h http.Handler, drain time.Duration, onShutdown func()) (url string, stop func() error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, ln, h, slog.New(slog.DiscardHandler), onShutdown, drain) }()
	return "http://" + ln.Addr().String(), func() error { cancel(); return <-done }
}

func TestServeLetsRequestsFinish(t *testing.T) {
	arrived, stopping := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-stopping
		if r.Context().Err() == nil {
			_, _ = io.WriteString(w, "finished")
		}
	})
	url, stop := serving(t, h, 5*time.Second, func() { close(stopping) })
	got := make(chan string, 1)
	go func() {
		res, err := http.Get(url)
		if err != nil {
			got <- err.Error()
			return
		}
		b, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		got <- string(b)
	}()
	<-arrived
	if err := stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
	if s := <-got; s != "finished" {
		t.Errorf("got %q", s)
	}
	if _, err := http.Get(url); err == nil {
		t.Error("still accepts")
	}
}

func TestServeCutsOffInTheEnd(t *testing.T) {
	arrived, gone := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(gone)
	})
	url, stop := serving(t, h, 20*time.Millisecond, nil)
	go func() {
		if res, err := http.Get(url); err == nil {
			_ = res.Body.Close()
		}
	}()
	<-arrived
	if err := stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
	select {
	case <-gone:
	case <-time.After(5 * time.Second):
		t.Error("the request goes on")
	}
}

func TestServeTellsWhenItCannot(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	if err := Serve(t.Context(), ln, http.NotFoundHandler(), slog.New(slog.DiscardHandler), nil); err == nil {
		t.Error("served on a closed listener")
	}
}

func TestConnectionLogMasksAddresses(t *testing.T) {
	var out bytes.Buffer
	line := "http: TLS handshake error from 198.51.100.7:4711: EOF, then [2001:db8::7]:80;\n"
	if _, err := (connectionLog{logs.New(&out, slog.LevelInfo, true)}).Write([]byte(line)); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); !strings.Contains(s, "TLS handshake error from [address]") || strings.Contains(s, "198.51") || strings.Contains(s, "2001:") {
		t.Errorf("logged %s", s)
	}
}

// TestChainOverTheWire checks what only a real connection shows: deadlines can be moved through the
// chain's writers, a caller that leaves is no error, streams are flushed.
func TestChainOverTheWire(t *testing.T) {
	var log bytes.Buffer
	left := make(chan struct{})
	h := New(Config{Log: logs.New(&log, slog.LevelInfo, true)}, []Route{
		{Pattern: "GET /flush", Timeout: time.Minute, Handler: func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "first")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Errorf("flush: %v", err)
			}
			<-r.Context().Done()
			close(left)
			return r.Context().Err()
		}},
	})
	served := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(served)
		h.ServeHTTP(w, r)
	}))
	defer server.Close()
	res, err := http.Get(server.URL + "/flush") // the client asks for gzip and unpacks it
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 5)
	if _, err := io.ReadFull(res.Body, b); err != nil || string(b) != "first" {
		t.Errorf("%q, %v", b, err)
	}
	_ = res.Body.Close()
	<-left
	<-served
	if s := log.String(); strings.Contains(s, "ERROR") || !strings.Contains(s, `"status":499`) {
		t.Errorf("logged %s", s)
	}
}
