package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/mitral-health/mitral/clinical"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
)

// What the command line says to the private chamber.
type (
	ClinicalStore  = *clinical.Clinical
	NewClient      = clinical.NewClient
	ImportOptions  = clinical.ImportOptions
	ImportRefusal  = clinical.ImportRefusal
	ImportProgress = clinical.ImportProgress
)

func (c *Config) clinical(store *db.DB, origin string, log *slog.Logger, clk clock.Clock) clinical.Deps {
	return clinical.Deps{Store: store, Clock: clk, Log: log, URL: origin, Name: c.Site.Name, Version: c.Program, PerSecond: c.FHIR.PerSecond, Quiet: c.quiet()}
}

// quiet is when the organisation is closed: before the first and after the last of its hours, and at weekends
// unless it has hours there. Hours that can't be read were refused before.
func (c *Config) quiet() clinical.Quiet {
	hours, err := c.hours()
	first, last := 24*60, 0
	for _, spans := range hours.Week {
		for _, s := range spans {
			first, last = min(first, s.From), max(last, s.To)
		}
	}
	q := clinical.Quiet{Zone: hours.Zone}
	if err != nil || last == 0 {
		return q
	}
	q.From, q.To = time.Duration(last%(24*60))*time.Minute, time.Duration(first)*time.Minute
	q.Weekends = len(hours.Week[time.Saturday])+len(hours.Week[time.Sunday]) == 0
	return q
}

// Clinical opens the private chamber alone, for the command line: it starts no jobs, so it can be used
// beside a running server. Close the returned store.
func Clinical(ctx context.Context, cfg Config, log *slog.Logger, clk clock.Clock) (*clinical.Clinical, *db.DB, error) {
	origin, err := cfg.lastOrigin()
	if err != nil {
		return nil, nil, err
	}
	store, err := db.Open(ctx, "clinical", cfg.dsn("clinical", cfg.Databases.Clinical))
	if err != nil {
		return nil, nil, err
	}
	if err := store.Migrate(ctx, clinical.Migrations()); err != nil {
		store.Close()
		return nil, nil, err
	}
	c, err := clinical.New(cfg.clinical(store, origin, log, clk))
	if err != nil {
		store.Close()
		return nil, nil, err
	}
	return c, store, nil
}
