package voices

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/ui/text"
)

// form is a profile as somebody filled it in.
type form struct {
	values   url.Values
	do       string // what the button says: save, retire, restore, up, down
	rev      int
	id       profiles.ID // "" for a new one
	kind     profiles.Kind
	handle   string
	account  identity.Subject
	dep      profiles.ID
	since    int
	verified string // a date as the field holds it
	avatar   media.ID
	attested bool
	wrong    problems
}

// readForm reads a profile's form. A portrait in it is stored as it arrives; one that is refused is a
// problem of its field, so that nothing else of the form is lost.
func (s *Voices) readForm(r *http.Request) (*form, error) {
	f := &form{}
	var err error
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		f.values, err = web.Upload(r, media.MaxBytes+1, func(file *web.File) error { return s.portrait(r.Context(), f, file) })
	} else {
		f.values, err = web.Form(r)
	}
	if err != nil {
		return nil, err
	}
	v := f.values
	f.do, f.kind, f.attested = v.Get("do"), profiles.Kind(v.Get("kind")), v.Get("attest") == "yes"
	f.rev, _ = strconv.Atoi(v.Get("rev"))
	f.id, _ = id.Parse[profiles.Profile](v.Get("id"))
	f.handle = strings.ToLower(strings.TrimPrefix(line(v.Get("handle")), "@"))
	if f.avatar.IsZero() && v.Get("drop") != "yes" {
		f.avatar, _ = id.Parse[media.Image](v.Get("avatar"))
	}
	if err := f.account.UnmarshalText([]byte(v.Get("account"))); err != nil {
		f.fail("account", errAccount)
	}
	if f.dep, err = id.Parse[profiles.Profile](v.Get("department")); err != nil {
		f.fail("department", errDepartment)
	}
	now := s.Clock.Now().In(text.Zone(r.Context()))
	if since := line(v.Get("since")); since != "" {
		if f.since, err = strconv.Atoi(since); err != nil || f.since < 1900 || f.since > now.Year() {
			f.fail("since", fault.New(fault.Invalid, "Write the year with four digits, no later than this one."))
		}
	}
	if f.verified = v.Get("verified"); f.verified != "" {
		day, err := time.Parse(time.DateOnly, f.verified)
		if err != nil || day.Year() < 1950 || f.verified > now.Format(time.DateOnly) {
			f.fail("verified", fault.New(fault.Invalid, "Choose the day on which you saw the registration, today or earlier."))
		}
	}
	return f, nil
}

var (
	errAccount    = fault.New(fault.Invalid, "Choose an account from the list.")
	errDepartment = fault.New(fault.Invalid, "Choose a department from the list.")
)

func (s *Voices) portrait(ctx context.Context, f *form, file *web.File) error {
	if file.Field != "portrait" || !f.avatar.IsZero() {
		return fault.New(fault.Invalid, "This form could not be read.")
	}
	img, err := s.Media.Add(ctx, file)
	switch fault.KindOf(err) {
	case fault.Invalid, fault.TooLarge:
		if err != nil {
			f.fail("portrait", err)
			return nil
		}
	}
	f.avatar = img.ID
	return err
}

func (f *form) fail(field string, err error) { f.wrong = append(f.wrong, problem{field, err}) }

// into puts what the form says over p, which is the stored profile or a new one, and notes what is
// wrong with it.
func (f *form) into(p profiles.Profile, langs []string) profiles.Profile {
	p.Name = pair(f.values, "name", line, langs, p.Name)
	if p.Name.EN == "" && len(langs) == 1 {
		p.Name.EN = p.Name.ES // the name in the one language that there is
	}
	p.Title = pair(f.values, "title", line, langs, p.Title)
	p.Bio = pair(f.values, "bio", lines, langs, p.Bio)
	p.Handle, p.Avatar = f.handle, f.avatar
	if p.Kind == profiles.Clinician {
		p.Speaks = pair(f.values, "speaks", line, langs, p.Speaks)
		p.Declares = pair(f.values, "declares", line, langs, p.Declares)
		p.Since, p.Subject, p.Department = f.since, f.account, f.dep
	}
	if p.Name.EN == "" {
		f.fail("name_"+langs[0], fault.New(fault.Invalid, "Write a name. Without one nobody knows who speaks."))
	}
	if err := profiles.CheckHandle(p.Handle); err != nil {
		f.fail("handle", err)
	} else if !free(p.Handle) {
		f.fail("handle", profiles.ErrTaken)
	}
	for _, part := range []struct {
		name  string
		words profiles.Words
		most  int
	}{{"name", p.Name, profiles.MaxLine}, {"title", p.Title, profiles.MaxLine}, {"bio", p.Bio, profiles.MaxText},
		{"speaks", p.Speaks, profiles.MaxText}, {"declares", p.Declares, profiles.MaxText}} {
		for _, lang := range langs {
			if utf8.RuneCountInString(in(part.words, lang)) > part.most {
				f.fail(part.name+"_"+lang, fault.New(fault.TooLarge, "This is too long: at most %d characters.", part.most))
			}
		}
	}
	return p
}

// seal settles the day of verification: whoever may verify says it; whoever may not, loses it for the
// clinician by changing who or what they are, because nobody has seen a registration of that.
func (f *form) seal(p *profiles.Profile, was profiles.Profile, who *identity.Principal) (lost bool) {
	p.VerifiedOn = was.VerifiedOn
	if p.Kind != profiles.Clinician {
		return false
	}
	if mayVerify(who) {
		if f.verified != dayOf(was.VerifiedOn) {
			p.VerifiedOn, _ = time.Parse(time.DateOnly, f.verified) // read before
			if f.verified != "" {
				p.VerifiedOn = p.VerifiedOn.Add(12 * time.Hour) // the same day nearly everywhere
			}
		}
		return false
	}
	if !was.VerifiedOn.IsZero() && (p.Name != was.Name || p.Title != was.Title || p.Subject != was.Subject) {
		p.VerifiedOn = time.Time{}
		return true
	}
	return false
}

// dayOf is an instant as a date field holds it, "" for none.
func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// refers checks that what p refers to is there: its picture, its department, its person.
func (s *Voices) refers(ctx context.Context, tx db.Tx, p, was profiles.Profile, staff []Person) error {
	var wrong problems
	if !p.Avatar.IsZero() && p.Avatar != was.Avatar {
		if _, err := s.Media.Get(ctx, tx, p.Avatar); err != nil {
			if !fault.Is(err, fault.NotFound) {
				return err
			}
			wrong = append(wrong, problem{"portrait", err})
		}
	}
	if !p.Department.IsZero() && p.Department != was.Department {
		dep, err := s.Profiles.Get(ctx, tx, p.Department)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err != nil || dep.Kind != profiles.Department || !dep.Retired.IsZero() {
			wrong = append(wrong, problem{"department", errDepartment})
		}
	}
	if !p.Subject.IsZero() && p.Subject != was.Subject && personOf(staff, p.Subject) == nil {
		wrong = append(wrong, problem{"account", errAccount})
	}
	if wrong != nil {
		return wrong
	}
	return nil
}

// personOf returns who of the staff a subject is, or nil.
func personOf(staff []Person, subject identity.Subject) *Person {
	for i := range staff {
		if !subject.IsZero() && staff[i].Subject == subject {
			return &staff[i]
		}
	}
	return nil
}
