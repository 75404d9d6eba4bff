package triage

import "github.com/mitral-health/mitral/platform/db"

// Migrations returns the steps of the tables here.
func Migrations() []db.Migration { return nil }
