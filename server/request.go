package server

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/ui"
)

// langCookie remembers the language that a reader chose.
const langCookie = "lang"

// setting puts into each request's context what pages need to know of it: the organisation, the
// language, the time zone, and who looks.
func (s *Server) setting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, s.set(r)) })
}

func (s *Server) set(r *http.Request) *http.Request {
	p := identity.From(r.Context())
	set := &ui.Setting{Site: s.site, Theme: ui.ThemeOf(r), First: ui.FirstVisit(r), Lang: s.language(r, p), Path: r.URL.RequestURI(), Origin: s.site.URL}
	if patient := identity.PatientFrom(r.Context()); patient != nil {
		set.Zone = patient.TimeZone
		set.Lang = s.language(r, patient)
	}
	if p != nil {
		set.Viewer, set.Zone = identity.ViewerOf(p), p.TimeZone
		if set.Viewer.Reviews && !strings.HasPrefix(r.URL.Path, "/assets/") {
			// The page is worth showing without the number.
			set.Viewer.Waiting, _ = s.Gate.Waiting(r.Context(), p)
		}
		if set.Viewer.Care && r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/care") {
			set.Viewer.Messages, _ = s.Clinical.MessagesWaiting(r.Context())
		}
	}
	return r.WithContext(ui.With(r.Context(), set))
}

// language is, in this order: what the address asks for, what the reader chose here before, what
// their account says, what their browser prefers, the organisation's first.
func (s *Server) language(r *http.Request, p *identity.Principal) string {
	langs := s.site.Langs
	if r.URL.RawQuery != "" {
		if l := r.URL.Query().Get("lang"); slices.Contains(langs, l) {
			return l
		}
	}
	if c, err := r.Cookie(langCookie); err == nil && slices.Contains(langs, c.Value) {
		return c.Value
	}
	if p != nil && slices.Contains(langs, p.Lang) {
		return p.Lang
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if slices.Contains(langs, base) {
			return base
		}
	}
	return langs[0]
}

func location(name string) *time.Location {
	if l, err := time.LoadLocation(name); err == nil {
		return l
	}
	return time.UTC
}
