// Package demo builds an invented health centre: accounts, profiles, topics, weeks of posts, drafts that
// wait. Everything goes the way that real people's words go, through the gate, on a clock that is moved
// through the weeks. It may import what server may; cmd imports it.
package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/server"
	"github.com/mitral-health/mitral/server/demo/people"
	"github.com/mitral-health/mitral/social"
)

// password signs every demo account in.
const password = "orlena"

// built marks a data folder whose demo data is whole, building one in which that was begun.
const built, building = "demo-built", "demo-building"

// Config is the invented centre's configuration.
func Config(listen, data string) server.Config {
	c := server.Defaults()
	c.Listen, c.Data, c.Demo = listen, data, true
	c.Log.Level = "warn"
	c.Site = server.Site{
		Name: "Orlena Health Centre", Tagline: "Good health is easier with neighbours",
		Lead:    "Plain answers, local news and people who understand. From the 46 of us who look after Orlena.",
		Address: "3 Weir Lane, Orlena", Phone: "555 0100", Hours: "Monday to Friday, 8:00 to 20:00",
		Email: "hello@orlena.example", Emergency: "112", Crisis: "024", TimeZone: "Europe/Madrid", Langs: []string{"en", "es"},
		ES: &server.SiteES{
			Name: "Centro de Salud de Orlena", Tagline: "Con vecinos, la salud es más fácil",
			Lead:    "Respuestas claras, noticias de aquí y gente que entiende. De las 46 personas que cuidamos de Orlena.",
			Address: "Calle de la Presa 3, Orlena", Hours: "De lunes a viernes, de 8:00 a 20:00",
		},
	}
	c.Policy.Staff = []string{"Marisol Quenby", "Tobias Arlenwick", "Nadira Solheim", "Odalys Ferrandiz", "Odalys Ferrándiz",
		"Henrik Aldersay", "Joaquín Brezo", "Iria Castlemoor", "Ama Oseland", "Leonor Vask"}
	c.Policy.Places = []string{"Orlena"}
	// Open every day, so that the queue's deadlines can be tried whenever somebody looks.
	c.Review.Hours = map[string]string{"monday": "8:00-20:00", "tuesday": "8:00-20:00", "wednesday": "8:00-20:00",
		"thursday": "8:00-20:00", "friday": "8:00-20:00", "saturday": "8:00-20:00", "sunday": "8:00-20:00"}
	c.Review.SampleOneIn = 20
	return c
}

// Build fills an empty data folder and returns the accounts. In a folder that it filled before it
// changes nothing; one that it left half filled it fills anew; one that holds something else is refused.
func Build(ctx context.Context, cfg server.Config, origin string, log *slog.Logger, now clock.Clock) ([]identity.DemoAccount, error) {
	c, err := read()
	if err != nil {
		return nil, err
	}
	accounts := demoAccounts(c)
	mark := filepath.Join(cfg.Data, built)
	if _, err := os.Stat(mark); err == nil {
		return accounts, nil
	}
	if err := begin(cfg.Data); err != nil {
		return nil, err
	}
	today := now.Now()
	zone, err := time.LoadLocation(cfg.Site.TimeZone)
	if err != nil {
		return nil, err
	}
	open := func() (*builder, error) {
		moving := clock.At(today.Add(-40 * 24 * time.Hour))
		srv, err := server.New(ctx, cfg, origin, log, moving, nil)
		return &builder{content: c, srv: srv, clock: moving, today: today, zone: zone, people: map[string]*identity.Principal{}, images: map[string]string{}}, err
	}
	// The chambers are built side by side, each on a clock of its own; they share the accounts.
	public, err := open()
	if err != nil {
		return nil, err
	}
	defer public.srv.Close()
	if err := public.accounts(ctx); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	private, err := open()
	if err != nil {
		return nil, err
	}
	defer private.srv.Close()
	private.people = public.people
	done := make(chan error, 1)
	go func() {
		done <- inTurn(ctx, public.profiles, public.topics, public.posts, public.drafts, public.scheduled)
	}()
	err = inTurn(ctx, private.invent, private.records, private.weeks)
	if err := errors.Join(err, <-done); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if err := os.WriteFile(mark, []byte(today.Format(time.RFC3339)+"\n"), 0o600); err != nil {
		return nil, err
	}
	return accounts, os.Remove(filepath.Join(cfg.Data, building))
}

// begin marks a folder as being filled, after it took away what a program left that died meanwhile.
func begin(data string) error {
	mark := filepath.Join(data, building)
	if _, err := os.Stat(mark); err == nil {
		left, err := os.ReadDir(data)
		if err != nil {
			return err
		}
		for _, e := range left {
			name, _, database := strings.Cut(e.Name(), ".db")
			if database && slices.Contains([]string{"social", "clinical", "gate", "identity"}, name) || slices.Contains([]string{"files", "mail", "key"}, e.Name()) {
				if err := os.RemoveAll(filepath.Join(data, e.Name())); err != nil {
					return err
				}
			}
		}
	} else if _, err := os.Stat(filepath.Join(data, "social.db")); err == nil {
		return fmt.Errorf("%s holds a data folder that is not a demo: name an empty one", data)
	}
	return os.WriteFile(mark, nil, 0o600)
}

