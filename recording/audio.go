package recording

import (
	"context"
	"fmt"
	"io"
	"os"

	"hotline/media/wav"
)

// Audio is a segment open for playing. As an io.ReadSeeker it is the file as it is: A-law stereo WAV. For one goroutine; close it.
type Audio struct {
	Row Row // as the store has it
	*io.SectionReader
	file *os.File
}

// Open opens the audio of a segment. One that is still being recorded plays up to what is in its file by now. Errors: ErrNotFound when there
// is no such row, or its audio is lost or gone.
func (r *Recorder) Open(ctx context.Context, id string) (*Audio, error) {
	row, err := r.store.Recording(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("look up recording %s: %w", id, err)
	}
	if row.State == Lost {
		return nil, fmt.Errorf("recording %s has no audio: %w", id, ErrNotFound)
	}
	f, err := r.folder.openFile(row.File, os.O_RDONLY)
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("recording %s: its file is gone: %w", id, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("open recording %s: %w", id, err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open recording %s: %w", id, err)
	}
	return &Audio{Row: row, SectionReader: io.NewSectionReader(f, 0, info.Size()), file: f}, nil
}

// Close closes the file.
func (a *Audio) Close() error { return a.file.Close() }

// Export is the whole of one channel, or of both mixed, as a PCM 16-bit WAV file made while it is read; it is for http.ServeContent.
// It reads from the Audio, which must stay open. The error wraps wav.ErrFormat.
func (a *Audio) Export(c wav.Channel) (*wav.PCM, error) {
	stereo, err := wav.OpenStereo(a.SectionReader, a.Size())
	if err != nil {
		return nil, fmt.Errorf("export recording %s: %w", a.Row.ID, err)
	}
	return stereo.PCM(c), nil
}

// Verify reads the file and compares it with the row's hash: nil when they agree or when the row has none yet.
func (a *Audio) Verify() error {
	if a.Row.SHA256 == "" {
		return nil
	}
	sum, err := hashOf(a.SectionReader, a.Size())
	if err != nil {
		return err
	}
	if sum != a.Row.SHA256 {
		return fmt.Errorf("recording %s is not what was sealed: its hash is %s", a.Row.ID, sum)
	}
	return nil
}
