package voices

import (
	"context"
	"net/netip"
	"net/url"
	"strings"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/social/internal/profiles"
)

// Begin makes the organisation's own profile from what the configuration says of it, if there is no
// profile at all: so somebody can speak from the first start on. Copies of the program that start at
// once make one.
func (s *Voices) Begin(ctx context.Context) error {
	err := s.Store.Write(ctx, func(tx db.Tx) error {
		all, err := s.Profiles.All(ctx, tx)
		if err != nil || len(all) > 0 {
			return err
		}
		en, es := s.Site.In("en"), s.Site.In("es")
		p := profiles.Profile{ID: id.New[profiles.Profile](s.Clock.Now()), Kind: profiles.Organisation, Handle: handleOf(en.URL, en.Name),
			Name: profiles.Words{EN: cut(en.Name, profiles.MaxLine)}, Bio: profiles.Words{EN: cut(en.Lead, profiles.MaxText)}}
		if p.Name.EN == "" {
			p.Name.EN = p.Handle
		}
		if es.Name != en.Name {
			p.Name.ES = cut(es.Name, profiles.MaxLine)
		}
		if es.Lead != en.Lead {
			p.Bio.ES = cut(es.Lead, profiles.MaxText)
		}
		return s.Profiles.Save(ctx, tx, p)
	})
	if fault.Is(err, fault.Conflict) {
		return nil // another copy was faster
	}
	return err
}

// handleOf makes the organisation's handle: of www.orlena.example it is orlena; where the address is
// no name, it comes from what the organisation is called.
func handleOf(address, name string) string {
	if u, err := url.Parse(address); err == nil {
		host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
		label, rest, dotted := strings.Cut(host, ".")
		if _, err := netip.ParseAddr(host); err != nil && dotted && rest != "" && free(label) {
			return label
		}
	}
	if h := slug(name, 30); free(h) {
		return h
	}
	return "organisation"
}

// free reports whether h can be a handle: well formed, and no page of this package.
func free(h string) bool { return profiles.CheckHandle(h) == nil && h != "new" }

var plainLetters = strings.NewReplacer("á", "a", "à", "a", "â", "a", "ä", "a", "ã", "a", "å", "a", "é", "e", "è", "e", "ê", "e", "ë", "e",
	"í", "i", "ì", "i", "î", "i", "ï", "i", "ó", "o", "ò", "o", "ô", "o", "ö", "o", "õ", "o", "ø", "o", "ú", "u", "ù", "u", "û", "u", "ü", "u",
	"ñ", "n", "ç", "c", "ß", "ss", "æ", "ae", "œ", "oe", "·", "")

// slug makes the last part of an address of a name: lower-case letters, digits and single hyphens, at
// most n. It is "" if nothing is left.
func slug(name string, n int) string {
	words := strings.FieldsFunc(plainLetters.Replace(strings.ToLower(name)), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	out := strings.Join(words, "-")
	if len(out) > n {
		out = out[:n]
		if at := strings.LastIndexByte(out, '-'); at > n/2 {
			out = out[:at]
		}
	}
	return strings.Trim(out, "-")
}

// cut shortens s to at most n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
