package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/sqlite/*.sql
var migrations embed.FS

// migrate brings the tables up to date, or refuses those of a newer version.
func migrate(ctx context.Context, db *sql.DB) error {
	steps, err := provider(db)
	if err != nil {
		return err
	}
	if err := notNewer(ctx, steps); err != nil {
		return err
	}
	if _, err := steps.Up(ctx); err != nil {
		return fault("bring the tables up to date", err)
	}
	return nil
}

func provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fault("read the migrations", err)
	}
	return p, nil
}

// notNewer refuses tables that this program does not know.
func notNewer(ctx context.Context, steps *goose.Provider) error {
	is, known, err := steps.GetVersions(ctx)
	if err != nil {
		return fault("read the version of the tables", err)
	}
	if is > known {
		return fmt.Errorf("tables have version %d, this program knows %d: %w", is, known, ErrTooNew)
	}
	return nil
}