func inTurn(ctx context.Context, steps ...func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func demoAccounts(c content) []identity.DemoAccount {
	var out []identity.DemoAccount
	for _, a := range c.Accounts {
		out = append(out, identity.DemoAccount{Role: a.Roles[0], Name: a.Name, Login: a.Login, Password: password})
	}
	return out
}

type builder struct {
	content
	srv    *server.Server
	clock  *clock.Manual
	today  time.Time
	zone   *time.Location
	people map[string]*identity.Principal // by login
	images map[string]string              // by the name of the drawing

	patients []people.Person
	readings []clinical.Measured // that have not arrived yet, oldest first
	planned  []*people.Person    // who have a plan
	kept     time.Time           // until when it is said what was done of the plans
}

func (b *builder) accounts(ctx context.Context) error {
	for _, a := range b.Accounts {
		made, err := b.srv.Identity.CreateAccount(ctx, identity.NewAccount{
			Login: a.Login, Name: a.Name, Password: password, Roles: a.Roles, Lang: a.Lang, Accepted: a.Patient == "" && a.CaresFor == ""})
		if err != nil {
			return err
		}
		b.people[a.Login] = made.Principal()
	}
	return nil
}

// image adds a drawing once and returns its id.
func (b *builder) image(ctx context.Context, name string) (string, error) {
	if name == "" || b.images[name] != "" {
		return b.images[name], nil
	}
	png, err := art.ReadFile("art/" + name + ".png")
	if err != nil {
		return "", err
	}
	b.images[name], err = b.srv.Social.AddImage(ctx, bytes.NewReader(png))
	return b.images[name], err
}

func (b *builder) profiles(ctx context.Context) error {
	for i, p := range b.Profiles {
		img, err := b.image(ctx, p.Art)
		if err != nil {
			return err
		}
		spec := social.ProfileSpec{Handle: p.Handle, Kind: p.Kind, Name: p.Name, NameES: p.NameES, Title: p.Title, TitleES: p.TitleES,
			Bio: p.Bio, BioES: p.BioES, Department: p.Department, Image: img, Position: i}
		if p.Verified {
			spec.VerifiedOn = b.today.AddDate(0, -2, -21)
			spec.Since = 2012 + i
		}
		if who := b.people[p.Login]; who != nil {
			spec.Owner = who.Subject(identity.Social)
		}
		if err := b.srv.Social.SaveProfile(ctx, spec); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) topics(ctx context.Context) error {
	for i, t := range b.Topics {
		if err := b.srv.Social.SaveTopic(ctx, t.Slug, t.EN, t.ES, i); err != nil {
			return err
		}
	}
	return nil
}

// posts publishes the weeks, oldest first, each in English and then in Spanish.
func (b *builder) posts(ctx context.Context) error {
	list := slices.Clone(b.Posts)
	slices.SortFunc(list, func(x, y post) int { return int(y.Ago*100) - int(x.Ago*100) })
	for _, p := range list {
		b.clock.Set(b.when(p.Ago))
		img, err := b.image(ctx, p.Art)
		if err != nil {
			return err
		}
		who := b.people["ama"]
		if own := b.people[p.By]; own != nil {
			who = own
		}
		spec := social.PostSpec{By: p.By, Kind: p.Kind, Lang: "en", Title: p.Title, Body: p.Body, Topics: p.Topics, Image: img, Alt: p.Alt}
		first, err := b.publish(ctx, who, spec)
		if err != nil {
			return err
		}
		if p.BodyES == "" {
			continue
		}
		b.clock.Advance(time.Minute)
		spec.Lang, spec.Title, spec.Body, spec.Alt, spec.TranslationOf = "es", p.TitleES, p.BodyES, p.AltES, first
		if _, err := b.publish(ctx, who, spec); err != nil {
			return err
		}
	}
	return nil
}

// when is so many hours ago, moved into the working day if it is not today's.
func (b *builder) when(ago float64) time.Time {
	t := b.today.Add(-time.Duration(ago * float64(time.Hour)))
	if ago < 20 {
		return t
	}
	local := t.In(b.zone)
	return time.Date(local.Year(), local.Month(), local.Day(), 9, int(ago*37)%540, 0, 0, b.zone)
}

// publish writes and submits; a text of the demo that the gate does not let pass is a mistake.
func (b *builder) publish(ctx context.Context, who *identity.Principal, spec social.PostSpec) (string, error) {
	out, err := b.srv.Social.Write(ctx, who, spec)
	if err != nil {
		return "", fmt.Errorf("%s, %q: %w", spec.By, first(spec.Body), err)
	}
	if out.Post == "" {
		return "", fmt.Errorf("%s, %q is %s", spec.By, first(spec.Body), out.State)
	}
	return out.Post, nil
}

func (b *builder) drafts(ctx context.Context) error {
	for _, d := range b.Drafts {
		b.clock.Set(b.today.Add(-time.Duration(d.Ago * float64(time.Hour))))
		_, err := b.srv.Social.Write(ctx, b.people[d.Author], social.PostSpec{
			By: d.By, Lang: d.Lang, Title: d.Title, Body: d.Body, Topics: d.Topics, KeepDraft: !d.Submit})
		if err != nil {
			return fmt.Errorf("draft %q: %w", first(d.Body), err)
		}
	}
	return nil
}

func (b *builder) scheduled(ctx context.Context) error {
	b.clock.Set(b.today)
	for _, d := range b.Scheduled {
		at := b.today.Add(time.Duration(d.Hours * float64(time.Hour))).In(b.zone)
		at = time.Date(at.Year(), at.Month(), at.Day(), 9, 0, 0, 0, b.zone)
		out, err := b.srv.Social.Write(ctx, b.people[d.Author], social.PostSpec{
			By: d.By, Lang: d.Lang, Title: d.Title, Body: d.Body, Topics: d.Topics, At: at, Zone: b.zone.String()})
		if err != nil {
			return fmt.Errorf("scheduled %q: %w", first(d.Body), err)
		}
		if out.State != "scheduled" {
			return fmt.Errorf("scheduled %q is %s", first(d.Body), out.State)
		}
	}
	return nil
}

func first(s string) string {
	if len(s) > 40 {
		return s[:40]
	}
	return s
}
