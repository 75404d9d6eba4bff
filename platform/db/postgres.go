package db

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mitral-health/mitral/platform/fault"
)

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

func openPostgres(ctx context.Context, name, dsn string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("store %s: the database URL can't be read", name) // the cause may hold a password
	}
	params := cfg.ConnConfig.RuntimeParams
	if params["search_path"] == "" {
		params["search_path"] = name
	}
	schema := params["search_path"]
	if !schemaName.MatchString(schema) {
		return nil, fmt.Errorf("store %s: search_path must be one schema", name)
	}
	params["timezone"] = "UTC"
	params["application_name"] = "mitral-" + name
	if !strings.Contains(dsn, "pool_max_conns") {
		cfg.MaxConns = max(cfg.MaxConns, 10) // one of them listens for jobs
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", name, err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("store %s: %w", name, err)
	}
	return &DB{name: name, pool: pool, schema: schema}, nil
}

// Stores are the names of the four stores.
func Stores() []string { return []string{"identity", "social", "clinical", "gate"} }

// SetupPostgres prepares a database: for each store a role of its own, named DATABASE_STORE, with a
// random password, that owns the schema of the store's name and can reach nothing else. It returns
// each store's URL, which holds the password: it is shown nowhere else. adminURL names a role that
// may create databases and roles; the database is created when absent. Run again, it gives the roles
// new passwords.
func SetupPostgres(ctx context.Context, adminURL, database string) (map[string]string, error) {
	if !schemaName.MatchString(database) || len(database) > 40 {
		return nil, fault.New(fault.Invalid, "A database name has up to 40 small letters, digits and underscores.")
	}
	u, err := url.Parse(adminURL)
	if err != nil {
		return nil, errors.New("the administrator's database URL can't be read")
	}
	admin, err := pgx.Connect(ctx, adminURL)
	if err != nil {
		return nil, err
	}
	defer admin.Close(ctx)
	var there bool
	if err := admin.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, database).Scan(&there); err != nil {
		return nil, err
	}
	if !there {
		// Text is compared byte by byte, as SQLite does it.
		if _, err := admin.Exec(ctx, `CREATE DATABASE `+database+` TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`); err != nil {
			return nil, err
		}
	}
	u.Path = "/" + database
	inside, err := pgx.Connect(ctx, u.String())
	if err != nil {
		return nil, err
	}
	defer inside.Close(ctx)
	urls := map[string]string{}
	err = pgx.BeginFunc(ctx, inside, func(tx pgx.Tx) error {
		if err := closeToPublic(ctx, tx, database); err != nil {
			return err
		}
		for _, store := range Stores() {
			role, password := database+"_"+store, rand.Text()
			if err := setupRole(ctx, tx, database, store, role, password); err != nil {
				return fmt.Errorf("store %s: %w", store, err)
			}
			of := *u
			of.User = url.UserPassword(role, password)
			urls[store] = of.String()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return urls, nil
}

func closeToPublic(ctx context.Context, tx pgx.Tx, database string) error {
	return execAll(ctx, tx,
		`REVOKE ALL ON DATABASE `+database+` FROM PUBLIC`,
		`REVOKE ALL ON SCHEMA public FROM PUBLIC`)
}

// setupRole creates or repairs one store's role and schema. All names are ours and match schemaName.
func setupRole(ctx context.Context, tx pgx.Tx, database, store, role, password string) error {
	var there, member bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)`, role).Scan(&there); err != nil {
		return err
	}
	verb := "CREATE"
	if there {
		verb = "ALTER"
	}
	attributes := ` LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD '` + password + `'`
	if err := execAll(ctx, tx, verb+` ROLE `+role+attributes); err != nil {
		return err
	}
	// Who is no superuser must be a member of the role to give it a schema, and must not stay one.
	if err := tx.QueryRow(ctx, `SELECT pg_has_role(current_user, $1, 'MEMBER')`, role).Scan(&member); err != nil {
		return err
	}
	if !member {
		if err := execAll(ctx, tx, `GRANT `+role+` TO CURRENT_USER`); err != nil {
			return err
		}
	}
	if err := execAll(ctx, tx,
		`GRANT CONNECT ON DATABASE `+database+` TO `+role,
		`CREATE SCHEMA IF NOT EXISTS `+store+` AUTHORIZATION `+role,
		`ALTER SCHEMA `+store+` OWNER TO `+role,
		`REVOKE ALL ON SCHEMA `+store+` FROM PUBLIC`,
		`ALTER ROLE `+role+` IN DATABASE `+database+` SET search_path = `+store); err != nil {
		return err
	}
	if !member {
		return execAll(ctx, tx, `REVOKE `+role+` FROM CURRENT_USER`)
	}
	return nil
}

func execAll(ctx context.Context, tx pgx.Tx, statements ...string) error {
	for _, s := range statements {
		if _, err := tx.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
