package configs

import (
	"fmt"
	"os"
	"strings"
)

// Check reads a hotline.yml with the data file it names, or a data file with its flows, whichever the file is. The error
// lists all mistakes with their lines; warnings are what works, but probably not as meant.
func Check(file string) (warnings []string, err error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	if isNode(string(src)) {
		n, err := ParseNode(file, src)
		if err != nil || n.Seed == "" {
			return nil, err
		}
		file = n.Seed
	}
	d, err := ReadData(file)
	if d != nil {
		warnings = d.Warnings
	}
	return warnings, err
}

// isNode tells a hotline.yml from a data file by the first key that only one of them has. "numbers" is in both: a list of
// a centre, a section of a node.
func isNode(src string) bool {
	for line := range strings.SplitSeq(src, "\n") {
		key, rest, _ := strings.Cut(line, ":")
		switch key {
		case "trunks", "routes", "queues", "people", "phones", "calendars", "callers", "outside", "codes", "flows":
			return false
		case "data", "seed", "log", "sip", "media", "recording", "http", "calls", "tickets", "lookups", "tts":
			return true
		case "numbers":
			if strings.HasPrefix(strings.TrimSpace(rest), "[") {
				return false
			}
		}
	}
	return !strings.Contains(src, "number:")
}
