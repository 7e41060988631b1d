package tts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"hotline/ivr"
	"hotline/media/wav"
)

// Cache remembers what a speaker said in a folder, one WAV a text, named by its hash: no text of a caller is in a file name.
type Cache struct {
	Folder  string      // made when it is missing
	Voice   string      // part of the hash: another voice or speed says everything anew
	Speaker ivr.Speaker // asked for what is not in the folder
}

// Speak reads the sound of a text, or asks the speaker and keeps the answer. A folder that cannot be written only costs time:
// the error is the speaker's. A damaged file is made again.
func (c *Cache) Speak(ctx context.Context, language, text string) ([]int16, error) {
	name := filepath.Join(c.Folder, c.key(language, text)+".wav")
	if file, err := os.ReadFile(name); err == nil {
		if pcm, err := sound(file); err == nil {
			return pcm, nil
		}
	}
	pcm, err := c.Speaker.Speak(ctx, language, text)
	if err != nil {
		return nil, err
	}
	_ = c.keep(name, pcm) // the sound is there; the next call asks again
	return pcm, nil
}

func (c *Cache) key(language, text string) string {
	h := sha256.New()
	for _, part := range []string{c.Voice, language, text} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}

// keep writes a file that is either whole or not there.
func (c *Cache) keep(name string, pcm []int16) error {
	if err := os.MkdirAll(c.Folder, 0o750); err != nil {
		return fmt.Errorf("make the folder of spoken texts: %w", err)
	}
	f, err := os.CreateTemp(c.Folder, "new-*")
	if err != nil {
		return fmt.Errorf("keep a spoken text: %w", err)
	}
	err = wav.Write(f, pcm)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("keep a spoken text: %w", err)
	}
	return nil
}
