package triage

import "github.com/mitral-health/mitral/platform/db"

// Migrations returns the steps of the tables here.
//
// triage_patient has a row for each patient on the list: its lock is what makes two transactions about one
// patient take turns. triage_line is the list as somebody sees it, in its order: view is "" for everybody's or a
// Practitioner's reference. triage_state is what rules remember; triage_alert an index of DetectedIssues, with
// the text of those that are open.
func Migrations() []db.Migration {
	return []db.Migration{{Name: "triage", SQL: `
CREATE TABLE triage_patient (
	patient TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	sort TEXT NOT NULL,
	born TEXT NOT NULL,
	followed BOOLEAN NOT NULL,
	paused BOOLEAN NOT NULL,
	since BIGINT NOT NULL,
	responsible TEXT NOT NULL,
	deputy TEXT NOT NULL,
	team TEXT NOT NULL,
	basic TEXT NOT NULL,
	stamp TEXT NOT NULL,
	open BIGINT NOT NULL,
	rank BIGINT NOT NULL,
	waits BIGINT NOT NULL,
	views TEXT NOT NULL,
	head TEXT NOT NULL,
	messages BIGINT NOT NULL,
	message_kind TEXT NOT NULL,
	message_ref TEXT NOT NULL,
	message_rank BIGINT NOT NULL,
	message_since BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	last_measure TEXT NOT NULL,
	last_has BIGINT NOT NULL,
	last_first BIGINT NOT NULL,
	last_second BIGINT NOT NULL,
	changed BIGINT NOT NULL
);
CREATE INDEX triage_patient_changed ON triage_patient (changed);
CREATE INDEX triage_patient_responsible ON triage_patient (responsible);
CREATE TABLE triage_set (
	patient TEXT PRIMARY KEY,
	stamp TEXT NOT NULL,
	body TEXT NOT NULL
);
CREATE TABLE triage_line (
	view TEXT NOT NULL,
	rank BIGINT NOT NULL,
	waits BIGINT NOT NULL,
	sort TEXT NOT NULL,
	patient TEXT NOT NULL,
	PRIMARY KEY (view, rank, waits, sort, patient)
){ WITHOUT ROWID|};
CREATE INDEX triage_line_patient ON triage_line (patient);
CREATE TABLE triage_state (
	patient TEXT NOT NULL,
	measure TEXT NOT NULL,
	state BYTEA NOT NULL,
	due BIGINT NOT NULL,
	PRIMARY KEY (patient, measure)
){ WITHOUT ROWID|};
CREATE INDEX triage_state_due ON triage_state (due) WHERE due > 0;
CREATE TABLE triage_alert (
	id TEXT PRIMARY KEY,
	patient TEXT NOT NULL,
	rule TEXT NOT NULL,
	open BOOLEAN NOT NULL,
	status TEXT NOT NULL,
	rank BIGINT NOT NULL,
	raised BIGINT NOT NULL,
	quiet BOOLEAN NOT NULL,
	responsible TEXT NOT NULL,
	waits BIGINT NOT NULL,
	owner TEXT NOT NULL,
	deputy TEXT NOT NULL,
	repeats BIGINT NOT NULL,
	over BIGINT NOT NULL,
	decided BIGINT NOT NULL,
	decider TEXT NOT NULL,
	acted BOOLEAN NOT NULL,
	due BIGINT NOT NULL,
	body TEXT NOT NULL
);
CREATE UNIQUE INDEX triage_alert_open ON triage_alert (patient, rule) WHERE open;
CREATE INDEX triage_alert_due ON triage_alert (due) WHERE due > 0;
CREATE INDEX triage_alert_patient ON triage_alert (patient, raised);
CREATE INDEX triage_alert_owner ON triage_alert (owner) WHERE open;
CREATE INDEX triage_alert_decider ON triage_alert (decider, decided) WHERE decided > 0;
CREATE INDEX triage_alert_responsible ON triage_alert (responsible, raised);
CREATE TABLE triage_waiting (
	patient TEXT NOT NULL,
	kind TEXT NOT NULL,
	ref TEXT NOT NULL,
	rank BIGINT NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (patient, kind, ref)
){ WITHOUT ROWID|};
CREATE TABLE triage_away (
	practitioner TEXT PRIMARY KEY,
	stand_in TEXT NOT NULL,
	until BIGINT NOT NULL
);
CREATE INDEX triage_away_stand_in ON triage_away (stand_in)
`}}
}

// DecidedMigrations returns the step of an index that came after the others.
func DecidedMigrations() []db.Migration {
	return []db.Migration{{Name: "triage decided", SQL: `CREATE INDEX triage_alert_decided ON triage_alert (patient, decided) WHERE decided > 0`}}
}
