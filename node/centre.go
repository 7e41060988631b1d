package node

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hotline/account"
	"hotline/centre"
	"hotline/configs"
	"hotline/ivr"
	"hotline/number"
	"hotline/store"
	"hotline/tts"
)

// ReadCentre reads the centre that the store keeps.
func ReadCentre(ctx context.Context, db *store.DB) (*configs.Data, error) {
	settings, err := db.Settings(ctx, "")
	if err != nil {
		return nil, err
	}
	var docs []configs.Document
	for _, s := range settings {
		docs = append(docs, configs.Document{Kind: s.Kind, ID: s.ID, Body: s.Body})
	}
	return configs.FromDocuments(docs)
}

// WriteCentre replaces the centre in the store, as one version: what data lacks is deleted. It returns the passwords that were made.
func WriteCentre(ctx context.Context, db *store.DB, realm string, data *configs.Data) ([]configs.Secret, error) {
	people := slices.Clone(data.People)
	secrets, err := centre.NewEditor(db, realm, nil).Replace(ctx, "import", "", data)
	if err != nil {
		return nil, fmt.Errorf("write the centre: %w", err)
	}
	return secrets, writePeople(ctx, db, people)
}

// writePeople makes the accounts of people who are new; those that exist keep their password.
func writePeople(ctx context.Context, db *store.DB, people []configs.Person) error {
	accounts, err := account.New(account.Config{}, db)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	all, err := db.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		known[strings.ToLower(p.Login)] = true
	}
	for _, p := range people {
		if known[strings.ToLower(p.Login)] || p.Password == "" {
			continue
		}
		role := account.Role(p.Role)
		if role == "" {
			role = account.Agent
		}
		who := account.Person{Login: p.Login, Name: cmp.Or(p.Name, p.Login), Role: role}
		if p.Phone != "" {
			who.AgentID = p.Login
		}
		if _, err := accounts.Create(ctx, who, p.Password); err != nil {
			return fmt.Errorf("make the account of %s: %w", p.Login, err)
		}
	}
	return nil
}

// Atlas is the regions of numbers, with the operator's own prefixes of a phone.dat or CSV file; "" for none.
func Atlas(file string) (*number.Atlas, error) {
	atlas := number.NewAtlas()
	if file == "" {
		return atlas, nil
	}
	prefixes, err := readPrefixes(file)
	if err != nil {
		return nil, err
	}
	return atlas.With(prefixes), nil
}

func readPrefixes(file string) (*number.Prefixes, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open the prefix table: %w", err)
	}
	defer f.Close()
	read := number.ReadPhoneDat
	if strings.HasSuffix(strings.ToLower(file), ".csv") {
		read = number.ReadPrefixCSV
	}
	p, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("read the prefix table %s: %w", file, err)
	}
	return p, nil
}

// speaker is the text-to-speech of a node; nil for none.
func speaker(c configs.Node) ivr.Speaker {
	var from ivr.Speaker
	switch {
	case len(c.TTS.Command) > 0:
		from = &tts.Command{Args: c.TTS.Command, Voices: c.TTS.Voices, Timeout: c.TTS.Timeout}
	case c.TTS.URL != "":
		from = &tts.HTTP{URL: c.TTS.URL, Timeout: c.TTS.Timeout}
	default:
		return nil
	}
	voice := strings.Join(c.TTS.Command, " ") + c.TTS.URL + fmt.Sprint(c.TTS.Voices)
	return &tts.Cache{Folder: filepath.Join(c.Data, "speech"), Voice: voice, Speaker: from}
}
