package web

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestChainAnswers(t *testing.T) {
	const form = "Content-Type: application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, line, body string
		headers          []string
		status           int
		want             string
	}{
		{"a page", "GET /hello/ana", "", nil, 200, "hello ana"},
		{"HEAD", "HEAD /hello/ana", "", nil, 200, ""},
		{"nothing there", "GET /nothing", "", nil, 404, "There is nothing at this address.\n"},
		{"wrong method", "DELETE /hello/ana", "", nil, 405, "This address can't be used in this way.\n"},
		{"path is cleaned", "GET /hello//ana", "", nil, 307, ""},
		{"slash is added", "GET /dir", "", nil, 307, ""},
		{"form", "POST /form", "text=a+b%0D%0Ac", []string{form}, 200, "a b\nc"},
		{"form from here", "POST /form", "text=a", []string{form, "Sec-Fetch-Site: same-origin"}, 200, "a"},
		{"form from elsewhere", "POST /form", "text=a", []string{form, "Sec-Fetch-Site: cross-site"}, 403, "This form was sent from another site, so it was not accepted.\n"},
		{"form from another origin", "POST /form", "text=a", []string{form, "Origin: https://evil.example"}, 403, "This form was sent from another site, so it was not accepted.\n"},
		{"form from a trusted origin", "POST /form", "text=a", []string{form, "Origin: https://orlena.example"}, 200, "a"},
		{"form that is none", "POST /form", "text=a", []string{"Content-Type: text/plain"}, 400, "This form could not be read.\n"},
		{"form too large", "POST /form", "text=" + strings.Repeat("a", 1<<20), []string{form}, 413, "What you sent is too large. The limit here is 1024 KB.\n"},
		{"route takes more", "POST /large", strings.Repeat("a", 3<<20), nil, 200, ""},
		{"and no more", "POST /large", strings.Repeat("a", 5<<20), nil, 413, "What you sent is too large. The limit here is 4096 KB.\n"},
		{"too slow", "GET /slow", "", nil, 503, "This took too long. Please try again.\n"},
		{"template breaks", "GET /half", "", nil, 500, hidden},
		{"unknown error", "GET /unknown", "", nil, 500, hidden},
		{"panic", "GET /panic", "", nil, 500, hidden},
		{"invalid", "GET /fault/invalid", "", nil, 400, "Said of it.\n"},
		{"internal", "GET /fault/internal", "", nil, 500, hidden},
		{"not found", "GET /fault/not-found", "", nil, 404, "Said of it.\n"},
		{"unauthenticated", "GET /fault/unauthenticated", "", nil, 401, "Said of it.\n"},
		{"forbidden", "GET /fault/forbidden", "", nil, 403, "Said of it.\n"},
		{"conflict", "GET /fault/conflict", "", nil, 409, "Said of it.\n"},
		{"too large", "GET /fault/too-large", "", nil, 413, "Said of it.\n"},
		{"too many", "GET /fault/too-many", "", nil, 429, "Said of it.\n"},
		{"unavailable", "GET /fault/unavailable", "", nil, 503, "Said of it.\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, func(cfg *Config) { cfg.Origins = []string{"https://orlena.example"} })
			w := s.do(c.line, c.body, c.headers...)
			if w.Code != c.status || c.status != 307 && w.Body.String() != c.want {
				t.Errorf("%d %q, want %d %q", w.Code, w.Body, c.status, c.want)
			}
			for _, name := range []string{"Content-Security-Policy", "Referrer-Policy", "Permissions-Policy", "X-Content-Type-Options", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "X-Frame-Options", "X-Request-Id"} {
				if w.Header().Get(name) == "" {
					t.Errorf("no %s", name)
				}
			}
			if got := w.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control %q", got)
			}
			if w.Header().Get("Strict-Transport-Security") != "" {
				t.Error("HSTS without being asked")
			}
			for _, leak := range []string{"ana", "Ana", "secret", "192.0.2.1"} {
				if strings.Contains(s.log.String(), leak) && !strings.Contains(c.line, "fault/internal") && !strings.Contains(c.line, "fault/unavailable") && c.line != "GET /half" && c.line != "GET /unknown" {
					t.Errorf("log tells %q: %s", leak, s.log)
				}
			}
		})
	}
}

const hidden = "Something went wrong on our side. Nothing you did was lost.\n"

func TestChainLogsPatternsOnly(t *testing.T) {
	s := newSite(t, nil)
	w := s.do("GET /hello/ana?diagnosis=c50", "")
	var line map[string]any
	if err := json.Unmarshal(s.log.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, s.log)
	}
	for name, want := range map[string]any{
		"msg": "request", "level": "INFO", "method": "GET", "route": "GET /hello/{name}",
		"status": 200.0, "bytes": 9.0, "request": w.Header().Get("X-Request-Id"), "fault": "",
	} {
		if line[name] != want {
			t.Errorf("%s is %v, want %v", name, line[name], want)
		}
	}
	if took, ok := line["took"].(float64); !ok || took <= 0 {
		t.Errorf("took %v", line["took"])
	}
	s.log.Reset()
	if s.do("GET /healthz", ""); s.log.Len() != 0 {
		t.Errorf("a quiet route is logged: %s", s.log)
	}
	s.do("BREW-ana /hello/ana", "")
	if out := s.log.String(); !strings.Contains(out, `"method":"other","route":"none","status":405`) || strings.Contains(out, "ana") {
		t.Errorf("unknown method: %s", out)
	}
}

func TestChainLogsTheCauseOnce(t *testing.T) {
	s := newSite(t, nil)
	id := s.do("GET /unknown", "").Header().Get("X-Request-Id")
	if out := s.log.String(); strings.Count(out, "raw secret") != 1 || strings.Count(out, id) != 2 || !strings.Contains(out, `"level":"ERROR"`) {
		t.Errorf("logged %s", out)
	}
	s.log.Reset()
	s.do("GET /fault/not-found", "")
	if out := s.log.String(); strings.Contains(out, "cause") || !strings.Contains(out, `"fault":"not-found"`) {
		t.Errorf("logged %s", out)
	}
	s.log.Reset()
	s.do("GET /index", "")
	if out := s.log.String(); !strings.Contains(out, "index out of range") || !strings.Contains(out, "site_test.go") {
		t.Errorf("logged %s", out)
	}
}

func TestChainCutsWhatHadBegun(t *testing.T) {
	for _, path := range []string{"/begun", "/begun-panic"} {
		s := newSite(t, nil)
		func() {
			defer func() {
				if v := recover(); v != http.ErrAbortHandler {
					t.Errorf("%s: recovered %v", path, v)
				}
			}()
			s.do("GET "+path, "")
		}()
		if !strings.Contains(s.log.String(), "request failed") {
			t.Errorf("%s: logged %s", path, s.log)
		}
	}
	server := httptest.NewServer(newSite(t, nil))
	defer server.Close()
	res, err := http.Get(server.URL + "/begun")
	if err == nil {
		_, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
	if err == nil {
		t.Error("half an answer looks whole")
	}
}
