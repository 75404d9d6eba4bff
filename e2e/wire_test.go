package e2e

import (
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wire stands between a browser and a program: it can be cut, and be as slow as a telephone network. Browsers' own
// emulation leaves service workers out.
type wire struct {
	t    testing.TB
	to   string
	addr string
	URL  string

	mu    sync.Mutex
	ln    net.Listener
	up    bool
	conns map[net.Conn]bool
	trip  time.Duration // there and back
	rate  int           // bytes a second towards the browser; 0 is as many as there are
	line  time.Time     // when the line is free again: all connections share it
	bytes int64         // that came to the browser
}

func newWire(t testing.TB, program string) *wire {
	t.Helper()
	u, err := url.Parse(program)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, to: u.Host, addr: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	w.mend()
	w.addr = w.ln.Addr().String()
	w.URL = "http://" + w.addr
	t.Cleanup(w.cut)
	return w
}

// mend connects.
func (w *wire) mend() {
	w.t.Helper()
	ln, err := net.Listen("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.ln, w.up = ln, true
	w.mu.Unlock()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go w.join(c)
		}
	}()
}

// cut ends every connection and lets none begin.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.ln.Close()
	w.up = false
	for c := range w.conns {
		_ = c.Close()
	}
	clear(w.conns)
}

// slow sets the round trip and the rate from now on.
func (w *wire) slow(trip time.Duration, rate int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trip, w.rate, w.bytes = trip, rate, 0
}

func (w *wire) came() int64 { w.mu.Lock(); defer w.mu.Unlock(); return w.bytes }

func (w *wire) join(browser net.Conn) {
	w.mu.Lock()
	trip := w.trip
	w.mu.Unlock()
	time.Sleep(trip) // the handshake
	program, err := net.Dial("tcp", w.to)
	if err != nil {
		_ = browser.Close()
		return
	}
	w.mu.Lock()
	up := w.up
	if up {
		w.conns[browser], w.conns[program] = true, true
	}
	w.mu.Unlock()
	if !up { // it was cut meanwhile
		_ = browser.Close()
		_ = program.Close()
		return
	}
	var asked atomic.Bool // since the last answer began
	go func() {
		_, _ = io.Copy(program, tap{browser, &asked})
		_ = program.Close()
	}()
	b := make([]byte, 1400)
	for {
		n, err := program.Read(b)
		if n > 0 {
			w.mu.Lock()
			w.bytes += int64(n)
			now := time.Now()
			if asked.Swap(false) { // a new answer: the request took half a trip, the first byte the other
				if at := now.Add(w.trip); at.After(w.line) {
					w.line = at
				}
			}
			if w.rate > 0 {
				w.line = w.line.Add(time.Duration(n) * time.Second / time.Duration(w.rate))
			} else {
				w.line = now
			}
			pause := w.line.Sub(now)
			w.mu.Unlock()
			time.Sleep(pause)
			if _, err := browser.Write(b[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_ = browser.Close()
	_ = program.Close()
}

// tap remembers that something was read.
type tap struct {
	io.Reader
	asked *atomic.Bool
}

func (t tap) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if n > 0 {
		t.asked.Store(true)
	}
	return n, err
}
