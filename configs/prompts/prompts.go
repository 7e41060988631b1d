// Package prompts holds the prompt set that comes with Hotline: recorded sentences in Mandarin and English, tones and hold music.
//
// It is not a player and decodes nothing: it hands out WAV files (8 kHz, mono, 16 bit) by language and name.
package prompts

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
)

// Files are the WAV files: zh/NAME.wav, en/NAME.wav, and any/NAME.wav for sounds without words.
//
//go:embed zh/*.wav en/*.wav any/*.wav prompts.yml
var Files embed.FS

// Read is the WAV file of a prompt in a language, or the sound of that name where the language has none. The error wraps
// fs.ErrNotExist when there is neither.
func Read(files fs.FS, language, name string) ([]byte, error) {
	wav, err := fs.ReadFile(files, path.Join(language, name+".wav"))
	if err == nil {
		return wav, nil
	}
	if wav, err = fs.ReadFile(files, path.Join("any", name+".wav")); err != nil {
		return nil, fmt.Errorf("read prompt %q in %q: %w", name, language, err)
	}
	return wav, nil
}

// Names are the prompts that a language has, the sounds without words included: what ivr.Library.Prompts wants.
func Names(files fs.FS, language string) map[string]bool {
	names := map[string]bool{}
	for _, folder := range []string{language, "any"} {
		entries, _ := fs.ReadDir(files, folder) // a folder that is not there has no prompts
		for _, e := range entries {
			if name, wav := strings.CutSuffix(e.Name(), ".wav"); wav {
				names[name] = true
			}
		}
	}
	return names
}

// Texts are what the shipped prompts say, by LANGUAGE/NAME.
func Texts() (map[string]string, error) {
	src, err := Files.ReadFile("prompts.yml")
	if err != nil {
		return nil, fmt.Errorf("read the texts of the prompts: %w", err)
	}
	var doc struct {
		Speech map[string]map[string]string `yaml:"speech"`
	}
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return nil, fmt.Errorf("read the texts of the prompts: %w", err)
	}
	texts := map[string]string{}
	for name, said := range doc.Speech {
		for language, text := range said {
			texts[language+"/"+name] = text
		}
	}
	return texts, nil
}
