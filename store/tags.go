//go:build !sqlite_fts5

package store

// Without full-text search in SQLite the tables cannot be made: build with make, or with the GOFLAGS at its head.
var _ = build_with_make_or_with_the_tags_in_the_Makefile
