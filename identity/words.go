package identity

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// roleName is what a role is called.
func roleName(ctx context.Context, r Role) string {
	switch r {
	case Communications:
		return text.T(ctx, "Communications")
	case Reviewer:
		return text.T(ctx, "Reviewer")
	case PrivacyOfficer:
		return text.T(ctx, "Privacy officer")
	case Moderator:
		return text.T(ctx, "Moderator")
	case Clinician:
		return text.T(ctx, "Clinician")
	case Administrator:
		return text.T(ctx, "Administrator")
	case Patient:
		return text.T(ctx, "Patient")
	}
	return string(r)
}

// roleHint says what a role may do.
func roleHint(ctx context.Context, r Role) string {
	switch r {
	case Communications:
		return text.T(ctx, "Writes and plans posts and articles.")
	case Reviewer:
		return text.T(ctx, "Decides on texts that the gate holds back.")
	case PrivacyOfficer:
		return text.T(ctx, "Decides on escalated texts and reads the ledger.")
	case Moderator:
		return text.T(ctx, "Looks after conversations.")
	case Clinician:
		return text.T(ctx, "Writes in public as a health professional.")
	case Administrator:
		return text.T(ctx, "Invites staff, gives roles and publishes the policy.")
	}
	return ""
}

func roleWords(ctx context.Context, roles []Role) string {
	var s []string
	for _, r := range roles {
		s = append(s, roleName(ctx, r))
	}
	return strings.Join(s, ", ")
}

func roleOptions(ctx context.Context, chosen []Role) []ui.Option {
	var out []ui.Option
	for _, r := range Roles {
		out = append(out, ui.Option{Value: string(r), Label: roleName(ctx, r), Hint: roleHint(ctx, r), Selected: slices.Contains(chosen, r)})
	}
	return out
}

func langOptions(ctx context.Context, follow bool) []ui.Option {
	out := []ui.Option{{Value: "en", Label: "English"}, {Value: "es", Label: "Español"}}
	if follow {
		out = append([]ui.Option{{Value: "", Label: text.T(ctx, "As my browser says")}}, out...)
	}
	return out
}

// zones are offered in the list; another one that an account already has is added to them.
var zones = []string{
	"Europe/Madrid", "Atlantic/Canary", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Paris", "Europe/Berlin", "Europe/Rome",
	"Europe/Athens", "Europe/Helsinki", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
	"America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "America/Mexico_City", "America/Guatemala", "America/Bogota", "America/Lima",
	"America/Caracas", "America/La_Paz", "America/Santiago", "America/Asuncion", "America/Montevideo", "America/Argentina/Buenos_Aires",
	"America/Sao_Paulo", "Australia/Sydney", "Pacific/Auckland", "UTC",
}

func zoneOptions(ctx context.Context, present string) []ui.Option {
	out := []ui.Option{{Value: "", Label: text.T(ctx, "The organisation's own")}}
	if present != "" && !slices.Contains(zones, present) {
		out = append(out, ui.Option{Value: present, Label: zoneLabel(present)})
	}
	for _, z := range zones {
		out = append(out, ui.Option{Value: z, Label: zoneLabel(z)})
	}
	return out
}

func zoneLabel(z string) string { return strings.ReplaceAll(z, "_", " ") }

// deviceWords is what a session or passkey is called when its browser told nothing.
func deviceWords(ctx context.Context, s string) string {
	if s == "" {
		return text.T(ctx, "An unknown device")
	}
	return s
}

// ago is a moment as people say it, with "never" for none.
func ago(ctx context.Context, t, now time.Time) string {
	if t.IsZero() {
		return text.T(ctx, "never")
	}
	return text.Ago(ctx, t, now)
}

func errorList(name, msg string) []ui.FieldError {
	if msg == "" {
		return nil
	}
	return []ui.FieldError{{Name: name, Text: msg}}
}

func secondIf(is bool) string {
	if is {
		return "second"
	}
	return ""
}

func wideUnless(passkeys bool) string {
	if passkeys {
		return "second wide"
	}
	return "wide"
}

func codeField(v codeView) string {
	if v.App {
		return "code"
	}
	return "recovery"
}

// againMark tells the provider's page that a signed-in person confirms who they are.
func againMark(next string) string {
	if next == "" {
		return "?again=1"
	}
	return "&again=1"
}

func setWord(ctx context.Context, is bool) string {
	if is {
		return text.T(ctx, "set up")
	}
	return text.T(ctx, "not set up")
}

func devicesWord(ctx context.Context, n int) string {
	if n == 0 {
		return text.T(ctx, "not set up")
	}
	return text.N(ctx, n, "%d set up", "%d set up")
}

// loginLabel is what people type to say who they are; the demo's people have short names.
func loginLabel(ctx context.Context) string {
	if ui.From(ctx).Site.Demo {
		return text.T(ctx, "Sign-in name")
	}
	return text.T(ctx, "E-mail address")
}

func (v accountView) patient() bool { return isPatient(v.Roles) }

func isPatientHere(ctx context.Context) bool { return PatientFrom(ctx) != nil }

// inApp makes a page of the desk one of the patient's app.
func inApp(p ui.Page) ui.Page {
	p.Nav = "me"
	return p
}

func nameHint(ctx context.Context, patient bool) string {
	if patient {
		return text.T(ctx, "We greet you with it.")
	}
	return text.T(ctx, "Colleagues see it beside what you write and decide.")
}

func zoneHint(ctx context.Context, patient bool) string {
	if patient {
		return text.T(ctx, "Your readings are shown in it.")
	}
	return text.T(ctx, "Plans and deadlines are shown in it.")
}

func invitePage(ctx context.Context, v inviteView) ui.Page {
	p := ui.Page{Title: text.T(ctx, "Welcome"), Says: text.T(ctx, "This is the staff entrance"), Art: "door", Scripts: []string{"passkey.js"}, NoIndex: true}
	if v.Patient {
		p.Chamber, p.Says, p.Art = ui.ChamberPrivate, "", ""
	}
	return p
}

func inviteName(ctx context.Context, v inviteView) string {
	if v.Patient {
		return text.T(ctx, "Your name")
	}
	return text.T(ctx, "Your name, as colleagues know you")
}

// inviteLogin is the type of the field: the demo's people may have short names.
func inviteLogin(v inviteView) string {
	if v.Patient && v.Demo {
		return ""
	}
	return "email"
}

func itoa(n int) string { return strconv.Itoa(n) }
