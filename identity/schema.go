package identity

import (
	"github.com/mitral-health/mitral/audit"
	"github.com/mitral-health/mitral/platform/db"
)

// trail is identity's own audit trail: accounts, roles, policy and the security of signing in. Its
// actors and objects are account ids, which no other chamber knows.
var trail = audit.New("identity")

// Migrations lists the steps of the identity store.
func Migrations() []db.Migration {
	return []db.Migration{trail.Migration(), {Name: "accounts", SQL: schema}}
}

const schema = `
CREATE TABLE accounts (
	id TEXT PRIMARY KEY,
	login TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	roles TEXT NOT NULL,
	lang TEXT NOT NULL,
	time_zone TEXT NOT NULL,
	suspended BOOLEAN NOT NULL,
	password TEXT NOT NULL,
	totp BYTEA,
	totp_step BIGINT NOT NULL,
	handle BYTEA NOT NULL UNIQUE,
	epoch BIGINT NOT NULL,
	accepted INTEGER NOT NULL,
	issuer TEXT,
	issuer_sub TEXT,
	social TEXT NOT NULL UNIQUE,
	clinical TEXT NOT NULL UNIQUE,
	gate TEXT NOT NULL UNIQUE,
	created_at BIGINT NOT NULL,
	UNIQUE (issuer, issuer_sub)
);
CREATE TABLE sessions (
	hash BYTEA PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	account TEXT NOT NULL REFERENCES accounts (id),
	device TEXT NOT NULL,
	network TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	fresh_at BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account, seen_at);
CREATE INDEX sessions_created ON sessions (created_at);
CREATE TABLE ceremonies (
	hash BYTEA PRIMARY KEY,
	kind TEXT NOT NULL,
	account TEXT NOT NULL,
	data TEXT NOT NULL,
	tries INTEGER NOT NULL,
	expires_at BIGINT NOT NULL
);
CREATE INDEX ceremonies_expiry ON ceremonies (expires_at);
CREATE TABLE throttle (
	key BYTEA PRIMARY KEY,
	full_at BIGINT NOT NULL
);
CREATE INDEX throttle_full ON throttle (full_at);
CREATE TABLE passkeys (
	id BYTEA PRIMARY KEY,
	account TEXT NOT NULL REFERENCES accounts (id),
	name TEXT NOT NULL,
	credential TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL
);
CREATE INDEX passkeys_account ON passkeys (account);
CREATE TABLE recovery_codes (
	account TEXT NOT NULL REFERENCES accounts (id),
	hash BYTEA NOT NULL,
	used_at BIGINT NOT NULL,
	PRIMARY KEY (account, hash)
);
CREATE TABLE invitations (
	id TEXT PRIMARY KEY,
	hash BYTEA NOT NULL UNIQUE,
	login TEXT NOT NULL,
	roles TEXT NOT NULL,
	lang TEXT NOT NULL,
	invited_by TEXT NOT NULL,
	generation INTEGER NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	closed_at BIGINT NOT NULL
);
CREATE INDEX invitations_open ON invitations (closed_at, created_at);
CREATE INDEX invitations_login ON invitations (login);
CREATE TABLE resets (
	id TEXT PRIMARY KEY,
	hash BYTEA NOT NULL UNIQUE,
	login TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL
);
CREATE INDEX resets_created ON resets (created_at);
CREATE TABLE policies (
	version INTEGER PRIMARY KEY,
	summary_en TEXT NOT NULL,
	summary_es TEXT NOT NULL,
	text_en TEXT NOT NULL,
	text_es TEXT NOT NULL,
	published_by TEXT NOT NULL,
	published_at BIGINT NOT NULL
);
CREATE TABLE acceptances (
	account TEXT NOT NULL REFERENCES accounts (id),
	version INTEGER NOT NULL REFERENCES policies (version),
	at BIGINT NOT NULL,
	PRIMARY KEY (account, version)
)`
