package prompt

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"hotline/media/wav"
)

// Shelf is the prompts of a node: the folder of its own ones over those that are shipped. Its methods may be called from any goroutine.
type Shelf struct {
	Shipped fs.FS                             // nil: none
	Texts   map[string]string                 // what shipped prompts say, by LANGUAGE/NAME; nil: that is not known
	Changed func(language, name string) error // told of each prompt that was added or removed; nil: nobody

	folder string
	adding sync.Mutex // one conversion at a time, which bounds the memory
}

// NewShelf makes the folder if it is not there.
func NewShelf(folder string) (*Shelf, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("make the prompts folder: %w", err)
	}
	return &Shelf{folder: folder}, nil
}

const (
	ending   = ".wav"
	textual  = ".txt" // what a prompt says, beside it
	mostText = 4000   // bytes of it
)

func file(language, name string) string { return language + "/" + name + ending }

// Add reads a sound file and puts it on the shelf, instead of one of that name. text is what it says, "" where that is not known. Errors are
// ErrInvalid, ErrTooLarge, and those of the reader.
func (s *Shelf) Add(language, name string, sound io.Reader, text string) (Prompt, error) {
	if err := check(language, name); err != nil {
		return Prompt{}, err
	}
	s.adding.Lock()
	defer s.adding.Unlock()
	pcm, err := Read(sound)
	if err != nil {
		return Prompt{}, err
	}
	root, err := os.OpenRoot(s.folder)
	if err != nil {
		return Prompt{}, err
	}
	defer root.Close()
	err = write(root, language, name, pcm)
	if err == nil {
		err = note(root, language+"/"+name+textual, text)
	}
	if err != nil {
		return Prompt{}, fmt.Errorf("keep prompt %s/%s: %w", language, name, err)
	}
	if err := s.changed(language, name); err != nil {
		return Prompt{}, err
	}
	return s.one(root.FS(), file(language, name), false)
}

// write makes the new file whole before it takes the old one's place.
func write(root *os.Root, language, name string, pcm []int16) error {
	if err := root.Mkdir(language, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	part := file(language, name) + ".part"
	f, err := root.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	err = errors.Join(wav.WriteMono(f, pcm), f.Sync(), f.Close())
	if err == nil {
		err = root.Rename(part, file(language, name))
	}
	if err != nil {
		_ = root.Remove(part)
	}
	return err
}

// note keeps what a prompt says, or forgets it.
func note(root *os.Root, name, text string) error {
	if text != "" {
		return root.WriteFile(name, []byte(text[:min(len(text), mostText)]), 0o640)
	}
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (s *Shelf) changed(language, name string) error {
	if s.Changed == nil {
		return nil
	}
	return s.Changed(language, name)
}

// Remove takes an own prompt away; a shipped one of that name is heard again. Errors: ErrInvalid, ErrNotFound, ErrShipped.
func (s *Shelf) Remove(language, name string) error {
	if err := check(language, name); err != nil {
		return err
	}
	root, err := os.OpenRoot(s.folder)
	if err != nil {
		return err
	}
	defer root.Close()
	switch err := root.Remove(file(language, name)); {
	case errors.Is(err, fs.ErrNotExist) && s.ships(file(language, name)):
		return fault("conflict", "This prompt came with Hotline and stays; upload another one under its name instead.")
	case errors.Is(err, fs.ErrNotExist):
		return fault("not-found", "There is no such prompt.")
	case err != nil:
		return fmt.Errorf("remove prompt %s/%s: %w", language, name, err)
	}
	_ = root.Remove(language + "/" + name + textual) // there may be none
	return s.changed(language, name)
}

// Open is the WAV file that is heard under a name, to be closed by the caller. Errors: ErrInvalid, ErrNotFound.
func (s *Shelf) Open(language, name string) (fs.File, Prompt, error) {
	if err := check(language, name); err != nil {
		return nil, Prompt{}, err
	}
	for i, layer := range s.layers() {
		f, err := layer.Open(file(language, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, Prompt{}, fmt.Errorf("open prompt %s/%s: %w", language, name, err)
		}
		p, err := s.one(layer, file(language, name), i > 0)
		return f, p, err
	}
	return nil, Prompt{}, fault("not-found", "There is no such prompt.")
}

// layers are where prompts are looked for, in order.
func (s *Shelf) layers() []fs.FS {
	layers := []fs.FS{os.DirFS(s.folder)}
	if s.Shipped != nil {
		layers = append(layers, s.Shipped)
	}
	return layers
}

func (s *Shelf) ships(p string) bool {
	if s.Shipped == nil {
		return false
	}
	_, err := fs.Stat(s.Shipped, p)
	return err == nil
}

// List is all prompts that can be heard, by language and name. Files that cannot be read have no length.
func (s *Shelf) List() ([]Prompt, error) {
	seen := map[string]bool{}
	var all []Prompt
	for i, layer := range s.layers() {
		err := fs.WalkDir(layer, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(p) != ending || strings.Count(p, "/") != 1 || seen[p] {
				return err
			}
			seen[p] = true
			one, err := s.one(layer, p, i > 0)
			all = append(all, one)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("list prompts: %w", err)
		}
	}
	slices.SortFunc(all, func(a, b Prompt) int { return strings.Compare(a.Language+"/"+a.Name, b.Language+"/"+b.Name) })
	return all, nil
}

// one describes a file.
func (s *Shelf) one(layer fs.FS, p string, shipped bool) (Prompt, error) {
	f, err := layer.Open(p)
	if err != nil {
		return Prompt{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Prompt{}, err
	}
	language, rest, _ := strings.Cut(p, "/")
	out := Prompt{Language: language, Name: strings.TrimSuffix(rest, ending), Bytes: info.Size(), Shipped: shipped, Replaces: !shipped && s.ships(p)}
	if length, err := wav.Length(f, info.Size()); err == nil {
		out.Length = length
	}
	if out.Text = s.Texts[language+"/"+out.Name]; !shipped {
		text, _ := fs.ReadFile(layer, language+"/"+out.Name+textual) // there may be none
		out.Text = string(text)
	}
	return out, nil
}
