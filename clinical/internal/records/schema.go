package records

import "github.com/mitral-health/mitral/platform/db"

// Migrations returns the tables of records.
//
// version holds every version's text, the current one included; resource says which is current and
// what it is found by; idx is the index of the current ones. A deleted resource keeps the terms of
// its last version, which say whose it was, and has no rows in idx. seq and res are numbers made by
// the program, in the order of time (numbers.go).
//
// guard has one row per bucket, locked by those who create only if there is none yet.
func Migrations() []db.Migration {
	return []db.Migration{{Name: "records", SQL: `
CREATE TABLE resource (
	res {INTEGER|BIGINT} PRIMARY KEY,
	type TEXT NOT NULL,
	id TEXT NOT NULL,
	version BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	updated BIGINT NOT NULL,
	deleted BOOLEAN NOT NULL,
	terms BYTEA NOT NULL
);
CREATE UNIQUE INDEX resource_id ON resource (type, id);
CREATE TABLE version (
	seq {INTEGER|BIGINT} PRIMARY KEY,
	res BIGINT NOT NULL,
	type TEXT NOT NULL,
	id TEXT NOT NULL,
	version BIGINT NOT NULL,
	at BIGINT NOT NULL,
	method TEXT NOT NULL,
	body TEXT NOT NULL
);
CREATE UNIQUE INDEX version_res ON version (res, version);
CREATE INDEX version_type ON version (type, seq);
CREATE TABLE idx (
	key BYTEA NOT NULL,
	res BIGINT NOT NULL,
	PRIMARY KEY (key, res)
){ WITHOUT ROWID|};
CREATE TABLE guard (
	bucket {INTEGER|BIGINT} PRIMARY KEY
);
CREATE TABLE seal (
	last {INTEGER|BIGINT} PRIMARY KEY,
	entries BIGINT NOT NULL,
	at BIGINT NOT NULL,
	prev BYTEA NOT NULL,
	hash BYTEA NOT NULL
);
`}}
}
