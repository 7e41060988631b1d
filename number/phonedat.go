package number

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// entrySize is the size of an index entry of phone.dat: prefix and offset of four bytes each, little endian, and the card type.
const entrySize = 9

// ReadPhoneDat reads a phone.dat: four bytes of version, four of index offset, records "省|市|邮编|区号" each ended by a zero byte,
// and an index of nine bytes an entry. The card type is not kept: numbers move between carriers and the table does not follow.
// Entries whose record names no Chinese province, or whose prefix is no mobile one, are skipped and counted; a broken file is an
// error that names the entry. Files above 64 MiB are refused.
func ReadPhoneDat(r io.Reader) (*Prefixes, error) { return readPhoneDat(r, maxImport) }

func readPhoneDat(r io.Reader, limit int64) (*Prefixes, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("larger than %d bytes", limit)
	}
	if err != nil {
		return nil, fmt.Errorf("read phone.dat: %w", err)
	}
	index, err := datIndex(data)
	if err != nil {
		return nil, fmt.Errorf("read phone.dat: %w", err)
	}
	b := newTable()
	b.table.version = strings.Trim(strings.ToValidUTF8(string(data[:4]), ""), "\x00 ")
	records := map[uint32]place{}
	for i := 0; i < len(index); i += entrySize {
		if err := b.addEntry(data, index[i:i+entrySize], records); err != nil {
			return nil, fmt.Errorf("read phone.dat: entry %d: %w", i/entrySize+1, err)
		}
	}
	return b.table, nil
}

// datIndex checks the header and returns the index.
func datIndex(data []byte) ([]byte, error) {
	if len(data) < 8 {
		return nil, errors.New("shorter than its header of 8 bytes")
	}
	at := binary.LittleEndian.Uint32(data[4:8])
	if at < 8 || uint64(at) > uint64(len(data)) {
		return nil, fmt.Errorf("index offset %d lies outside the file of %d bytes", at, len(data))
	}
	index := data[at:]
	switch {
	case len(index)%entrySize != 0:
		return nil, fmt.Errorf("index of %d bytes is no multiple of %d: the file is cut off", len(index), entrySize)
	case len(index)/entrySize > maxRows:
		return nil, fmt.Errorf("more than %d entries", maxRows)
	}
	return index, nil
}

// addEntry adds one index entry. records keeps the records already read, by offset; an unusable one as the zero place.
func (b *tableBuilder) addEntry(data, entry []byte, records map[uint32]place) error {
	prefix := binary.LittleEndian.Uint32(entry[:4])
	offset := binary.LittleEndian.Uint32(entry[4:8])
	at, seen := records[offset]
	if !seen {
		var err error
		if at, err = datRecord(data, offset); err != nil {
			return err
		}
		records[offset] = at
	}
	if prefix < firstPrefix || prefix > lastPrefix || at.province == "" {
		b.table.skipped++
		return nil
	}
	return b.add(int(prefix), at)
}

// datRecord reads the record at an offset.
func datRecord(data []byte, offset uint32) (place, error) {
	end := binary.LittleEndian.Uint32(data[4:8])
	if offset < 8 || offset >= end {
		return place{}, fmt.Errorf("record offset %d lies outside the records (8 to %d)", offset, end)
	}
	record := data[offset:end]
	stop := bytes.IndexByte(record, 0)
	if stop < 0 || stop > 256 {
		return place{}, fmt.Errorf("record at %d is not ended within 256 bytes", offset)
	}
	record = record[:stop]
	fields := strings.Split(string(record), "|")
	if len(fields) < 2 || !utf8.Valid(record) {
		return place{}, fmt.Errorf("record at %d is not 省|市|邮编|区号 in UTF-8", offset)
	}
	province, _, ok := cutProvince(fields[0])
	if !ok {
		return place{}, nil
	}
	code := ""
	if len(fields) > 3 {
		code, _ = readAreaCode(fields[3]) // a record without one is still a city
	}
	return newPlace(province, fields[1], code), nil
}

// readAreaCode reads an area code with or without its 0 and gives it with it. "" is fine and stays "".
func readAreaCode(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	code := strings.TrimPrefix(s, "0")
	if !isDigits(code, 2, 3) || code[0] == '0' || areaCode(code+"00") != code {
		return "", fmt.Errorf("%q is no area code", s)
	}
	return "0" + code, nil
}
