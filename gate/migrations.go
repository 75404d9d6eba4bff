package gate

import (
	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/gate/rulebook"
	"github.com/mitral-health/mitral/platform/db"
)

// Migrations are the steps of the gate's store.
func Migrations() []db.Migration {
	return []db.Migration{
		ledger.Trail().Migration(),
		{Name: "submissions", SQL: `
CREATE TABLE submissions (
	id TEXT PRIMARY KEY,
	draft_id TEXT NOT NULL,
	hash BYTEA NOT NULL,
	round INTEGER NOT NULL,
	version INTEGER NOT NULL,
	author TEXT NOT NULL,
	title TEXT NOT NULL,
	draft TEXT NOT NULL,
	verdict INTEGER NOT NULL,
	findings TEXT NOT NULL,
	pack TEXT NOT NULL,
	state TEXT NOT NULL,
	attested BOOLEAN NOT NULL,
	sampled BOOLEAN NOT NULL,
	waiting BOOLEAN NOT NULL,
	queue_at BIGINT NOT NULL,
	at BIGINT NOT NULL,
	soon BIGINT NOT NULL,
	due BIGINT NOT NULL,
	holder TEXT,
	claimed BIGINT NOT NULL,
	decider TEXT,
	decided BIGINT NOT NULL,
	comment TEXT NOT NULL,
	suggestion TEXT NOT NULL,
	revision INTEGER NOT NULL,
	UNIQUE (draft_id, hash, round)
);
CREATE INDEX submissions_queue ON submissions (waiting, queue_at, id);
CREATE TABLE moves (
	submission TEXT NOT NULL REFERENCES submissions (id),
	n INTEGER NOT NULL,
	at BIGINT NOT NULL,
	actor TEXT,
	act TEXT NOT NULL,
	comment TEXT NOT NULL,
	PRIMARY KEY (submission, n)
);
CREATE TABLE people (
	subject TEXT PRIMARY KEY,
	name TEXT NOT NULL
)`},
		{Name: "same words", SQL: `
ALTER TABLE submissions ADD COLUMN words TEXT NOT NULL DEFAULT '';
CREATE INDEX submissions_refused ON submissions (words) WHERE state IN ('returned', 'rejected')`},
		rulebook.Migration(),
	}
}
