package posts

// Schema makes the tables of posts. The wide columns stand last, so that reading the narrow ones of
// a row never touches the pages that hold the text.
//
// shown_en and shown_es say in which language's lists a post stands: true only for the root of what
// is public, in its own language, and in the other as long as no translation exists. Withdrawing
// sets both to false, which takes the row out of every partial index at once. The conditions
// "published_at > 0" and "parts > 0" are always true: each stands in one index and in the one query
// that is meant for it, so that no planner can walk another list's index and filter.
//
// stamp is the revision at which what readers see of the row last changed. Together with it the
// lists' indexes hold all that Page reads, the columns of their conditions included.
const Schema = `
CREATE TABLE post (
	id           TEXT PRIMARY KEY,
	profile      TEXT NOT NULL REFERENCES profile (id),
	kind         TEXT NOT NULL,
	lang         TEXT NOT NULL,
	shown_en     BOOLEAN NOT NULL,
	shown_es     BOOLEAN NOT NULL,
	published_at BIGINT NOT NULL,
	edited_at    BIGINT NOT NULL,
	withdrawn_at BIGINT NOT NULL,
	withdrawn_why TEXT NOT NULL,
	minutes      INTEGER NOT NULL,
	parts        INTEGER NOT NULL,
	version      INTEGER NOT NULL,
	stamp        BIGINT NOT NULL,
	root         TEXT NOT NULL,
	head         TEXT NOT NULL,
	position     INTEGER NOT NULL,
	original     TEXT NOT NULL,
	title        TEXT NOT NULL,
	topics       TEXT NOT NULL,
	excerpt      TEXT NOT NULL,
	images       TEXT NOT NULL,
	card         TEXT NOT NULL,
	html         TEXT NOT NULL,
	body         TEXT NOT NULL
);
CREATE INDEX post_home_en ON post (published_at DESC, id DESC, stamp, shown_en) WHERE shown_en AND published_at > 0;
CREATE INDEX post_home_es ON post (published_at DESC, id DESC, stamp, shown_es) WHERE shown_es AND published_at > 0;
CREATE INDEX post_profile_en ON post (profile, published_at DESC, id DESC, stamp, shown_en, parts) WHERE shown_en AND parts > 0;
CREATE INDEX post_profile_es ON post (profile, published_at DESC, id DESC, stamp, shown_es, parts) WHERE shown_es AND parts > 0;
CREATE INDEX post_articles_en ON post (profile, published_at DESC, id DESC) WHERE shown_en AND kind = 'article';
CREATE INDEX post_articles_es ON post (profile, published_at DESC, id DESC) WHERE shown_es AND kind = 'article';
CREATE INDEX post_thread ON post (root, position);
CREATE INDEX post_original ON post (original, id);
CREATE TABLE post_topic (
	post         TEXT NOT NULL REFERENCES post (id),
	topic        TEXT NOT NULL REFERENCES topic (slug),
	shown_en     BOOLEAN NOT NULL,
	shown_es     BOOLEAN NOT NULL,
	published_at BIGINT NOT NULL,
	PRIMARY KEY (post, topic)
);
CREATE INDEX post_topic_en ON post_topic (topic, published_at DESC, post DESC) WHERE shown_en;
CREATE INDEX post_topic_es ON post_topic (topic, published_at DESC, post DESC) WHERE shown_es;
CREATE TABLE post_version (
	post        TEXT NOT NULL REFERENCES post (id),
	n           INTEGER NOT NULL,
	draft       TEXT NOT NULL,
	hash        TEXT NOT NULL,
	submission  TEXT NOT NULL,
	author      TEXT NOT NULL,
	at          BIGINT NOT NULL,
	title       TEXT NOT NULL,
	body        TEXT NOT NULL,
	content     TEXT NOT NULL,
	PRIMARY KEY (post, n),
	UNIQUE (draft, hash)
);
`
