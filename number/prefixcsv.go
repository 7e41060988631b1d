package number

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxMistakes is the number of lines ReadPrefixCSV complains about before it gives up.
const maxMistakes = 20

// ReadPrefixCSV reads lines of prefix, province, city and area code, such as "1380013,北京,北京,010". City and area code may be empty
// or missing, further columns are ignored, a heading line and a byte order mark are allowed, and names may be written in full. All
// mistakes, up to twenty, come back joined, each with its line; then the table is nil. Files above 64 MiB are refused.
func ReadPrefixCSV(r io.Reader) (*Prefixes, error) { return readPrefixCSV(r, maxImport) }

func readPrefixCSV(r io.Reader, limit int64) (*Prefixes, error) {
	limited := &io.LimitedReader{R: r, N: limit + 1}
	in := csv.NewReader(limited)
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	in.ReuseRecord = true
	b := newTable()
	var mistakes []error
	for first := true; len(mistakes) < maxMistakes; first = false {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // csv's own errors carry the line; after one the rest cannot be trusted
			mistakes = append(mistakes, err)
			break
		}
		line, _ := in.FieldPos(0)
		if first && isHeading(row) {
			continue
		}
		if err := b.addRow(row); err != nil {
			mistakes = append(mistakes, fmt.Errorf("line %d: %w", line, err))
		}
	}
	if limited.N <= 0 {
		mistakes = append(mistakes, fmt.Errorf("larger than %d bytes", limit))
	}
	if len(mistakes) > 0 {
		return nil, fmt.Errorf("read prefix table: %w", errors.Join(mistakes...))
	}
	return b.table, nil
}

// isHeading says whether a first row names columns: it has no digit in its first field.
func isHeading(row []string) bool {
	return !strings.ContainsAny(row[0], "0123456789")
}

// addRow adds one line of a CSV table.
func (b *tableBuilder) addRow(row []string) error {
	if len(row) < 2 {
		return errors.New("fewer than two columns; prefix, province, city, area code are expected")
	}
	for _, field := range row[:min(4, len(row))] {
		if !utf8.ValidString(field) || len(field) > 256 {
			return errors.New("not UTF-8, or longer than a name can be; save the file as UTF-8")
		}
	}
	text := strings.TrimSpace(strings.TrimPrefix(row[0], "\ufeff"))
	prefix, err := strconv.Atoi(text)
	if err != nil || !isPrefix(prefix) || len(text) != 7 {
		return fmt.Errorf("%q is no mobile prefix of seven digits", text)
	}
	province, rest, ok := cutProvince(strings.TrimSpace(row[1]))
	if !ok || rest != "" {
		return fmt.Errorf("%q is no province", row[1])
	}
	city, code := "", ""
	if len(row) > 2 {
		city = row[2]
	}
	if len(row) > 3 {
		if code, err = readAreaCode(row[3]); err != nil {
			return err
		}
	}
	return b.add(prefix, newPlace(province, city, code))
}
