package drafts

// Schema makes the table of drafts.
const Schema = `
CREATE TABLE draft (
	id        TEXT PRIMARY KEY,
	author    TEXT NOT NULL,
	state     TEXT NOT NULL,
	shelf     TEXT NOT NULL,
	rev       INTEGER NOT NULL,
	attested  BOOLEAN NOT NULL,
	hash      BYTEA NOT NULL,
	comment   TEXT NOT NULL,
	decider   TEXT NOT NULL,
	deadline  BIGINT NOT NULL,
	plan_wall TEXT NOT NULL,
	plan_zone TEXT NOT NULL,
	plan_at   BIGINT NOT NULL,
	post      TEXT REFERENCES post (id),
	created   BIGINT NOT NULL,
	updated   BIGINT NOT NULL,
	published BIGINT NOT NULL,
	content   TEXT NOT NULL
);
CREATE INDEX draft_team ON draft (shelf, updated DESC, id DESC);
CREATE INDEX draft_mine ON draft (author, shelf, updated DESC, id DESC);
CREATE INDEX draft_plan ON draft (plan_at, id) WHERE plan_at > 0;
CREATE INDEX draft_published ON draft (published, id) WHERE published > 0;
CREATE INDEX draft_post ON draft (post) WHERE post IS NOT NULL;
`
