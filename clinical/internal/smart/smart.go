// Package smart says which program is asking: registered clients, bearer tokens, and sign-in by SMART
// Backend Services (http://hl7.org/fhir/smart-app-launch/STU2/backend-services.html). It keeps its
// tables in the clinical store, because whoever can change them reads patients' records. May import
// what stands before it in the private chamber, and platform.
//
// It promises: a token is kept as its hash only; a client that was disabled and a token that ended are
// refused by every copy of the program within CacheFor; a signed assertion is taken once; a client gets
// no scope that it was not registered with; whoever holds a token asks from outside, and sees nobody who doesn't share.
package smart

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// CacheFor is how long an answer about a token is believed without asking the store again.
const CacheFor = 3 * time.Second

// TokenFor is how long a token lives that a client got by itself.
const TokenFor = 5 * time.Minute

// Deps is what Open needs. Store, Clock, Log and Base are required.
type Deps struct {
	Store *db.DB // migrated
	Clock clock.Clock
	Log   *slog.Logger
	Base  string       // of the FHIR interface: https://orlena.example/fhir
	Fetch *http.Client // for clients' key sets; nil is one that reaches no address of this machine
}

// Clients are the registered programs and their tokens.
type Clients struct {
	store *db.DB
	clock clock.Clock
	log   *slog.Logger
	base  string
	cache tokens
	keys  keySets
}

// Open returns the registered clients of a store.
func Open(d Deps) (*Clients, error) {
	if d.Store == nil || d.Clock == nil || d.Log == nil || d.Base == "" {
		return nil, errors.New("smart: store, clock, log and base are needed")
	}
	if d.Fetch == nil {
		d.Fetch = guarded()
	}
	return &Clients{store: d.Store, clock: d.Clock, log: d.Log, base: strings.TrimRight(d.Base, "/"),
		keys: keySets{http: d.Fetch, clock: d.Clock}}, nil
}

// Migrations returns the steps of the tables here.
func Migrations() []db.Migration {
	return []db.Migration{{Name: "smart", SQL: schema}}
}

const schema = `CREATE TABLE smart_clients (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, scope TEXT NOT NULL, jwks TEXT NOT NULL,
	jwks_uri TEXT NOT NULL, disabled BOOLEAN NOT NULL, made BIGINT NOT NULL);
CREATE TABLE smart_tokens (hash BYTEA PRIMARY KEY, client TEXT NOT NULL, scope TEXT NOT NULL, patient TEXT NOT NULL, made BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX smart_tokens_expires ON smart_tokens (expires);
CREATE TABLE smart_assertions (client TEXT NOT NULL, jti BYTEA NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (client, jti));
CREATE INDEX smart_assertions_expires ON smart_assertions (expires)`

// errToken is the one answer about every token that is not good.
var errToken = fault.New(fault.Unauthenticated, "This bearer token is unknown, ended or withdrawn.")

// Issue makes a token for a registered client and returns it; it can't be read again. patient is the
// logical id that the token is confined to, "" for none.
func (c *Clients) Issue(ctx context.Context, clientID, scope, patient string, life time.Duration) (string, error) {
	if _, err := scopes(scope, patient); err != nil {
		return "", err
	}
	if life <= 0 {
		return "", fault.New(fault.Invalid, "A token must live for some time.")
	}
	var raw [32]byte
	rand.Read(raw[:])
	token := "mt_" + base64.RawURLEncoding.EncodeToString(raw[:])
	hash := sha256.Sum256([]byte(token))
	now := c.clock.Now()
	return token, c.store.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO smart_tokens (hash, client, scope, patient, made, expires) VALUES ($1, $2, $3, $4, $5, $6)`,
			hash[:], clientID, scope, patient, db.Micros(now), db.Micros(now.Add(life)))
		return err
	})
}

// Verify returns who holds the token, or fault.Unauthenticated.
func (c *Clients) Verify(ctx context.Context, token string) (access.Who, error) {
	if len(token) < 16 || len(token) > 256 {
		return access.Who{}, errToken
	}
	hash, now := sha256.Sum256([]byte(token)), c.clock.Now()
	if who, ok := c.cache.get(hash, now); ok {
		return who, nil
	}
	var who access.Who
	var scope, patient string
	var disabled bool
	var expires int64
	err := c.store.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT c.id, c.name, c.disabled, t.scope, t.patient, t.expires FROM smart_tokens t JOIN smart_clients c ON c.id = t.client
			WHERE t.hash = $1`, hash[:]).Scan(&who.ID, &who.Name, &disabled, &scope, &patient, &expires)
	})
	switch {
	case errors.Is(err, db.ErrNoRows):
		return access.Who{}, errToken
	case err != nil:
		return access.Who{}, err
	case disabled || !now.Before(db.FromMicros(expires)):
		return access.Who{}, errToken
	}
	if who.Scopes, err = scopes(scope, patient); err != nil {
		return access.Who{}, err
	}
	who.Kind, who.Patient, who.Outside = access.System, patient, true
	if patient != "" {
		who.Kind = access.Patient
	}
	c.cache.put(hash, who, now, db.FromMicros(expires))
	return who, nil
}

// Sweep forgets tokens and assertions that ended a day ago.
func (c *Clients) Sweep(ctx context.Context) error {
	before := db.Micros(c.clock.Now().Add(-24 * time.Hour))
	return c.store.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM smart_assertions WHERE expires < $1`, before); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM smart_tokens WHERE expires < $1`, before)
		return err
	})
}

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
