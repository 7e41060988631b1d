package store

import (
	"database/sql"
	"strings"
)

// sizes are how many rows one execution of a bulk takes, the most first. There are few, for the driver to keep them compiled.
var sizes = [...]int{16, 4, 1}

// bulk is a statement for any number of rows: what SQL costs is more by execution than by row.
type bulk struct {
	width int // arguments of a row
	sql   [len(sizes)]string
}

// newBulk is a statement with its rows, written (?, ?), between head and tail.
func newBulk(head string, width int, tail string) bulk {
	b := bulk{width: width}
	row := "(" + strings.Repeat("?, ", width-1) + "?)"
	for i, n := range sizes {
		b.sql[i] = head + strings.Repeat(row+", ", n-1) + row + tail
	}
	return b
}

// run executes the statement until all rows are done; args are those of one row after the other. did hears what each execution did to how
// many rows; nil: nobody asks. It runs without a context, as appender does.
func (b bulk) run(tx *sql.Tx, args []any, did func(rows int, res sql.Result) error) error {
	for i, n := range sizes {
		for len(args) >= n*b.width {
			res, err := tx.Exec(b.sql[i], args[:n*b.width]...) //nolint:noctx // see appender
			if err != nil {
				return err
			}
			args = args[n*b.width:]
			if did == nil {
				continue
			}
			if err := did(n, res); err != nil {
				return err
			}
		}
	}
	return nil
}
