// Package demo builds an invented health centre: accounts, profiles, topics, weeks of posts, drafts that
// wait. Everything goes the way that real people's words go, through the gate, on a clock that is moved
// through the weeks. It may import what server may; cmd imports it.
package demo

import (
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
