package ui

import "context"

type appKey struct{}

type appOf struct{ root, patient string }

// WithApp returns ctx for pages of the patient's app that somebody reaches below another path than /my, because
// they act for the patient with this name.
func WithApp(ctx context.Context, root, patient string) context.Context {
	return context.WithValue(ctx, appKey{}, appOf{root, patient})
}

// AppPath is the path of a page of the patient's app, "/add" say, for whoever looks. "" is its first page.
func AppPath(ctx context.Context, rest string) string {
	if a, ok := ctx.Value(appKey{}).(appOf); ok {
		return a.root + rest
	}
	return "/my" + rest
}

// ActingFor is the name of the patient whom the visitor acts for, "" if it is nobody else.
func ActingFor(ctx context.Context) string {
	a, _ := ctx.Value(appKey{}).(appOf)
	return a.patient
}
