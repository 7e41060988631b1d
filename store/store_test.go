package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"hotline/store"
	"hotline/store/storetest"
)

// fresh opens an empty database that is closed with the test.
func fresh(t testing.TB) (*store.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hot line?#%41.db") // a name that a URL would misread
	return reopen(t, path), path
}

func reopen(t testing.TB, path string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestContractOnSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		db, _ := fresh(t)
		return db
	})
}
