package store

import (
	"path/filepath"
	"strings"
	"testing"
)

// Every order of a list of a million lines is read from an index, calls by their wait or talk by sorting what of it is of the time that
// is asked for.
func TestSortedListsHaveIndices(t *testing.T) {
	d, err := Open(t.Context(), filepath.Join(t.TempDir(), "hotline.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	lists := map[string]map[string]string{}
	for list, keys := range map[string]map[string]string{"records": recordKeys, "tickets": ticketKeys, "trail": trailKeys} {
		lists[list] = map[string]string{}
		for word := range keys {
			for _, sort := range []string{word, "-" + word} {
				switch list {
				case "records":
					lists[list][sort] = selectRecords(orderOf(sort, keys, "started", "call"))
				case "tickets":
					lists[list][sort] = selectTickets(orderOf(sort, keys, "row"))
				case "trail":
					lists[list][sort] = selectTrail(orderOf(sort, keys, "number"), false)
				}
			}
		}
	}
	for list, statements := range lists {
		for sort, statement := range statements {
			plan, err := query(t.Context(), d.read, "explain", func(row scanner) (line string, err error) {
				var id, parent, unused int
				return line, row.Scan(&id, &parent, &unused, &line)
			}, "EXPLAIN QUERY PLAN "+statement, make([]any, map[string]int{"records": 16, "tickets": 15, "trail": 15}[list])...)
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(plan, "; ")
			reads := map[string]string{"records": "SEARCH records USING COVERING INDEX ", "tickets": "SEARCH tickets USING ", "trail": "SEARCH trail USING "}[list]
			sorts := list == "records" && strings.TrimPrefix(sort, "-") != "started"
			if !strings.Contains(all, reads) || strings.Contains(all, "SCAN records") || strings.Contains(all, "TEMP B-TREE") != sorts {
				t.Errorf("%s by %s: %s", list, sort, all)
			}
			t.Logf("%s by %s: %s", list, sort, all)
		}
	}
}
