package ui

import (
	"context"
	"strings"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/ui/text"
)

// appHome is where the patient's app begins for whoever looks at an error below it; "" if the error is elsewhere, or
// whoever looks is of the staff or has to sign in.
func appHome(ctx context.Context, kind fault.Kind) string {
	s := From(ctx)
	if s.Viewer != nil || kind == fault.Unauthenticated {
		return ""
	}
	for _, home := range []string{"/my", "/for"} {
		if rest, below := strings.CutPrefix(s.Path, home); below && (rest == "" || strings.ContainsAny(rest[:1], "/?")) {
			return home
		}
	}
	return ""
}

// appNext is what to do next in the app.
func appNext(ctx context.Context, kind fault.Kind) string {
	switch kind {
	case fault.NotFound, fault.Forbidden:
		return text.T(ctx, "Your readings and messages are where they were.")
	case fault.Invalid, fault.TooLarge:
		return text.T(ctx, "Go back, change it and try again. Nothing was sent.")
	}
	return text.T(ctx, "Wait a minute, then try again. Nothing was lost.")
}

func errorTitle(ctx context.Context, kind fault.Kind) string {
	switch kind {
	case fault.Invalid:
		return text.T(ctx, "We could not read that")
	case fault.NotFound:
		return text.T(ctx, "This page is not here")
	case fault.Unauthenticated:
		return text.T(ctx, "Sign in first")
	case fault.Forbidden:
		return text.T(ctx, "This door is not yours")
	case fault.Conflict:
		return text.T(ctx, "It changed in the meantime")
	case fault.TooLarge:
		return text.T(ctx, "That is too big")
	case fault.TooMany:
		return text.T(ctx, "A little slower, please")
	case fault.Unavailable:
		return text.T(ctx, "Back in a moment")
	}
	return text.T(ctx, "Something broke on our side")
}

func errorFact(ctx context.Context, kind fault.Kind) string {
	switch kind {
	case fault.Invalid:
		return text.T(ctx, "What arrived was not what this page understands.")
	case fault.NotFound:
		return text.T(ctx, "It may have moved, or the address has a typing mistake.")
	case fault.Unauthenticated:
		return text.T(ctx, "Only people who work here can open this page.")
	case fault.Forbidden:
		return text.T(ctx, "You are signed in, but your role does not open this page.")
	case fault.Conflict:
		return text.T(ctx, "Somebody else changed this while you were working on it.")
	case fault.TooLarge:
		return text.T(ctx, "What you sent is larger than we can take.")
	case fault.TooMany:
		return text.T(ctx, "There were many requests in a short time.")
	case fault.Unavailable:
		return text.T(ctx, "A part that this page needs does not answer just now.")
	}
	return text.T(ctx, "Something went wrong on our side. Nothing you did was lost.")
}

func errorNext(ctx context.Context, kind fault.Kind) string {
	switch kind {
	case fault.Invalid, fault.TooLarge:
		return text.T(ctx, "Go back, change it and try again. Nothing was saved or published.")
	case fault.NotFound:
		return text.T(ctx, "Start from the home page; everything we publish can be found from there.")
	case fault.Unauthenticated:
		return text.T(ctx, "After signing in you come back to where you were going.")
	case fault.Forbidden:
		return text.T(ctx, "If you should be able to open it, ask an administrator for the role.")
	case fault.Conflict:
		return text.T(ctx, "Open it again to see the new version. Nothing was overwritten.")
	case fault.TooMany:
		return text.T(ctx, "Wait a minute, then try again. Nothing was lost.")
	}
	return text.T(ctx, "Try again in a minute. Nothing was published by mistake.")
}

// errorScene chooses the drawing: a door that is elsewhere, one that is shut, a clock, or a lamp.
func errorScene(kind fault.Kind) string {
	switch kind {
	case fault.NotFound:
		return "gone"
	case fault.Unauthenticated, fault.Forbidden:
		return "shut"
	case fault.TooMany, fault.Unavailable, fault.Conflict:
		return "wait"
	}
	return "broken"
}
