// Package storetest is the contract of everything that keeps things for Hotline: one suite of named behaviours that each
// database must show. It tests no SQL and no files.
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"hotline/account"
	"hotline/callback"
	"hotline/cdr"
	"hotline/floor"
	"hotline/recording"
	"hotline/sip/registrar"
	"hotline/store"
	"hotline/ticket"
)

// Settings keeps documents of the configuration.
type Settings interface {
	Settings(ctx context.Context, kind string) ([]store.Setting, error)
}

// Versions keeps which changes of settings belong together.
type Versions interface {
	PublishSettings(ctx context.Context, v store.SettingVersion, settings ...store.Setting) (store.SettingVersion, []store.Setting, error)
	SettingVersions(ctx context.Context, kind, id string, before int64, limit int) ([]store.SettingVersion, error)
	SettingVersion(ctx context.Context, number int64) (store.SettingVersion, []store.SettingStep, error)
	SettingsAt(ctx context.Context, number int64) ([]store.Setting, error)
}

// Store is everything at once.
type Store interface { //nolint:interfacebloat // the union of what all packages declare for themselves
	cdr.Store
	cdr.AgentLog
	cdr.ContactStore
	ticket.Store
	callback.Store
	floor.Store
	floor.MessageStore
	recording.Store
	account.Store
	registrar.Keeper
	Settings
	Versions
	RecordingBytes(ctx context.Context, since time.Time) (all, recent int64, err error)
	Size(ctx context.Context) (bytes int64, err error)
	OpenTicketsOf(ctx context.Context, caller string, limit int) ([]ticket.Ticket, error)
}

// behaviour is one thing a store must do; it gets an empty store.
type behaviour struct {
	name string
	run  func(t *testing.T, s Store)
}

// Run tests every behaviour on an empty store of its own, which open makes and closes with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for _, group := range [][]behaviour{factBehaviours, recordBehaviours, ticketBehaviours, wordBehaviours, accountBehaviours, trailBehaviours,
		settingBehaviours, versionBehaviours, callbackBehaviours, floorBehaviours, otherBehaviours} {
		for _, b := range group {
			t.Run(b.name, func(t *testing.T) { b.run(t, open(t)) })
		}
	}
}

// noon is when the suite's days begin. It has microseconds and no more: that is what a store must keep.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 123456000, time.UTC)

// must stops the test at an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// value stops the test at an error and returns the value otherwise.
func value[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// wantErr checks what kind of error came.
func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
