package configs

import (
	"bytes"
	"fmt"
	"net/url"
	"os"

	"hotline/internal/yamldoc"
)

// Button is the call button on customers' pages; without a number there is none.
type Button struct {
	Number  string   `yaml:"number"`
	Origins []string `yaml:"origins"`
	Key     string   `yaml:"key"`  // file, relative to hotline.yml; "": that of ButtonKey
	Most    int      `yaml:"most"` // visitors at once
	Rate    int      `yaml:"rate"` // calls a minute from one address
}

// ButtonKey is the variable of the environment that holds the key of customers' ids where no file is named.
const ButtonKey = "HOTLINE_BUTTON_KEY"

const shortestKey = 16 // octets

// Secret is the key that customers' ids are signed with; nil: there is none. The error is for a file that cannot be read and for a key
// that could be guessed.
func (b Button) Secret() ([]byte, error) {
	key := []byte(os.Getenv(ButtonKey))
	if b.Key != "" {
		var err error
		if key, err = os.ReadFile(b.Key); err != nil {
			return nil, fmt.Errorf("read button.key: %w", err)
		}
	}
	key = bytes.TrimSpace(key)
	if n := len(key); n > 0 && n < shortestKey {
		return nil, fmt.Errorf("the key of the call button has %d characters: give it %d or more, as from `openssl rand -hex 32`", n, shortestKey)
	}
	if len(key) == 0 {
		return nil, nil
	}
	return key, nil
}

func (b Button) check(doc *yamldoc.Doc, sound bool) {
	if b.Number != "" && !sound {
		doc.At("button.number", "a call button needs softphone.udp")
	}
	for i, origin := range b.Origins {
		at, err := url.Parse(origin)
		if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" || at.Path != "" || at.RawQuery != "" {
			doc.At(fmt.Sprintf("button.origins[%d]", i), "%q is no origin; write it as in https://www.example.com", origin)
		}
	}
	positive(doc, "button.most", b.Most)
	positive(doc, "button.rate", b.Rate)
}
