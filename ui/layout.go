package ui

import (
	"context"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/ui/text"
)

// deskNav reports whether the page belongs to the staff's navigation.
func (p Page) deskNav() bool {
	switch p.Nav {
	case "compose", "drafts", "calendar", "review", "rules", "ledger", "voices", "staff", "policy", "mail", "account", "care":
		return true
	}
	return false
}

// scripts are the page's own and those of all pages like it.
func (p Page) scripts(ctx context.Context) []string {
	var names []string
	if p.deskNav() || p.Chamber != ChamberPublic {
		names = append(names, "form.js")
	}
	if OwnerOf(ctx).Tag != "" {
		names = append(names, "offline.js")
	}
	return append(names, p.Scripts...)
}

// hidden reports whether the page is nothing for search engines and previews.
func (p Page) hidden() bool { return p.NoIndex || p.Chamber != ChamberPublic || p.deskNav() }

// deskHome is where a member of staff begins.
func deskHome(v *Viewer) templ.SafeURL {
	switch {
	case v.Reviews:
		return "/review"
	case v.Writes:
		return "/drafts"
	case v.Admin:
		return "/admin/staff"
	}
	return "/account"
}

func current(is bool) templ.Attributes {
	if is {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

func chosen(is bool) templ.Attributes {
	if is {
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}

func langURL(ctx context.Context, lang string) templ.SafeURL {
	return templ.SafeURL("/lang/" + lang + "?to=" + here(ctx))
}

func themeURL(ctx context.Context, theme string) templ.SafeURL {
	return templ.SafeURL("/theme/" + theme + "?to=" + here(ctx))
}

// here is the present page, as a part of a query.
func here(ctx context.Context) string {
	to := From(ctx).Path
	if to == "" {
		to = "/"
	}
	return url.QueryEscape(to)
}

// tel makes a link of a telephone number as people write it.
func tel(phone string) string {
	return "tel:" + strings.Map(func(r rune) rune {
		if r == '+' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, phone)
}

// themeColor is the colour of the chamber bar, which the browser's own bar takes on.
func themeColor(chamber, scheme string) string {
	switch {
	case chamber == ChamberGate && scheme == "dark":
		return "#0d0c10"
	case chamber == ChamberGate:
		return "#201a2b"
	case chamber == ChamberPrivate && scheme == "dark":
		return "#5f3a93"
	case chamber == ChamberPrivate:
		return "#4a2470"
	case scheme == "dark":
		return "#8fdcb8"
	}
	return "#c5ecd7"
}

func ogLocale(lang string) string {
	if strings.HasPrefix(lang, "es") {
		return "es_ES"
	}
	return "en_GB"
}

// roleWord returns what a role is called: the names of identity's roles, or a word that is ready.
func roleWord(ctx context.Context, role string) string {
	switch role {
	case "communications":
		return text.T(ctx, "Communications")
	case "reviewer":
		return text.T(ctx, "Reviewer")
	case "privacy_officer":
		return text.T(ctx, "Privacy officer")
	case "moderator":
		return text.T(ctx, "Moderator")
	case "clinician":
		return text.T(ctx, "Clinician")
	case "administrator":
		return text.T(ctx, "Administrator")
	case "patient":
		return text.T(ctx, "Patient")
	}
	return role
}

// mainLang marks content that is in another language than the interface.
func (p Page) mainLang(ctx context.Context) templ.Attributes {
	if p.Lang != "" && p.Lang != text.Lang(ctx) {
		return templ.Attributes{"lang": p.Lang}
	}
	return nil
}
