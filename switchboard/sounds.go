package switchboard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"hotline/call"
	"hotline/ivr"
	"hotline/media"
	"hotline/media/wav"
)

// speakWithin bounds text-to-speech: a caller hears silence meanwhile.
const speakWithin = 5 * time.Second

// Sounds are the prompts of a node, encoded once and shared by all who play them. Later layers replace earlier ones by name.
type Sounds struct {
	mu      sync.RWMutex
	byName  map[string]*media.Sound // "zh/welcome"
	layers  []fs.FS
	speaker ivr.Speaker // nil: texts cannot be spoken
	log     *slog.Logger
}

// errNoPrompt is returned for a prompt that no layer has.
var errNoPrompt = errors.New("no such prompt")

// LoadSounds reads every LANGUAGE/NAME.wav of the layers. A broken file is an error that names it.
func LoadSounds(speaker ivr.Speaker, log *slog.Logger, layers ...fs.FS) (*Sounds, error) {
	s := &Sounds{byName: map[string]*media.Sound{}, layers: layers, speaker: speaker, log: log}
	for _, layer := range layers {
		err := fs.WalkDir(layer, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.EqualFold(path.Ext(p), ".wav") {
				return err
			}
			sound, err := load(layer, p)
			if err == nil {
				s.byName[strings.TrimSuffix(p, path.Ext(p))] = sound
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read prompts: %w", err)
		}
	}
	return s, nil
}

func load(layer fs.FS, p string) (*media.Sound, error) {
	f, err := layer.Open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	clip, err := wav.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	return media.NewSound(clip.Samples), nil
}

// Refresh reads one prompt anew, which was added, replaced or removed. What plays it now goes on with the sound it began with.
func (s *Sounds) Refresh(language, name string) error {
	p := language + "/" + name
	var sound *media.Sound
	for _, layer := range slices.Backward(s.layers) {
		found, err := load(layer, p+".wav")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read prompts: %w", err)
		}
		sound = found
		break
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sound == nil {
		delete(s.byName, p)
	} else {
		s.byName[p] = sound
	}
	return nil
}

// Names are the file names that exist in any language, for checking flows.
func (s *Sounds) Names() map[string]bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := map[string]bool{}
	for n := range s.byName {
		names[path.Base(n)] = true
	}
	return names
}

// sound is a prompt's sound in a language, else one without words, else what another language has.
func (s *Sounds) sound(language, file string) (*media.Sound, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, lang := range []string{language, "any", "zh", "en"} {
		if found := s.byName[lang+"/"+file]; found != nil {
			return found, nil
		}
	}
	return nil, fmt.Errorf("%w: %s/%s", errNoPrompt, language, file)
}

// spoken is true where a prompt needs text-to-speech, which takes time.
func spoken(prompts []ivr.Prompt) bool {
	for _, p := range prompts {
		if p.File == "" {
			return true
		}
	}
	return false
}

// find gathers the sounds of prompts; what is missing is logged and passed over, so that the flow goes on.
func (s *Sounds) find(ctx context.Context, language string, prompts []ivr.Prompt) []*media.Sound {
	var all []*media.Sound
	for _, p := range prompts {
		found, err := s.one(ctx, language, p)
		if err != nil {
			s.log.Warn("prompt left out", "prompt", p.File, "err", err)
			continue
		}
		all = append(all, found)
	}
	return all
}

func (s *Sounds) one(ctx context.Context, language string, p ivr.Prompt) (*media.Sound, error) {
	if p.File != "" {
		return s.sound(language, p.File)
	}
	if s.speaker == nil {
		return nil, errors.New("no text-to-speech is configured")
	}
	pcm, err := s.speaker.Speak(ctx, language, p.Text)
	if err != nil {
		return nil, err
	}
	return media.NewSound(pcm), nil
}

// play starts a prompt. Text-to-speech is waited for elsewhere; when something newer plays by then it is dropped.
func (b *Switchboard) play(id call.ID, p *plugs, a call.Play) {
	p.now(a.Leg, a.Play)
	if !spoken(a.Prompts) {
		b.start(id, p, a, b.Sounds.find(context.Background(), a.Language, a.Prompts))
		return
	}
	line := p.legs[a.Leg]
	if line == nil || line.Stream() == nil {
		return
	}
	stream := line.Stream()
	stream.StopPlay()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), speakWithin)
		defer cancel()
		sounds := b.Sounds.find(ctx, a.Language, a.Prompts)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.playing[a.Leg] == a.Play {
			b.startOn(id, stream, a, sounds)
		}
	}()
}

// start plays sounds on a leg; with none it is done at once.
func (b *Switchboard) start(id call.ID, p *plugs, a call.Play, sounds []*media.Sound) {
	p.sound(a.Leg, func(s *media.Stream) { b.startOn(id, s, a, sounds) })
}

func (b *Switchboard) startOn(id call.ID, s *media.Stream, a call.Play, sounds []*media.Sound) {
	if len(sounds) > 0 {
		s.Play(media.Playback{ID: a.Play, Sounds: sounds, Loop: a.Loop})
	} else if !a.Loop {
		b.exchange.Send(id, call.PromptDone{Leg: a.Leg, Play: a.Play})
	}
}

// now remembers what plays on a leg; 0 is nothing.
func (p *plugs) now(id call.LegID, play int) {
	p.mu.Lock()
	p.playing[id] = play
	p.mu.Unlock()
}
